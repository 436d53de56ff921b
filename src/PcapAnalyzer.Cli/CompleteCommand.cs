using System.CommandLine;
using System.CommandLine.Completions;

namespace PcapAnalyzer.Cli;

/// <summary>
/// <c>pcap-analyzer complete -- WORD…</c>, hidden: prints the completions of the last word for the shell scripts of
/// <c>packaging/</c>. Each line is a candidate, a tab and a description. No output means that the shell completes a file name.
/// </summary>
internal static class CompleteCommand
{
    internal static Command Create(RootCommand root)
    {
        var words = new Argument<string[]>("WORD") { Description = "What stands behind the program's name, up to the cursor." };
        var command = new Command("complete", "Completes a command line.") { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (var (word, description) in Candidates(root, parsed.GetValue(words) ?? []))
                parsed.InvocationConfiguration.Output.WriteLine($"{word}\t{description}");
            return ExitCode.Success;
        });
        return command;
    }

    internal static IEnumerable<Command> Verbs(RootCommand root) => root.Subcommands.Where(verb => !verb.Hidden);

    /// <summary>Short names first, as in the help, and without Windows' /h.</summary>
    internal static IEnumerable<string> Names(Option option) => option.Aliases.Append(option.Name).Where(name => name[0] == '-')
        .OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal);

    internal static bool TakesValue(Option option) => option.Arity.MinimumNumberOfValues > 0;

    private static IEnumerable<(string Word, string Description)> Candidates(RootCommand root, string[] words)
    {
        var (last, before) = (words.LastOrDefault(""), words.SkipLast(1).ToList());
        var given = "";
        if (last.StartsWith("--", StringComparison.Ordinal) && last.IndexOf('=') is > 0 and var equals)
        {
            given = last[..(equals + 1)];
            before.Add(last[..equals]);
            last = last[(equals + 1)..];
        }
        var command = Verbs(root).FirstOrDefault(verb => before.Contains(verb.Name)) ?? root;
        var options = command.Options.Union(root.Options.Where(option => option.Recursive)).Where(option => !option.Hidden);
        var valued = options.FirstOrDefault(option => TakesValue(option) && before.Count > 0 && Names(option).Contains(before[^1]));
        var offered =
            valued != null ? Values(valued.CompletionSources)
            : last.StartsWith('-') ? options.SelectMany(option => Names(option).Select(name => (name, FirstSentence(option.Description))))
            : command == root ? Verbs(root).Select(verb => (verb.Name, FirstSentence(verb.Description)))
            : command.Arguments.SelectMany(argument => Values(argument.CompletionSources));
        return offered.Where(one => one.Item1.StartsWith(last, StringComparison.Ordinal)).Select(one => (given + one.Item1, one.Item2));

        static IEnumerable<(string, string)> Values(IEnumerable<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) =>
            sources.SelectMany(source => source(CompletionContext.Empty)).Select(item => (item.Label, ""));
    }

    private static string FirstSentence(string? description) => (description ?? "").Split(". ")[0].TrimEnd('.').ReplaceLineEndings(" ");
}
