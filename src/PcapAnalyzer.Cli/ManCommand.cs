using System.CommandLine;
using System.Globalization;
using System.Text;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer man</c>, hidden: generates the man page, in the macros of man(7), from the commands.</summary>
internal static class ManCommand
{
    internal static Command Create(RootCommand root)
    {
        var command = new Command("man", "Writes the man page.") { Hidden = true };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(Page(root));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Page(RootCommand root)
    {
        var about = root.Description!.ReplaceLineEndings(" ");
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $".TH PCAP\\-ANALYZER 1 \"{Date()}\" ");
        page.Append(CultureInfo.InvariantCulture, $"\"pcap\\-analyzer {Escaped(Version)}\" \"User Commands\"\n.nh\n.ad l\n");
        page.Append(".SH NAME\npcap\\-analyzer \\- ").Append(Escaped(char.ToLowerInvariant(about[0]) + about[1..about.IndexOf(':')]))
            .Append('\n');
        page.Append(".SH SYNOPSIS\n").AppendJoin(".br\n", CompleteCommand.Verbs(root)
            .Select(verb => $"{Bold($"pcap-analyzer {verb.Name}")} [options]{Arguments(verb)}\n"));
        page.Append(".SH DESCRIPTION\n").Append(Escaped(about)).Append("\n.SH COMMANDS\n");
        foreach (var verb in CompleteCommand.Verbs(root))
        {
            Entry(page, Bold(verb.Name) + Arguments(verb), verb.Description!);
            foreach (var argument in verb.Arguments)
                page.Append(".RS\n").Append(Italic(argument.Name)).Append(": ").Append(Escaped(argument.Description!)).Append("\n.RE\n");
        }
        page.Append(".SH OPTIONS\n");
        foreach (var verb in CompleteCommand.Verbs(root).Where(verb => verb.Options.Count > 0).Append(root))
        {
            page.Append(".SS ").Append(verb == root ? "General options" : $"Options of {Escaped(verb.Name)}").Append('\n');
            foreach (var option in verb.Options.Where(option => !option.Hidden))
                Entry(page, string.Join(", ", CompleteCommand.Names(option).Select(Bold))
                    + (CompleteCommand.TakesValue(option) ? $" {Italic(option.HelpName ?? "VALUE")}" : ""), option.Description!);
        }
        page.Append(".SH EXIT STATUS\n");
        foreach (var (code, meaning) in ExitCode.Meanings) Entry(page, Bold(code.ToString(CultureInfo.InvariantCulture)), meaning);
        page.Append(".SH ENVIRONMENT\n");
        Entry(page, Bold(CookieOptions.Variable), "One more cookie, which other users of the machine cannot see.");
        Entry(page, Bold("NO_COLOR"), "Where it is set, the text has no colour unless --color always asks for it.");
        Entry(page, $"{Bold("LC_ALL")}, {Bold("LC_CTYPE")}, {Bold("LANG")}",
            "Where they name another encoding than UTF-8, the text is ASCII.");
        page.Append(".SH EXAMPLES\n");
        foreach (var line in CompleteCommand.Verbs(root)
            .SelectMany(verb => HelpWithExamples.Of(root, verb).Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            var parts = line.Split("  ", 2);
            Entry(page, Bold(parts[0]), parts[^1].Trim());
        }
        return page.Append(".SH SEE ALSO\n.BR tcpdump (1),\n.BR pcap\\-filter (7)\n").ToString();
    }

    private static string Version => typeof(ManCommand).Assembly.GetName().Version!.ToString(3);

    /// <summary>The date from SOURCE_DATE_EPOCH, so that builds are reproducible; empty when it is not set.</summary>
    private static string Date() => long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), out var seconds)
        ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";

    private static void Entry(StringBuilder page, string term, string text) =>
        page.Append(".TP\n").Append(term).Append('\n').Append(Escaped(text)).Append('\n');

    private static string Arguments(Command verb) => string.Concat(verb.Arguments.Select(argument =>
    {
        var name = Italic(argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues > 0 ? $" {name}" : $" [{name}]";
    }));

    private static string Bold(string text) => $"\\fB{Escaped(text)}\\fR";

    private static string Italic(string text) => $"\\fI{Escaped(text)}\\fR";

    /// <summary>Escapes text for roff: a line begins with no request, and the text holds no escape sequence.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text is ['.' or '\'', ..] ? "\\&" : "");
        foreach (var rune in text.ReplaceLineEndings(" ").EnumerateRunes())
            escaped.Append(rune.Value switch
            {
                '\\' => "\\e",
                '-' => "\\-",
                '\'' => "\\(aq",
                '`' => "\\(ga",
                '~' => "\\(ti",
                '^' => "\\(ha",
                '"' => "\\(dq",
                < 127 => rune.ToString(),
                _ => $"\\[u{rune.Value:X4}]",
            });
        return escaped.ToString();
    }
}
