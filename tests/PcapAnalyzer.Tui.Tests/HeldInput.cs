using System.Collections.Concurrent;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>A packet that waits to be read.</summary>
internal sealed record HeldFrame(long Number, long Time, LinkLayer Link, byte[] Bytes, int OriginalLength);

/// <summary>Captures in memory that are read step by step: what the test gives is read when it returns, and nothing else is.</summary>
internal sealed class HeldInput : ICaptureInput
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<BlockingCollection<Action<FrameHandler, Action<long>>>> _steps;
    private readonly Queue<HeldFrame>[] _left;

    internal HeldInput(string title, params IReadOnlyList<HeldFrame>[] captures)
    {
        Title = title;
        _left = [.. captures.Select(frames => new Queue<HeldFrame>(frames))];
        _steps = [.. captures.Select(_ => new BlockingCollection<Action<FrameHandler, Action<long>>>())];
    }

    public string Title { get; }

    public bool IsLive { get; init; }

    public bool IsKept { get => field || !IsLive; init; }

    public int Count => _left.Length;

    public CaptureCounters Counters { get; set; }

    internal bool IsDisposed { get; private set; }

    /// <summary>The frames of a capture of the repository.</summary>
    internal static IReadOnlyList<HeldFrame> FramesOf(string relative)
    {
        var frames = new List<HeldFrame>();
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, relative));
        source.Read((in frame) => frames.Add(new HeldFrame(frame.Number, frame.Time, frame.Link, frame.Bytes.ToArray(),
            frame.OriginalLength)), CancellationToken.None);
        return frames;
    }

    internal static IReadOnlyList<HeldFrame> FramesOf(IEnumerable<TracePacket> packets) =>
        [.. packets.OrderBy(packet => packet.Time).Select((packet, index) => (Number: index + 1, packet.Time, Bytes: packet.ToDatagram()))
            .Select(one => new HeldFrame(one.Number, one.Time, LinkLayer.Raw, one.Bytes, one.Bytes.Length))];

    /// <summary>The next frames are read.</summary>
    internal void Give(int frames, int capture = 0)
    {
        for (; frames > 0 && _left[capture].TryDequeue(out var next); frames--)
            _steps[capture].Add((handler, _) => handler(new Frame(next.Number, next.Time, next.Link, next.Bytes, next.OriginalLength)));
        Wait(capture);
    }

    /// <summary>The rest of every capture, each to its end, whoever reads it.</summary>
    internal void GiveAll()
    {
        for (var capture = 0; capture < Count; capture++)
        {
            foreach (var next in _left[capture]) _steps[capture]
                .Add((handler, _) => handler(new Frame(next.Number, next.Time, next.Link, next.Bytes, next.OriginalLength)));
            _left[capture].Clear();
            _steps[capture].CompleteAdding();
        }
    }

    /// <summary>No packet tells the time: this does.</summary>
    internal void Tell(long now, int capture = 0)
    {
        _steps[capture].Add((_, tick) => tick(now));
        Wait(capture);
    }

    internal void Fail(string why, int capture = 0) => _steps[capture].Add((_, _) => throw new CaptureException(why));

    public CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop)
    {
        long packets = 0;
        long bytes = 0;
        try
        {
            foreach (var step in _steps[index].GetConsumingEnumerable(stop))
            {
                step((in frame) =>
                {
                    packets++;
                    bytes += frame.Bytes.Length;
                    handler(frame);
                }, tick!);
            }
        }
        catch (OperationCanceledException)
        {
            // What was read stands.
        }
        return new CaptureSource
        {
            Kind = IsLive ? "interface" : "file",
            Name = Title,
            LinkTypes = [],
            Packets = packets,
            Bytes = bytes,
            Problems = []
        };
    }

    public void Dispose() => IsDisposed = true;

    private void Wait(int capture)
    {
        using var done = new ManualResetEventSlim();
        _steps[capture].Add((_, _) => done.Set());
        if (!done.Wait(Patience)) throw new TimeoutException("the session does not read");
    }
}
