using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>
/// SYNs between endpoints that are connected. Anybody may send one, and a node only asks back (RFC 5961, 4.2): it begins
/// another connection when a SYN-ACK answers it, and is nothing until then.
/// </summary>
/// <param name="limit">SYNs kept; beyond it the oldest goes.</param>
internal sealed class SynsAside(int limit)
{
    /// <summary>Bytes kept of a frame: headers, and the data that may stand in a SYN.</summary>
    private const int MaxFrameBytes = 2048;

    private readonly OrderedDictionary<FlowKey, (uint Sequence, bool FromLow, EvidenceFrame Frame)> _syns = [];

    internal void Add(in Frame frame, in TcpSegment syn)
    {
        if (_syns.TryGetValue(syn.Flow, out var before) && (before.Sequence, before.FromLow) == (syn.Sequence, syn.FromLow)) return;
        _syns.Remove(syn.Flow);
        if (_syns.Count >= limit) _syns.RemoveAt(0);
        var bytes = frame.Bytes[..Math.Min(frame.Bytes.Length, MaxFrameBytes)].ToArray();
        _syns.Add(syn.Flow, (syn.Sequence, syn.FromLow, new EvidenceFrame(frame.Number, frame.Time, frame.Link, frame.Interface, bytes, frame.OriginalLength, syn.Source, syn.Flags, syn.Length)));
    }

    /// <summary>The SYN that a SYN-ACK answers; null where there is none.</summary>
    internal EvidenceFrame? AnsweredBy(in TcpSegment synAck)
    {
        if (_syns.Count == 0 || !_syns.TryGetValue(synAck.Flow, out var syn) || syn.FromLow == synAck.FromLow || synAck.Acknowledgment != syn.Sequence + 1) return null;
        _syns.Remove(synAck.Flow);
        return syn.Frame;
    }
}
