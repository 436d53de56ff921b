using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>
/// SYNs between endpoints that are connected. Anybody may send one, and a node only sends a challenge ACK (RFC 5961, 4.2): a SYN
/// begins another connection once the peer acknowledges it, and means nothing until then.
/// </summary>
/// <param name="limit">SYNs kept; beyond it the oldest goes.</param>
internal sealed class PendingSyns(int limit)
{
    /// <summary>Bytes kept of a frame: its headers, and the data that a SYN may carry.</summary>
    private const int MaxFrameBytes = 2048;

    /// <summary>When the SYN-ACK was not captured, an acknowledgement this far behind the SYN still belongs to its connection.</summary>
    private const uint Reach = 64 * 1024;

    private readonly OrderedDictionary<FlowKey, (uint Sequence, bool FromLow, bool IsFar, EvidenceFrame Frame)> _syns = [];

    /// <summary>Keeps a SYN.</summary>
    /// <param name="frame">Its frame.</param>
    /// <param name="syn">Its segment.</param>
    /// <param name="flow">The connection that is up.</param>
    internal void Add(in Frame frame, in TcpSegment syn, ref Connection flow)
    {
        if (_syns.TryGetValue(syn.Flow, out var before) && (before.Sequence, before.FromLow) == (syn.Sequence, syn.FromLow)) return;
        _syns.Remove(syn.Flow);
        if (_syns.Count >= limit) _syns.RemoveAt(0);
        ref var half = ref flow.Direction(syn.FromLow);
        var isFar = Math.Abs(half.OffsetOf(syn) - half.SeenTo) > 2 * Reach; // no acknowledgement of the connection that is up can mean it
        var bytes = frame.Bytes[..Math.Min(frame.Bytes.Length, MaxFrameBytes)].ToArray();
        _syns.Add(syn.Flow, (syn.Sequence, syn.FromLow, isFar,
            new EvidenceFrame(frame.Number, frame.Time, frame.Link, frame.Interface, bytes, frame.OriginalLength, syn.Source, syn.Flags,
            syn.Length)));
    }

    /// <summary>Removes and returns the SYN that a segment acknowledges; null where there is none.</summary>
    internal EvidenceFrame? AnsweredBy(in TcpSegment segment)
    {
        if (_syns.Count == 0 || !segment.Has(TcpFlags.Ack) || !_syns.TryGetValue(segment.Flow, out var syn)) return null;
        var behind = segment.Acknowledgment - (syn.Sequence + 1);
        if (syn.FromLow == segment.FromLow || !(segment.Has(TcpFlags.Syn) ? behind <= syn.Frame.Length : syn.IsFar && behind < Reach))
            return null;
        _syns.Remove(segment.Flow);
        return syn.Frame;
    }
}
