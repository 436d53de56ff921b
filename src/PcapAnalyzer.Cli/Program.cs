using System.CommandLine;
using System.CommandLine.Help;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>The composition root. Creates the verbs, and shows every error to the user in one line.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        ProcessStart.Prepare();
        AppDomain.CurrentDomain.UnhandledException += (_, fault) =>
        {
            TimelineScreen.Leave();
            Environment.Exit(Leave((Exception)fault.ExceptionObject));
        };
        var root = Verbs();
        try
        {
            return Invoke(root, arguments);
        }
        catch (Exception problem) when (problem is UsageException or FilterException)
        {
            var verb = Parse(root, arguments).CommandResult.Command;
            return Fail(ExitCode.Usage, $"{Words(problem)}\nTry 'pcap-analyzer{(verb is RootCommand ? "" : $" {verb.Name}")} --help'.");
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
            return Leave(problem);
        }
    }

    /// <summary>libpcap's message about a filter names neither the option nor the language.</summary>
    private static string Words(Exception problem) => problem is not FilterException ? problem.Message
        : $"--filter: {problem.Message}; write it as for tcpdump, like 'tcp port 4400 and host 10.0.4.7'";

    /// <exception cref="UsageException">The command line is invalid.</exception>
    internal static int Invoke(RootCommand root, IReadOnlyList<string> arguments)
    {
        var parsed = Parse(root, arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            if (parsed is { CommandResult.Command: RootCommand, UnmatchedTokens: [var word, ..] })
                throw new UsageException(NoVerb(root, word));
            throw new UsageException(parsed.Errors[0].Message.ReplaceLineEndings(" "));
        }
        using var words = new StringWriter(); // for help and the like: a failed write is reported as for a report
        var code = parsed.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = words
        });
        if (words.ToString() is { Length: > 0 } said) OutputFile.Write(null, stream => stream.Write(Console.OutputEncoding.GetBytes(said)));
        return code;
    }

    /// <summary>"@name" is a file's name here, not a list of arguments.</summary>
    private static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments) =>
        root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>Reports a bug as the process exits, after a broken screen has restored the terminal.</summary>
    private static int Leave(Exception problem)
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Fail(ExitCode.Internal, Crash.Line(problem));
        return ExitCode.Internal;
    }

    private static RootCommand Verbs()
    {
        var root = new RootCommand("Tells why two nodes of a cluster cannot connect: reads a packet capture, follows each node-to-node "
            + "authentication handshake, verifies its digests against the cookies you give, and says what went wrong.\n"
            + "Start with: pcap-analyzer report FILE");
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TopHelp((HelpAction)help.Action!);
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
            TopHelp.Write(root, parsed.InvocationConfiguration.Output);
            return ExitCode.Usage;
        });
        return root;
    }

    /// <summary>What the user may have meant by a word in place of a verb.</summary>
    private static string NoVerb(RootCommand root, string word)
    {
        if (word is ['-', _, ..])
            return $"{word}: no such option{Spelling.Hint(word, root.Options.SelectMany(CompleteCommand.Names))}";
        var verbs = CompleteCommand.Verbs(root).Select(verb => verb.Name).ToList();
        if (word == "-" || File.Exists(word)) return $"{word}: say what to do with it: pcap-analyzer report {word}";
        if (ExplainCommand.Knows(word)) return $"{word} is a diagnosis: pcap-analyzer explain {word}";
        return $"{word}: no such command{Spelling.Hint(word, verbs, $"; use {string.Join(", ", verbs)}")}";
    }

    private static int Fail(int code, string message)
    {
        var lines = message.Split('\n', 2);
        Messages.Write(lines[0]);
        if (lines.Length > 1) Console.Error.WriteLine(lines[1]);
        return code;
    }
}
