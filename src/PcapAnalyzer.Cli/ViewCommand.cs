using System.CommandLine;
using System.CommandLine.Parsing;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer view FILE</c>: shows the timeline on the terminal.</summary>
internal sealed class ViewCommand
{
    /// <summary>Time in which the screen must close after a signal.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly InputOptions _input = new("to look at", "Captures: pcap or pcapng, plain or compressed with gzip or zstd; - for "
        + "standard input.");

    private readonly CookieOptions _cookies = new();

    private readonly Option<string> _theme = new("--theme")
    {
        HelpName = "NAME",
        Description = "auto follows the terminal's background; T changes it while it runs. NO_COLOR is respected.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<bool> _localTime = new("--local-time") { Description = "Show local times instead of UTC; Z changes it." };

    /// <summary>Hidden: it only tells the user that <c>report</c> has this option.</summary>
    private readonly Option<bool> _redact = new("--redact") { Hidden = true };

    private readonly AnalysisOptions _analysis;

    private readonly RootCommand _root;

    private ViewCommand(RootCommand root, AnalysisOptions analysis) => (_root, _analysis) = (root, analysis);

    internal static Command Create(RootCommand root, AnalysisOptions analysis)
    {
        var view = new ViewCommand(root, analysis);
        var command = new Command("view", "Shows every handshake on a screen: the list, the ladder of the selected one, what went wrong "
            + "and what to do. ? tells the keys.");
        HelpWithExamples.AddTo(root, command, """
            pcap-analyzer view node.pcap                                   the first problem is selected: read why
            pcap-analyzer view node.pcap --cookie-file ~/.erlang.cookie    and whether both know the cookie
            sudo pcap-analyzer view -i eth0                                as it happens
            ssh host tcpdump -U -s 0 -w - tcp | pcap-analyzer view -       as it happens elsewhere
            """, ExitCode.Line);
        command.Add(view._input.Files);
        command.AddAll(view._cookies.All, view._input.Live, [view._input.Filter], analysis.All,
            [view._theme, view._localTime, view._redact]);
        view._theme.TakesOneOf(["auto", .. TimelineScreen.ThemeNames]);
        command.SetAction(view.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_redact))
            throw new UsageException("--redact is for reports, since the screen shows the bytes themselves: pcap-analyzer report FILE "
                + "--redact");
        _input.Check(parsed);
        if (Console.IsOutputRedirected) return Report(parsed, "standard output is no terminal to draw on");
        if (Environment.GetEnvironmentVariable("TERM") is "dumb") return Report(parsed, "this terminal (TERM=dumb) cannot be drawn on");
        var inUse = new FilesInUse();
        _input.AddReadTo(inUse, parsed);
        _cookies.AddTo(inUse, parsed);
        _input.AddWrittenTo(inUse, parsed);
        var ring = _cookies.Read(parsed);
        if (_input.FilesOf(parsed).Contains("-") && !HasKeyboard())
            throw new UsageException("view - reads the capture from standard input and the keys from the terminal, and there is none: "
                + "pcap-analyzer report -");
        using var session = new CaptureSession(_input.OpenForScreen(parsed), ring, cookies =>
            _analysis.NewAnalysis(parsed, cookies, keepsEvidence: true), new AllCores());
        var actions = new TimelineActions
        {
            WriteFile = (path, write) =>
            {
                inUse.Check($"file {path}", path);
                OutputFile.Write(path, write, "file");
            },
            LocalZone = TimeZoneInfo.Local,
            Exists = File.Exists,
            ReadFile = path =>
            {
                var whole = path.StartsWith("~/", StringComparison.Ordinal)
                    ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..]) : path;
                inUse.Read("cookie file", whole);
                return CookieOptions.Content("cookie file", whole);
            },
            WritePackets = (path, packets) =>
            {
                inUse.Check($"file {path}", path);
                WritePackets(path, packets);
            },
        };
        using var stop = new InterruptSource();
        // A terminal that is gone never answers, and a screen that waits for it would never end.
        using var last = stop.Token.Register(() => _ = Task.Delay(Patience).ContinueWith(_ =>
        {
            TimelineScreen.Leave();
            Environment.Exit(ExitCode.Interrupted);
        }, TaskScheduler.Default));
        TimelineScreen.Run(session, actions, parsed.GetValue(_theme)!, parsed.GetValue(_localTime), stop.Token);
        if (stop.Token.IsCancellationRequested) return ExitCode.Interrupted;
        return session is { Failure: { } why, Packets: 0 } ? throw new CaptureException(why) : ExitCode.Success;
    }

    /// <summary>Without a screen, prints the text report for the same arguments.</summary>
    private int Report(ParseResult parsed, string why)
    {
        Messages.Write($"{why}: this is what report prints");
        var words = parsed.Tokens.Where(token => token.Type != TokenType.Option || token.Value != _localTime.Name)
            .Select(token => token.Type == TokenType.Command ? "report" : token.Value).ToList();
        var theme = words.IndexOf(_theme.Name);
        if (theme >= 0 && parsed.GetResult(_theme) is { Implicit: false }) words.RemoveRange(theme, 2);
        return Program.Invoke(_root, words);
    }

    /// <summary>True when /dev/tty can be opened. Keys are read from it when standard input is not the terminal.</summary>
    private static bool HasKeyboard()
    {
        try
        {
            File.OpenHandle("/dev/tty").Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void WritePackets(string path, IReadOnlyList<(EvidenceFrame Frame, string Comment)> packets) =>
        OutputFile.Write(path, stream =>
    {
        var writer = new PcapngWriter(stream, $"pcap-analyzer {JsonReport.Version}");
        var interfaces = new Dictionary<(int, LinkLayer), int>();
        foreach (var (frame, comment) in packets)
        {
            var key = (frame.Interface, frame.Link);
            if (!interfaces.TryGetValue(key, out var number)) interfaces[key] = number = writer.AddInterface("", frame.Link, 0);
            writer.Write(number, frame.ToFrame(), comment);
        }
        writer.Flush();
        if (writer.Failure is { } why) throw new InputException($"{path}: cannot be written: {why}");
    }, "file");
}
