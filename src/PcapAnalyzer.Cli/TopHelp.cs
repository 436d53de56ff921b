using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>The help of the program: its verbs on one screen of 80 columns. A verb has the usual help.</summary>
internal sealed class TopHelp(HelpAction usual) : SynchronousCommandLineAction
{
    private const int TermWidth = 17;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parsed)
    {
        usual.MaxWidth = TerminalWidth.ForReading;
        if (parsed.CommandResult.Command is not RootCommand root) return usual.Invoke(parsed);
        Write(root, parsed.InvocationConfiguration.Output);
        return ExitCode.Success;
    }

    internal static void Write(RootCommand root, TextWriter output)
    {
        foreach (var paragraph in root.Description!.Split('\n')) WriteWrapped(output, paragraph);
        output.WriteLine("\nUsage: pcap-analyzer <command> [options]\n\nCommands:");
        foreach (var verb in CompleteCommand.Verbs(root))
        {
            var arguments = string.Concat(verb.Arguments.Select(argument => $" {argument.Name}"));
            WriteEntry(output, $"{verb.Name}{arguments}", $"{verb.Description!.Split(':')[0].TrimEnd('.')}.");
        }
        output.WriteLine("\nOptions:");
        foreach (var option in root.Options)
            WriteEntry(output, string.Join(", ", CompleteCommand.Names(option)), option.Description!);
        output.WriteLine();
        WriteWrapped(output, "pcap-analyzer <command> --help tells the options of a command, with examples.");
    }

    private static void WriteEntry(TextWriter output, string term, string text) =>
        WriteWrapped(output, text, $"  {term}".PadRight(TermWidth) + " ", new string(' ', TermWidth + 1));

    private static void WriteWrapped(TextWriter output, string text, string first = "", string rest = "")
    {
        foreach (var line in CellText.Wrap(text, TerminalWidth.ForReading, first, rest)) output.WriteLine(line);
    }
}
