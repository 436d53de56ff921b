using System.CommandLine;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>One live capture: packets to the analyzer and to the file that keeps them, until it is told to stop.</summary>
internal sealed class LiveCapture : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly LiveSource _source;
    private readonly CaptureWriter? _writer;
    private readonly CaptureAnalysis _analyzer;
    private readonly StatusLine _status;
    private readonly TimeSpan? _duration;
    private bool _hasFailed;

    /// <exception cref="CaptureException">An interface cannot be captured, or the file not be written.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal LiveCapture(LiveCaptureOptions options, ParseResult parsed, string? filter, CaptureAnalysis analyzer, StatusLine status, CancellationToken stop)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _analyzer = analyzer;
        _status = status;
        _duration = options.Duration(parsed);
        _source = new LiveSource(options.Interfaces(parsed), options.Options(parsed, filter), TimeProvider.System)
        {
            MaxPackets = options.Count(parsed),
            OnTick = Tick,
            OnProblem = problem => Say(problem.Detail),
        };
        _writer = options.Writer(parsed, $"pcap-analyzer {JsonReport.Version}");
        _writer?.Follow(_source);
    }

    /// <summary>What is told of handshakes meanwhile; null when nothing is.</summary>
    internal LiveReport? Live { get; init; }

    /// <summary>Where the packets of handshakes are written; null where they are not.</summary>
    internal HandshakesFile? Handshakes { get; init; }

    /// <summary>Captures until it is stopped, or no interface is left.</summary>
    internal CaptureSource Run()
    {
        Say($"listening on {string.Join(", ", _source.Interfaces.Select(one => $"{one.Name} ({LinkLayers.NameOf(one.Link)})"))}; Ctrl-C ends it");
        Handshakes?.BeginLive(_analyzer, index => _source.Interfaces[index].Name, Say);
        if (_duration is { } time) _stop.CancelAfter(time);
        var report = _source.Read(Accept, _stop.Token);
        _writer?.Flush();
        Handshakes?.Stop();
        Tick(0);
        if (report.Dropped > 0)
        {
            // Whatever the format: the report may not say it.
            Say($"{_source.Interfaces.Sum(one => one.DroppedByKernel)} packets dropped by the kernel, {_source.Interfaces.Sum(one => one.DroppedByInterface)} by the interface; a larger --buffer-size or a narrower --filter may help");
        }
        return report;
    }

    public void Dispose()
    {
        _writer?.Dispose(); // asks the source for its counters once more
        Handshakes?.Dispose();
        _source.Dispose();
        _stop.Dispose();
    }

    private void Accept(in Frame frame)
    {
        _analyzer.Accept(frame);
        _writer?.Write(frame.Interface, frame);
    }

    private void Tick(long now)
    {
        Handshakes?.Flush();
        _writer?.Flush();
        if (_writer?.Failure is { } why && !_hasFailed)
        {
            _hasFailed = true;
            Say(why);
        }
        _analyzer.Dropped = _source.Interfaces.Sum(one => one.Dropped);
        if (now > 0) _analyzer.Advance(now);
        _status.Show(_source.Interfaces, _analyzer.OpenConversations, Live);
    }

    private void Say(string what)
    {
        _status.Clear();
        Console.Error.WriteLine($"pcap-analyzer: {ReportText.Safe(what, 500)}");
    }
}
