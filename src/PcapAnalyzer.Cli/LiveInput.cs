using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Reads live interfaces as one capture. <c>--write</c> keeps its packets.</summary>
internal sealed class LiveInput : IRunInput
{
    private readonly LiveSource _source;
    private readonly CaptureWriter? _writer;
    private readonly TimeSpan? _duration;
    private readonly Messages? _messages;
    private Action<long>? _tick;
    private bool _hasToldFailure;

    /// <param name="most">Packets after which the capture ends; 0 for no limit.</param>
    /// <param name="duration">The time after which it ends; null for no limit.</param>
    /// <param name="newWriter">Creates the file of <c>--write</c>; null where no packets are kept.</param>
    /// <param name="messages">Receives the problems of a report. Null for the screen, for which a problem that ends the capture
    /// is thrown.</param>
    /// <exception cref="CaptureException">An interface cannot be captured, or the file cannot be written.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal LiveInput(IReadOnlyList<string> names, LiveOptions options, long most, TimeSpan? duration, Func<CaptureWriter?> newWriter,
        Messages? messages)
    {
        _duration = duration;
        _messages = messages;
        _source = new LiveSource(names, options, TimeProvider.System)
        {
            MaxPackets = most,
            OnTick = Tick,
            OnProblem = problem => messages?.Say(problem.Detail),
        };
        _writer = newWriter(); // only now, because it replaces an existing file
        _writer?.Follow(_source);
    }

    public string Title => $"live on {string.Join(", ", Interfaces.Select(one => one.Name))}";

    public bool IsLive => true;

    public bool IsKept => _writer is { Failure: null };

    public int Count => 1;

    public CaptureCounters Counters => new(Interfaces.Sum(one => one.Dropped), 0, 0);

    public bool HasFailed => false;

    internal IReadOnlyList<LiveInterface> Interfaces => _source.Interfaces;

    public string NameOf(int capture, int @interface) => Interfaces[@interface].Name;

    public CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _messages?.Say($"listening on {string.Join(", ", Interfaces.Select(one => $"{one.Name} ({LinkLayers.NameOf(one.Link)})"))}; "
            + "Ctrl-C ends it");
        if (_duration is { } time) end.CancelAfter(time);
        _tick = tick;
        var read = _source.Read(_writer == null ? handler : (in frame) =>
        {
            handler(frame);
            _writer.Write(frame.Interface, frame);
        }, end.Token);
        Flush();
        if (_messages == null && read.Problems.Count > 0 && !stop.IsCancellationRequested)
            throw new CaptureException(read.Problems[^1].Detail);
        // Not every report format shows dropped packets.
        if (read.Dropped > 0)
            _messages?.Say($"{Interfaces.Sum(one => one.DroppedByKernel)} packets dropped by the kernel, "
                + $"{Interfaces.Sum(one => one.DroppedByInterface)} by the interface; a larger --buffer-size or a narrower --filter may "
                + "help");
        return read;
    }

    public void Dispose()
    {
        _writer?.Dispose(); // first, because it reads the source's counters once more
        _source.Dispose();
    }

    private void Tick(long now)
    {
        Flush();
        _tick?.Invoke(now);
    }

    private void Flush()
    {
        _writer?.Flush();
        if (_writer?.Failure is not { } why || _hasToldFailure) return;
        _hasToldFailure = true;
        _messages?.Say(why);
    }
}
