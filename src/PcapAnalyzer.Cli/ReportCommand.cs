using System.CommandLine;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer report FILE</c>: one capture in, one report out.</summary>
internal sealed class ReportCommand
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "Captures: pcap or pcapng, plain or compressed with gzip or zstd; - for standard input. Several are read at once, and each is judged by itself.", Arity = ArgumentArity.ZeroOrMore };

    private readonly CookieOptions _cookies = new();

    private readonly LiveCaptureOptions _live = new();

    private readonly WhereOptions _where = new();

    private readonly AnalysisOptions _analysis;

    private ReportCommand(AnalysisOptions analysis) => _analysis = analysis;

    private readonly Option<string> _format = new("--format")
    {
        HelpName = "text|json|jsonl",
        Description = "text for people, json for programs (see --schema), jsonl for programs that follow: a handshake a line as soon as its outcome is known, again with a higher revision when something changed.",
        DefaultValueFactory = _ => "text",
    };

    private readonly Option<string?> _output = new("--output", "-o") { HelpName = "PATH", Description = "Write to a file, whole or not at all." };

    private readonly Option<string?> _writeHandshakes = HandshakesFile.NewOption();

    private readonly Option<bool> _redact = new("--redact") { Description = "Leave out what strangers need not know: nodes and hosts get neutral names, the same one each time, in the report and in --write-handshakes; challenges, digests, comments and the names of files and interfaces are not told. Addresses, ports, times, flags, statuses and the labels of cookies stay. A challenge and its digest let a weak cookie be guessed offline: share only what is redacted." };

    /// <summary>What nodes are called with --redact: the same in all that one run writes.</summary>
    private readonly Pseudonyms _names = new();

    private readonly Option<string?> _filter = new("--filter") { HelpName = "BPF", Description = "Look only at packets that this pcap-filter(7) expression lets through, like 'tcp port 4400'." };

    private readonly Option<string[]> _failOn = new("--fail-on")
    {
        HelpName = "OUTCOME",
        Description = $"Exit with 1 when a handshake has this outcome; a comma-separated list, or any for all but established and encrypted. With --where only handshakes that match count. One of: {string.Join(", ", Outcomes)}.",
    };

    private readonly Option<bool> _ladder = new("--ladder") { Description = "Draw each handshake as a ladder: two lifelines, an arrow a message, gaps to scale." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "One line a handshake." };

    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Every decoded field." };

    private readonly Option<string> _colour = new("--color")
    {
        HelpName = "auto|always|never",
        Description = "Colour the text. auto: on a terminal, unless NO_COLOR is set.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<bool> _ascii = new("--ascii") { Description = "No character beyond ASCII; by itself where the locale is not UTF-8." };

    private readonly Option<bool> _schema = new("--schema") { Description = "Print the JSON Schema of --format json and exit." };

    private readonly Option<string> _reader = new("--reader")
    {
        HelpName = "own|libpcap",
        Description = "Who reads files: own, or libpcap for comparison (no compressed files, no mixed link types).",
        DefaultValueFactory = _ => "own",
    };

    private static IEnumerable<string> Outcomes => Enum.GetValues<Outcome>().Select(outcome => outcome.Kebab());

    internal static Command Create(RootCommand root, AnalysisOptions analysis)
    {
        var report = new ReportCommand(analysis);
        var command = new Command("report", "Reports every handshake in a capture: who talked to whom, step by step, whether each digest proves the cookie, and how it ended.");
        HelpWithExamples.AddTo(root, command, """
            pcap-analyzer report node.pcap                                   who connected, who did not, and why
            pcap-analyzer report node.pcap --cookie-file ~/.erlang.cookie    and whether both know the cookie
            pcap-analyzer report node.pcap --ladder                          each handshake drawn, step by step
            pcap-analyzer report node.pcap --where problem                   only what went wrong
            pcap-analyzer report node.pcap --where 'web2 and duration > 1s'  only web2's slow ones: docs/where.md
            pcap-analyzer report node.pcap --format json | jq .handshakes    for programs
            ssh host tcpdump -U -s 0 -w - tcp | pcap-analyzer report -       each handshake as it happens, elsewhere
            sudo pcap-analyzer report -i eth0 -w node.pcapng                 or here, and keep the packets
            pcap-analyzer report node.pcap --write-handshakes proof.pcapng   their packets alone, to hand on
            pcap-analyzer report node.pcap --redact                          to hand on, without names and proofs
            pcap-analyzer report node.pcap -q --fail-on any                  for scripts: exit code 1 on trouble
            """, $"{ExitCode.Line}\n");
        command.Add(report._files);
        foreach (var option in report._cookies.All) command.Add(option);
        foreach (var option in report._live.All) command.Add(option);
        foreach (var option in (Option[])[report._format, report._output, report._writeHandshakes, report._redact, report._quiet, report._ladder, report._verbose, report._colour, report._ascii, report._where.Option, report._filter, .. analysis.All, report._failOn, report._schema, report._reader])
            command.Add(option);
        report._format.TakesOneOf("text", "json", "jsonl");
        report._colour.TakesOneOf("auto", "always", "never");
        report._reader.TakesOneOf("own", "libpcap");
        report._failOn.CompletionSources.Add([.. Outcomes, "any"]);
        command.SetAction(report.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_schema)) return PrintSchema();
        var files = parsed.GetValue(_files) ?? [];
        var isLive = _live.Interfaces(parsed).Count > 0;
        _live.Check(parsed);
        if (files.Length == 0 && !isLive) throw new UsageException("name a capture FILE to report on, or an interface with -i");
        if (files.Length > 0 && isLive) throw new UsageException("-i captures an interface and a FILE was captured before: name one of the two");
        if (files.FirstOrDefault(file => file.Length > 1 && file[0] == '-') is { } option) throw new UsageException($"{option}: no such option (a file of that name is ./{option})");
        if (files.Count(file => file == "-") > 1) throw new UsageException("standard input can be read once only");
        if (parsed.GetValue(_quiet) && parsed.GetValue(_verbose)) throw new UsageException("--quiet and --verbose contradict each other");
        if (parsed.GetValue(_quiet) && parsed.GetValue(_ladder)) throw new UsageException("--quiet and --ladder contradict each other");
        if (parsed.GetValue(_redact) && _cookies.WantsHashes(parsed)) throw new UsageException("--cookie-hash lets a weak cookie be guessed: leave it out with --redact");
        if (parsed.GetValue(_redact) && _live.Kept(parsed) != null) throw new UsageException("--write keeps packets as they are: with --redact, name a file with --write-handshakes instead");
        if (parsed.GetValue(_writeHandshakes) == "-") throw new UsageException($"{_writeHandshakes.Name} - would mix the packets with the report: name a file");
        CheckFiles(files, parsed);
        var failOn = FailOn(parsed);
        _where.Select(parsed, () => 0); // says at once what is wrong with it
        var ring = _cookies.Read(parsed);
        var (report, exitCode) = isLive ? RunLive(ring, parsed) : RunFiles(files, ring, parsed);
        if (exitCode != ExitCode.Success) return exitCode;
        return failOn.Overlaps(report.ListedOutcomes.Select(outcome => outcome.Kebab())) ? ExitCode.OutcomeFound : ExitCode.Success;
    }

    /// <summary>A stop is the usual end of a live capture, and no failure.</summary>
    private (CaptureReport Report, int ExitCode) RunLive(CookieRing ring, ParseResult parsed)
    {
        var analyzer = NewAnalysis(parsed, ring);
        var status = StatusLine.OnTerminal();
        using var stop = new InterruptSource();
        CaptureReport? report = null;
        var hasFailed = false;
        void Capture(LiveReport? live)
        {
            if (live != null)
            {
                analyzer.HandshakeKnown = handshake =>
                {
                    status.Clear();
                    live.Accept(handshake);
                };
            }
            using var capture = new LiveCapture(_live, parsed, parsed.GetValue(_filter), analyzer, status, stop.Token) { Live = live, Handshakes = Handshakes(parsed) };
            var source = capture.Run();
            analyzer.Finish();
            capture.Handshakes?.End();
            hasFailed = capture.Handshakes is { HasFailed: true };
            report = Build([new AnalyzedCapture(analyzer.Cluster, source)], ring, parsed);
            status.Clear();
            live?.Finish(report);
        }
        if (parsed.GetValue(_format) == "json")
        {
            Capture(null);
            Write(report!, parsed);
        }
        else OutputFile.Write(parsed.GetValue(_output), stream => Capture(NewLiveReport(analyzer, stream, parsed)));
        return (report!, hasFailed ? ExitCode.Input : ExitCode.Success);
    }

    private (CaptureReport Report, int ExitCode) RunFiles(IReadOnlyList<string> files, CookieRing ring, ParseResult parsed)
    {
        var progress = Progress.OnTerminal();
        using var sources = new SourceList(files, parsed.GetValue(_reader) == "own", parsed.GetValue(_filter), progress) { Handshakes = Handshakes(parsed) };
        using var stop = new InterruptSource(); // only once there is something to lose: what blocks before it must die at once
        var isTold = parsed.GetValue(_format) == "jsonl" || (parsed.GetValue(_format) == "text" && files is ["-"]);
        var report = isTold ? WriteWhileReading(sources, ring, parsed, stop.Token) : WriteReport(sources, ring, parsed, stop.Token, progress);
        return (report, stop.Token.IsCancellationRequested ? ExitCode.Interrupted : sources.HasFailed || sources.Handshakes is { HasFailed: true } ? ExitCode.Input : ExitCode.Success);
    }

    private CaptureReport WriteReport(SourceList sources, CookieRing ring, ParseResult parsed, CancellationToken stop, Progress progress)
    {
        var captures = sources.ReadAll(() => NewAnalysis(parsed, ring), stop);
        progress.Clear();
        GC.Collect(); // what the reading took, before the report takes room of its own
        var report = Build(captures, ring, parsed);
        Write(report, parsed);
        return report;
    }

    /// <summary>One capture after the other, since what is told of one is in the order in which things happened.</summary>
    private CaptureReport WriteWhileReading(SourceList sources, CookieRing ring, ParseResult parsed, CancellationToken stop)
    {
        var captures = new List<AnalyzedCapture>();
        OutputFile.Write(parsed.GetValue(_output), stream =>
        {
            for (var index = 0; index < sources.Count; index++)
            {
                var analyzer = NewAnalysis(parsed, ring);
                var live = NewLiveReport(analyzer, stream, parsed, ReportNumbers.After([.. captures.Select(before => before.Cluster)], isOneOfSeveral: sources.Count > 1));
                analyzer.HandshakeKnown = live.Accept;
                captures.Add(sources.Read(index, analyzer, stop));
                live.Finish(Build([captures[^1]], ring, parsed));
            }
        });
        return Build(captures, ring, parsed);
    }

    private LiveReport NewLiveReport(CaptureAnalysis analyzer, Stream stream, ParseResult parsed, ReportNumbers? numbers = null) => parsed.GetValue(_format) == "jsonl"
        ? new JsonLines(analyzer.Cluster, stream, numbers, _where.Select(parsed, () => analyzer.LastTime))
        : new LiveText(analyzer.Cluster, TextWriterOf(stream, parsed), Style(parsed, parsed.GetValue(_output) != null), _where.Select(parsed, () => analyzer.LastTime));

    private HandshakesFile? Handshakes(ParseResult parsed) => HandshakesFile.Of(parsed.GetValue(_writeHandshakes));

    private void CheckFiles(IReadOnlyList<string> files, ParseResult parsed)
    {
        var inUse = new FilesInUse();
        inUse.ReadCaptures(files);
        _cookies.AddTo(inUse, parsed);
        if (parsed.GetValue(_output) is { } output) inUse.Write(_output.Name, output);
        else
        {
            OutputFile.CheckStandardOutput(); // before the analysis, and before another output takes its place
            inUse.WriteStandardOutput();
        }
        _live.AddTo(inUse, parsed);
        inUse.Write(_writeHandshakes.Name, parsed.GetValue(_writeHandshakes));
    }

    private CaptureReport Build(IReadOnlyList<AnalyzedCapture> captures, CookieRing ring, ParseResult parsed)
    {
        var end = captures.Max(capture => capture.Cluster.Facts.Totals.LastTime);
        return ReportBuilder.Build(captures, _cookies.WantsHashes(parsed) ? ring : null, new AllCores()) with { Selection = _where.Select(parsed, () => end) };
    }

    private CaptureAnalysis NewAnalysis(ParseResult parsed, CookieRing ring) => _analysis.NewAnalysis(parsed, ring, keepsEvidence: parsed.GetValue(_writeHandshakes) != null, parsed.GetValue(_redact) ? _names : null);

    private HashSet<string> FailOn(ParseResult parsed)
    {
        var named = (parsed.GetValue(_failOn) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        if (named.Remove("any")) named.UnionWith(Outcomes.Except([Outcome.Established.Kebab(), Outcome.Encrypted.Kebab()]));
        var unknown = named.Except(Outcomes).FirstOrDefault();
        return unknown == null ? named : throw new UsageException($"--fail-on {unknown}: no such outcome; use {string.Join(", ", Outcomes)}, or any");
    }

    private void Write(CaptureReport report, ParseResult parsed)
    {
        var isJson = parsed.GetValue(_format) == "json";
        var path = parsed.GetValue(_output);
        OutputFile.Write(path, stream =>
        {
            if (isJson)
            {
                JsonReport.Write(report, stream);
                return;
            }
            using var writer = TextWriterOf(stream, parsed);
            TextReport.Write(report, writer, Style(parsed, path != null));
        });
    }

    private TextWriter TextWriterOf(Stream stream, ParseResult parsed)
    {
        var writer = new StreamWriter(stream, leaveOpen: true);
        return IsAscii(parsed) ? new AsciiWriter(writer) : writer;
    }

    private TextStyle Style(ParseResult parsed, bool toFile)
    {
        var detail = parsed.GetValue(_quiet) ? TextDetail.Quiet : parsed.GetValue(_verbose) ? TextDetail.Verbose : TextDetail.Normal;
        var auto = !toFile && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        var colour = parsed.GetValue(_colour) switch { "always" => true, "never" => false, _ => auto };
        return new TextStyle(colour, detail) { Ladder = parsed.GetValue(_ladder) ? new LadderStyle { Width = LadderWidth(toFile), IsAscii = IsAscii(parsed) } : null };
    }

    private bool IsAscii(ParseResult parsed) => parsed.GetValue(_ascii) || !IsUtf8();

    /// <summary>The terminal's, as far as the eye follows an arrow; a file or a pipe has none.</summary>
    private static int LadderWidth(bool toFile) => toFile || Console.IsOutputRedirected ? 80 : Math.Clamp(Console.WindowWidth, 60, 110);

    /// <summary>An unset locale says nothing about the terminal, and terminals are UTF-8 today.</summary>
    private static bool IsUtf8()
    {
        var locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return locale == null || locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
    }

    private static int PrintSchema()
    {
        OutputFile.Write(null, stream =>
        {
            using var schema = JsonReport.OpenSchema();
            schema.CopyTo(stream);
        });
        return ExitCode.Success;
    }
}
