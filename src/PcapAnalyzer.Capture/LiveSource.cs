using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Captures one interface or several, on the caller's thread.</summary>
/// <remarks>
/// The kernel's buffers are the only queues. They fill while the handler is busy; packets are not copied, and the kernel counts
/// the packets that it drops. With several interfaces, the oldest packet is delivered first, as if there were one interface.
/// </remarks>
public sealed class LiveSource : IFrameSource
{
    /// <summary>Nanoseconds after which the kernel has delivered what it captured: its block timer needs up to two rounds.</summary>
    private const long Settling = 3 * LiveDevice.BlockTimeout * 1_000_000L;

    /// <summary>Timeout of a wait, in milliseconds. <see cref="TickInterval"/> is in nanoseconds.</summary>
    private const int Wait = 50;
    private const long TickInterval = 100_000_000;

    /// <summary>A busy source checks the clock after this many packets.</summary>
    private const int LookEvery = 1024;

    private readonly TimeProvider _clock;
    private readonly List<LiveDevice> _devices = [];
    private readonly SourceTally _tally;
    private LiveInterface[] _interfaces;
    private long _lastTick;

    /// <param name="names">Interface names; duplicates are ignored. <c>any</c> captures all interfaces, without their link-layer
    /// headers.</param>
    /// <exception cref="CaptureException">An interface does not exist or cannot be captured.</exception>
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
    /// Called several times a second, between packets and while none arrive, with the time (nanoseconds since 1970) up to which
    /// every packet has been delivered. It is a little behind the clock, and further behind when the handler cannot keep up.
    /// </summary>
    public Action<long>? OnTick { get; init; }

    /// <summary>Number of packets after which the capture ends; 0 for no limit.</summary>
    public long MaxPackets { get; init; }

    /// <summary>Called with each problem as soon as it appears. The report lists the same problems at the end.</summary>
    public Action<SourceProblem>? OnProblem { get; init; }

    /// <summary>All interfaces, gone ones too, as of the last tick, by <see cref="Frame.Interface"/>. Any thread may read it.</summary>
    public IReadOnlyList<LiveInterface> Interfaces => Volatile.Read(ref _interfaces);

    /// <remarks>
    /// A live capture usually ends with <paramref name="stop"/>. Packets captured before it are still delivered. The report names
    /// the problems of each interface. Reading also ends when no interface is left.
    /// </remarks>
    public CaptureSource Read(FrameHandler handler, CancellationToken stop)
    {
        var end = long.MaxValue;
        var complete = long.MinValue; // each packet up to this time was delivered, or is its device's next one
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
                // Another device may still deliver an older packet. A packet from the future means that the clock was set back:
                // do not wait then.
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

    /// <summary>Waits only for devices without a packet. The others would end the wait at once.</summary>
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
