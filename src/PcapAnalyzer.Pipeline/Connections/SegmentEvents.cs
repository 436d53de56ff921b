using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

public enum TransferEventKind
{
    /// <summary>Bytes were sent and are not in the capture.</summary>
    MissingBytes,

    /// <summary>Bytes were sent again.</summary>
    Retransmission,

    /// <summary>Bytes came after others that follow them.</summary>
    OutOfOrder,

    /// <summary>Bytes were sent again, and others in their place.</summary>
    DifferentCopy,
}

/// <summary>Segments of one kind in a row.</summary>
internal readonly record struct SegmentEvent(TransferEventKind Kind, int Count, long Time, long LastTime, long Frame);

/// <summary>The segments of one direction that were not the next ones, up to a limit. Nearly every connection has none.</summary>
internal sealed class SegmentEvents(int most)
{
    private List<SegmentEvent>? _events;
    private long _next;

    internal IReadOnlyList<SegmentEvent> All => _events ?? (IReadOnlyList<SegmentEvent>)[];

    /// <param name="kind">What it is.</param>
    /// <param name="frame">The segment's frame.</param>
    /// <param name="next">The offset of the next byte to deliver. While it stays, events of one kind are counted as one.</param>
    internal void Add(TransferEventKind kind, in Frame frame, long next)
    {
        _events ??= [];
        if (_events.Count > 0 && _events[^1].Kind == kind && _next == next)
            _events[^1] = _events[^1] with { Count = _events[^1].Count + 1, LastTime = frame.Time };
        else if (_events.Count < most) _events.Add(new SegmentEvent(kind, 1, frame.Time, frame.Time, frame.Number));
        _next = next;
    }
}
