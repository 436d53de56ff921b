using System.CommandLine;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Reports;
using PcapAnalyzer.Core.Streams;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer view FILE</c>: the timeline on the terminal.</summary>
internal sealed class ViewCommand
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "Captures: pcap or pcapng, plain or compressed with gzip or zstd; - for standard input.", Arity = ArgumentArity.ZeroOrMore };

    private readonly CookieOptions _cookies = new();

    private readonly LiveCaptureOptions _live = new();

    private readonly Option<string?> _filter = new("--filter") { HelpName = "BPF", Description = "Look only at packets that this pcap-filter(7) expression lets through, like 'tcp port 4400'." };

    private readonly Option<string> _theme = new("--theme")
    {
        HelpName = "NAME",
        Description = "auto follows the terminal's background; T changes it while it runs. NO_COLOR is respected.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly AnalysisOptions _analysis;

    private ViewCommand(AnalysisOptions analysis) => _analysis = analysis;

    internal static Command Create(RootCommand root, AnalysisOptions analysis)
    {
        var view = new ViewCommand(analysis);
        var command = new Command("view", "Shows every handshake on a screen: the list, the ladder of the selected one, what went wrong and what to do. ? tells the keys.");
        HelpWithExamples.AddTo(root, command, """
            pcap-analyzer view node.pcap                                   the first problem is selected: read why
            pcap-analyzer view node.pcap --cookie-file ~/.erlang.cookie    and whether both know the cookie
            sudo pcap-analyzer view -i eth0                                as it happens
            ssh host tcpdump -U -s 0 -w - tcp | pcap-analyzer view -       as it happens elsewhere
            """, $"{ExitCode.Line}\n");
        command.Add(view._files);
        foreach (var option in (Option[])[.. view._cookies.All, .. view._live.All, view._filter, .. analysis.All, view._theme]) command.Add(option);
        view._theme.TakesOneOf(["auto", .. TimelineScreen.ThemeNames]);
        command.SetAction(view.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var files = parsed.GetValue(_files) ?? [];
        var isLive = _live.Interfaces(parsed).Count > 0;
        _live.Check(parsed);
        if (files.Length == 0 && !isLive) throw new UsageException("name a capture FILE to look at, or an interface with -i");
        if (files.Length > 0 && isLive) throw new UsageException("-i captures an interface and a FILE was captured before: name one of the two");
        if (files.Count(file => file == "-") > 1) throw new UsageException("standard input can be read once only");
        if (Console.IsOutputRedirected) throw new UsageException("view needs a terminal to draw on; in a pipe or a file: pcap-analyzer report");
        if (Environment.GetEnvironmentVariable("TERM") is "dumb") throw new UsageException("this terminal (TERM=dumb) cannot be drawn on: pcap-analyzer report");
        var ring = _cookies.Read(parsed);
        var filter = parsed.GetValue(_filter);
        ICaptureInput input = isLive ? new LiveInput(_live, parsed, filter) : new FileInput(files, filter);
        if (files.Contains("-") && !Keyboard.TakeBack()) throw new UsageException("view - reads the capture from standard input and the keys from the terminal, and there is none: pcap-analyzer report -");
        using var session = new CaptureSession(input, ring, cookies => _analysis.NewAnalyzer(parsed, cookies, keepsEvidence: true), new AllCores());
        var actions = new TimelineActions
        {
            WriteFile = (path, write) => OutputFile.Write(path, write, "file"),
            Exists = File.Exists,
            ReadFile = path => CookieOptions.Content("cookie file", path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..]) : path),
            WritePackets = WritePackets,
        };
        TimelineScreen.Run(session, actions, parsed.GetValue(_theme)!);
        return ExitCode.Success;
    }

    private static void WritePackets(string path, IReadOnlyList<(EvidenceFrame Frame, string Comment)> packets) => OutputFile.Write(path, stream =>
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
