using System.CommandLine;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Interfaces for the screen; what comes is kept in <c>--write</c>, as a report does.</summary>
internal sealed class LiveInput : ICaptureInput
{
    private readonly LiveSource _source;
    private readonly CaptureWriter? _writer;
    private readonly TimeSpan? _duration;
    private Action<long> _tick = _ => { };

    /// <exception cref="CaptureException">An interface cannot be captured, or the file not be written.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal LiveInput(LiveCaptureOptions options, ParseResult parsed, string? filter)
    {
        _duration = options.Duration(parsed);
        _source = new LiveSource(options.Interfaces(parsed), options.Options(parsed, filter), TimeProvider.System)
        {
            MaxPackets = options.Count(parsed),
            OnTick = now =>
            {
                _writer?.Flush();
                _tick(now);
            },
        };
        _writer = options.Writer(parsed, $"pcap-analyzer {JsonReport.Version}");
        _writer?.Follow(_source);
    }

    public string Title => $"live on {string.Join(", ", _source.Interfaces.Select(one => one.Name))}";

    public bool IsLive => true;

    public int Count => 1;

    public CaptureCounters Counters => new(_source.Interfaces.Sum(one => one.Dropped), 0, 0);

    public CaptureSource Read(int index, FrameHandler handler, Action<long> tick, CancellationToken stop)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (_duration is { } time) ends.CancelAfter(time);
        _tick = tick;
        var report = _source.Read((in frame) =>
        {
            handler(frame);
            _writer?.Write(frame.Interface, frame);
        }, ends.Token);
        _writer?.Flush();
        if (report.Problems.Count > 0 && !stop.IsCancellationRequested) throw new CaptureException(report.Problems[^1].Detail);
        return report;
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _source.Dispose();
    }
}
