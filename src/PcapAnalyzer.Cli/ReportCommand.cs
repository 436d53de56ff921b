using System.CommandLine;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>pcap-analyzer report FILE</c>: reads captures and writes one report.</summary>
internal sealed class ReportCommand
{
    private readonly InputOptions _input = new("to report on", "Captures: pcap or pcapng, plain or compressed with gzip or zstd; - for "
        + "standard input. Several are read at once, and each is judged by itself.");

    private readonly CookieOptions _cookies = new();

    private readonly OutputOptions _output = new();

    private readonly WhereOptions _where = new();

    private readonly AnalysisOptions _analysis;

    private ReportCommand(AnalysisOptions analysis) => _analysis = analysis;

    private readonly Option<string?> _writeHandshakes = HandshakesFile.NewOption();

    private readonly Option<bool> _redact = new("--redact")
    {
        Description = "Leave out what strangers need not know: nodes and hosts get neutral names, the same one each time, in the report "
            + "and in --write-handshakes; challenges, digests, comments and the names of files and interfaces are not told. Addresses, "
            + "ports, times, flags, statuses and the labels of cookies stay. A challenge and its digest let a weak cookie be guessed "
            + "offline: share only what is redacted.",
    };

    /// <summary>The pseudonyms for <c>--redact</c>, the same in all output of one run.</summary>
    private readonly Pseudonyms _names = new();

    private readonly FailOnOption _failOn = new();

    private readonly Option<bool> _schema = new("--schema") { Description = "Print the JSON Schema of --format json and exit." };

    private readonly Option<string> _reader = new("--reader")
    {
        HelpName = "own|libpcap",
        Description = "Which reader to use for files: own, or libpcap for comparison (no compressed files, no mixed link types).",
        DefaultValueFactory = _ => "own",
    };

    internal static Command Create(RootCommand root, AnalysisOptions analysis)
    {
        var report = new ReportCommand(analysis);
        var command = new Command("report", "Reports every handshake in a capture: who talked to whom, step by step, whether each digest "
            + "proves the cookie, and how it ended.");
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
            """, ExitCode.Line);
        command.Add(report._input.Files);
        command.AddAll(report._cookies.All, report._input.Live,
            [report._output.Format, report._output.Output, report._writeHandshakes, report._redact], report._output.OfText,
            [report._where.Option, report._input.Filter], analysis.All, [report._failOn.Option, report._schema, report._reader]);
        report._reader.TakesOneOf("own", "libpcap");
        command.SetAction(report.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_schema)) return PrintSchema();
        Check(parsed);
        var failsOn = _failOn.Read(parsed);
        _where.Select(parsed, () => 0); // reports an invalid expression now
        var ring = _cookies.Read(parsed);
        var isLive = _input.IsLive(parsed);
        var messages = new Messages();
        using var input = _input.Open(parsed, parsed.GetValue(_reader) == "libpcap", messages);
        using var handshakes = HandshakesFile.Of(parsed.GetValue(_writeHandshakes), messages);
        using var stop = new InterruptSource(); // only now, because until here a signal must end the program at once
        var names = parsed.GetValue(_redact) ? _names : null;
        CaptureAnalysis NewAnalysis() => _analysis.NewAnalysis(parsed, ring, keepsEvidence: handshakes != null, names);
        var run = new CaptureRun(input, NewAnalysis, handshakes, messages);

        CaptureReport Build(IReadOnlyList<AnalyzedCapture> captures)
        {
            var end = captures.Max(capture => capture.Cluster.Facts.Totals.LastTime);
            return ReportBuilder.Build(captures, _cookies.WantsHashes(parsed) ? ring : null, new AllCores())
                with
            { Selection = _where.Select(parsed, () => end) };
        }

        CaptureReport report = null!;
        if (_output.IsToldMeanwhile(parsed, input.IsLive))
        {
            OutputFile.Write(_output.Path(parsed), stream => report = run.ReadAndTell((analysis, numbers) =>
                _output.NewLiveReport(parsed, analysis, stream, numbers, _where.Select(parsed, () => analysis.LastTime)),
                Build, stop.Token));
        }
        else
        {
            report = run.Read(Build, stop.Token);
            _output.Write(parsed, report);
        }
        // A live capture usually ends with a signal. For files, a signal means that a part is missing.
        if (!isLive && stop.Token.IsCancellationRequested) return ExitCode.Interrupted;
        if (run.HasFailed) return ExitCode.Input;
        return failsOn(report) ? ExitCode.OutcomeFound : ExitCode.Success;
    }

    /// <summary>Rejects an invalid command line before anything is opened.</summary>
    private void Check(ParseResult parsed)
    {
        _input.Check(parsed);
        if (_input.FilesOf(parsed).FirstOrDefault(file => file.Length > 1 && file[0] == '-') is { } option)
        {
            var known = parsed.CommandResult.Command.Options.SelectMany(CompleteCommand.Names);
            throw new UsageException($"{option}: no such option{Spelling.Hint(option, known, $" (a file of that name is ./{option})")}");
        }
        _output.Check(parsed);
        if (parsed.GetValue(_redact) && _cookies.WantsHashes(parsed))
            throw new UsageException("--cookie-hash lets a weak cookie be guessed: leave it out with --redact");
        if (parsed.GetValue(_redact) && _input.KeepsPackets(parsed))
            throw new UsageException("--write keeps packets as they are: with --redact, name a file with --write-handshakes instead");
        if (parsed.GetValue(_writeHandshakes) == "-")
            throw new UsageException($"{_writeHandshakes.Name} - would mix the packets with the report: name a file");
        var inUse = new FilesInUse();
        _input.AddReadTo(inUse, parsed);
        _cookies.AddTo(inUse, parsed);
        _output.AddTo(inUse, parsed);
        _input.AddWrittenTo(inUse, parsed);
        inUse.Write(_writeHandshakes.Name, parsed.GetValue(_writeHandshakes));
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
