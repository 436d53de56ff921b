using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What is known of one direction, since the generator made it.</summary>
internal sealed class History(BadNetwork network, bool client)
{
    private readonly (Segment Segment, int Index)[] _own = [.. All(network).Where(one => one.Segment.FromClient == client)];
    private readonly (Segment Segment, int Index)[] _peers =
        [.. All(network).Where(one => one.Segment.FromClient != client && one.Segment.Has(TcpFlags.Ack))];

    private readonly Dictionary<int, (byte Value, int Index)> _first = FirstVersions(network, client);

    internal bool Client => client;

    internal bool HasSyn => _own.Any(one => one.Segment.Has(TcpFlags.Syn));

    internal bool HasCuts => _own.Any(one => one.Segment.Kept < one.Segment.Payload.Length);

    /// <summary>Where the stream may begin for a reader that saw no SYN: at the first segment, or at the first acknowledgement.</summary>
    internal IEnumerable<int> Beginnings => [.. _own.Take(1).Select(one => one.Segment.At),
        .. _peers.Take(1).Select(one => one.Segment.Acknowledges)];

    /// <summary>All bytes that were captured of an offset, in that order, and the indices of their segments.</summary>
    internal IEnumerable<(byte Value, int Index)> Versions(int offset) =>
        _own.Where(one => one.Segment.At <= offset && offset < one.Segment.At + one.Segment.Kept)
            .Select(one => (one.Segment.Payload[offset - one.Segment.At], one.Index));

    /// <summary>The first of them; null when the byte was not captured.</summary>
    internal (byte Value, int Index)? FirstOf(int offset) => _first.TryGetValue(offset, out var first) ? first : null;

    /// <summary>The version of a byte that is to be read: the first, unless it had to wait and another one came when it was due.</summary>
    internal bool IsDue(int offset, int value) =>
        FirstOf(offset) is { } first && (first.Value == value
            || (HadToWait(network.Captured[first.Index], first.Index) && Versions(offset).Any(one => one.Value == value)));

    internal bool IsCaptured(int offset) => _first.ContainsKey(offset);

    /// <summary>Index of the first segment that brought the byte or any behind it.</summary>
    internal int Reached(int offset) => _own.Where(one => one.Segment.Kept > 0 && one.Segment.At + one.Segment.Kept > offset)
        .Select(one => one.Index).DefaultIfEmpty(int.MaxValue).First();

    /// <summary>A snapshot length cut it off a segment.</summary>
    internal bool IsCut(int offset) => _own.Any(one => offset >= one.Segment.At + one.Segment.Kept && offset < one.Segment.End);

    /// <summary>Indices of the peer's segments that acknowledge it.</summary>
    internal IEnumerable<int> Acknowledged(int offset) => _peers.Where(one => one.Segment.Acknowledges > offset).Select(one => one.Index);

    public override string ToString() => string.Join('\n', network.Captured.Select((segment, index) => $"{index,3} {segment}"));

    /// <summary>For bytes in front of it, or for bytes of the peer that it acknowledges.</summary>
    private bool HadToWait(Segment segment, int index) =>
        IsMissing(client, Beginnings.Min(), segment.At, index) || IsMissing(!client, 0, segment.Acknowledges, index);

    private bool IsMissing(bool ofClient, int from, int to, int index)
    {
        var captured = All(network).Where(one => one.Segment.FromClient == ofClient && one.Index < index).ToList();
        return Enumerable.Range(from, Math.Max(0, to - from))
            .Any(at => !captured.Exists(one => at >= one.Segment.At && at < one.Segment.At + one.Segment.Kept));
    }

    private static Dictionary<int, (byte Value, int Index)> FirstVersions(BadNetwork network, bool client)
    {
        var first = new Dictionary<int, (byte, int)>();
        foreach (var (segment, index) in All(network).Where(one => one.Segment.FromClient == client))
            for (var i = 0; i < segment.Kept; i++) first.TryAdd(segment.At + i, (segment.Payload[i], index));
        return first;
    }

    private static IEnumerable<(Segment Segment, int Index)> All(BadNetwork network) =>
        network.Captured.Select((segment, index) => (segment, index));
}
