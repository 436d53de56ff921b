using System.CommandLine;
using System.CommandLine.Help;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Core.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>The composition root: verbs, and every error that reaches the user, in one line.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var verb = "";
        try
        {
            var root = Verbs();
            // "@name" is a file's name here, not a list of arguments.
            var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            verb = parsed.CommandResult.Command is RootCommand ? "" : $" {parsed.CommandResult.Command.Name}";
            if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true }) throw new UsageException(parsed.Errors[0].Message.ReplaceLineEndings(" "));
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception problem) when (problem is UsageException or FilterException)
        {
            return Fail(ExitCode.Usage, $"{problem.Message}\nTry 'pcap-analyzer{verb} --help'.");
        }
        catch (Exception problem) when (problem is CaptureException or InputException)
        {
            return Fail(ExitCode.Input, problem.Message);
        }
        catch (BrokenPipeException)
        {
            return ExitCode.BrokenPipe;
        }
        catch (Exception problem)
        {
            return Fail(ExitCode.Internal, $"this should not happen: {problem.GetType().Name}: {problem.Message}\nPlease report it with the command line and, if you may share it, the capture.");
        }
    }

    private static RootCommand Verbs()
    {
        var root = new RootCommand("""
            Tells why two nodes of a cluster cannot connect: reads a packet capture, follows each node-to-node
            authentication handshake, verifies its digests against the cookies you give, and says what went wrong.
            Start with: pcap-analyzer report FILE
            """);
        var analysis = new AnalysisOptions();
        root.Add(analysis.Parser);
        root.Add(ReportCommand.Create(root, analysis));
        root.Add(ViewCommand.Create(root, analysis));
        root.Add(InterfacesCommand.Create(root));
        root.Add(ExplainCommand.Create(root));
        root.Add(CompleteCommand.Create(root));
        root.Add(ManCommand.Create(root));
        root.SetAction(parsed =>
        {
            new HelpAction().Invoke(parsed);
            return ExitCode.Usage;
        });
        return root;
    }

    private static int Fail(int code, string message)
    {
        var lines = message.Split('\n', 2);
        Console.Error.WriteLine($"pcap-analyzer: {ReportText.Safe(lines[0], 500)}");
        if (lines.Length > 1) Console.Error.WriteLine(lines[1]);
        return code;
    }
}
