using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Captures one interface or several, on the caller's thread.</summary>
/// <remarks>
/// The kernel's buffers are the only queues: they fill while the handler is busy, nothing is copied aside, and what does not
/// fit is counted by the kernel. Of several interfaces the oldest packet goes first, as if there were one.
/// </remarks>
public sealed class LiveSource : IFrameSource
{
    /// <summary>Nanoseconds after which the kernel has surely handed over what it captured: its timer needs up to two rounds.</summary>
    private const long Settling = 3 * LiveDevice.BlockTimeout * 1_000_000L;

    /// <summary>Milliseconds of a wait, and nanoseconds from tick to tick.</summary>
    private const int Wait = 50;
    private const long TickInterval = 100_000_000;

    /// <summary>Packets after which a busy source looks at the clock.</summary>
    private const int LookEvery = 1024;

    private readonly TimeProvider _clock;
    private readonly List<LiveDevice> _devices = [];
    private readonly SourceTally _tally;
    private LiveInterface[] _interfaces;
    private long _lastTick;

    /// <param name="names">Interfaces, each once; <c>any</c> is all of them, without their link layers.</param>
    /// <exception cref="CaptureException">One of them cannot be captured.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    public LiveSource(IEnumerable<string> names, LiveOptions options, TimeProvider clock)
    {
        _clock = clock;
        var found = NetworkInterfaces.Found();
        try
        {
            foreach (var name in names.Distinct())
            {
                var which = found.FirstOrDefault(one => one.Name == name)
                    ?? throw new CaptureException($"{name}: no such interface; there are "
                        + $"{string.Join(", ", found.Where(NetworkInterfaces.IsUseful).Select(one => one.Name))}");
                _devices.Add(LiveDevice.Open(_devices.Count, which, options));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        _interfaces = States();
        _tally = new SourceTally("interface", string.Join(", ", _devices.Select(device => device.Name)));
        foreach (var device in _devices) _tally.AddLink(device.State.Link);
    }

    /// <summary>
    /// Is told several times a second, between packets, also while there are none, up to what time (nanoseconds since 1970)
    /// every packet has been delivered: a little behind the clock, and further behind when the handler cannot keep up.
    /// </summary>
    public Action<long>? OnTick { get; init; }

    /// <summary>Packets after which it ends by itself; 0 for never.</summary>
    public long MaxPackets { get; init; }

    /// <summary>Is told at once what the report says at the end.</summary>
    public Action<SourceProblem>? OnProblem { get; init; }

    /// <summary>
    /// All interfaces, those that are gone too, as they were at the last tick, by <see cref="Frame.Interface"/>. Any thread may
    /// ask.
    /// </summary>
    public IReadOnlyList<LiveInterface> Interfaces => Volatile.Read(ref _interfaces);

    /// <remarks>
    /// A stop is the usual end: what was captured before it is still delivered. The report names the problems of single
    /// interfaces; it ends by itself when none is left.
    /// </remarks>
    public CaptureSource Read(FrameHandler handler, CancellationToken stop)
    {
        var end = long.MaxValue;
        var complete = long.MinValue; // every packet up to this time is delivered, or the next of its device
        for (var turn = 1; ; turn++)
        {
            if (end == long.MaxValue && stop.IsCancellationRequested) end = Now();
            var next = Oldest();
            if (next == null || (next.Time > complete && !HaveAllPackets()))
            {
                var now = Now();
                LookAgain();
                if (_devices.TrueForAll(device => device.Failure != null)) break;
                complete = now - Settling;
                next = Oldest();
                Tick(now, next == null ? complete : Math.Min(complete, next.Time));
                if (next == null && complete >= end) break;
                // Another may still have an older one; but a time to come, of a clock that was set back, waits for nothing.
                if (next == null || (next.Time > complete && next.Time <= now && !HaveAllPackets()))
                {
                    WaitForPackets();
                    continue;
                }
            }
            else if (turn % LookEvery == 0)
            {
                Tick(Now(), _tally.Last);
            }
            if (next.Time > end) break;
            Deliver(next, handler);
            if (_tally.Packets == MaxPackets) break;
        }
        return Report();
    }

    public void Dispose()
    {
        foreach (var device in _devices) device.Dispose();
    }

    private void Deliver(LiveDevice device, FrameHandler handler)
    {
        device.Packets++;
        var bytes = device.Bytes;
        handler(new Frame(_tally.Count(device.Time, bytes.Length), device.Time, device.State.Link, bytes, device.OriginalLength,
            device.Index));
        Advance(device);
    }

    private void Advance(LiveDevice device)
    {
        device.Advance();
        if (device.Failure != null)
            Say(new SourceProblem("interface-gone", $"{device.Name}: the capture ended after packet {_tally.Packets}: {device.Failure}",
                null));
    }

    private LiveDevice? Oldest()
    {
        LiveDevice? oldest = null;
        foreach (var device in _devices)
            if (device.HasPacket && (oldest == null || device.Time < oldest.Time)) oldest = device;
        return oldest;
    }

    private bool HaveAllPackets() => _devices.TrueForAll(device => device.HasPacket || device.Failure != null);

    private void LookAgain()
    {
        foreach (var device in _devices)
            if (!device.HasPacket && device.Failure == null) Advance(device);
    }

    /// <summary>Those that have one already would end the wait at once.</summary>
    private void WaitForPackets()
    {
        Span<int> descriptors = stackalloc int[_devices.Count];
        var count = 0;
        foreach (var device in _devices)
            if (!device.HasPacket && device.Failure == null) descriptors[count++] = device.Descriptor;
        Libpcap.Wait(descriptors[..count], count == _devices.Count ? Wait : LiveDevice.BlockTimeout);
    }

    private void Tick(long now, long complete)
    {
        if (now - _lastTick < TickInterval && now >= _lastTick) return;
        _lastTick = now;
        Watch();
        OnTick?.Invoke(Math.Max(complete, _tally.Last));
    }

    private void Watch()
    {
        foreach (var device in _devices)
            if (device.Watch() is { } problem) Say(problem);
        Volatile.Write(ref _interfaces, States());
    }

    private CaptureSource Report()
    {
        Watch();
        foreach (var one in _interfaces) _tally.Add(new SourceInterface(one.Name, LinkLayers.NameOf(one.Link), one.Dropped));
        return _tally.Report();
    }

    private LiveInterface[] States() => [.. _devices.Select(device => device.State)];

    private void Say(SourceProblem problem)
    {
        _tally.Add(problem);
        OnProblem?.Invoke(problem);
    }

    private long Now() => (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
