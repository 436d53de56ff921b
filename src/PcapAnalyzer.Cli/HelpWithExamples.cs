using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PcapAnalyzer.Cli;

/// <summary>The usual help, and behind it what people really type.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction usual, Command command, string examples) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parsed)
    {
        usual.Invoke(parsed);
        if (parsed.CommandResult.Command == command)
            parsed.InvocationConfiguration.Output.WriteLine($"Examples:\n  {examples.ReplaceLineEndings("\n  ")}\n");
        return ExitCode.Success;
    }

    internal static void AddTo(RootCommand root, Command command, string examples)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, command, examples);
    }
}
