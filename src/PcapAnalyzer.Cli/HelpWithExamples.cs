using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>The standard help, followed by examples and a closing line.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction usual, Command command, string examples, string closing)
    : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parsed)
    {
        usual.Invoke(parsed);
        if (parsed.CommandResult.Command != command) return ExitCode.Success;
        var output = parsed.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        var lines = examples.Split('\n');
        var isNarrow = lines.Max(line => line.Length) + 2 > TerminalWidth.ForReading;
        foreach (var line in lines)
        {
            var parts = line.Split("  ", 2, StringSplitOptions.TrimEntries);
            output.WriteLine(isNarrow ? $"  {parts[0]}\n      {parts[1]}" : $"  {line}");
        }
        if (closing.Length == 0) return ExitCode.Success;
        output.WriteLine();
        foreach (var line in CellText.Wrap(closing, TerminalWidth.ForReading)) output.WriteLine(line);
        return ExitCode.Success;
    }

    /// <param name="examples">Each line is a command, two spaces or more, and its purpose.</param>
    internal static void AddTo(RootCommand root, Command command, string examples, string closing = "")
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, command, examples, closing);
    }

    /// <summary>The examples of one command.</summary>
    internal static string Of(RootCommand root, Command command) =>
        (root.Options.OfType<HelpOption>().Single().Action as HelpWithExamples)?.For(command) ?? "";

    private string For(Command other) => other == command ? examples : (usual as HelpWithExamples)?.For(other) ?? "";
}
