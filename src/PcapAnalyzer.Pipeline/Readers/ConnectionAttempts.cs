using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Collects failed attempts, one fact a host, target and way of failing; bounded.</summary>
internal sealed class ConnectionAttempts(int limit, int mostArp)
{
    private readonly ArpRequests _arp = new(mostArp);
    private readonly Dictionary<(Endpoint From, Endpoint To, string How), ConnectionAttempt> _byKey = [];

    /// <summary>All of them by the time of their first SYN.</summary>
    internal IEnumerable<ConnectionAttempt> All =>
        _byKey.Values.Concat(_arp.Unanswered).OrderBy(attempt => attempt.First).Select((attempt, at) => attempt with { Number = at + 1 });

    /// <inheritdoc cref="ArpRequests.Note"/>
    internal void NoteArp(ReadOnlySpan<byte> packet, long time) => _arp.Note(packet, time);

    internal void Note(ref Connection flow)
    {
        if (flow.IsSettled) return; // there was data
        var lowDialled = flow.Low is { Syns: > 0, IsSynAck: false };
        ref var dialler = ref flow.Direction(lowDialled);
        ref var other = ref flow.Direction(!lowDialled);
        if (dialler.Syns == 0 || dialler.IsSynAck || other.Syns > 0 || dialler.SeenTo > 0 || other.SeenTo > 0) return;
        var how = flow.Icmp.IsSet ? flow.Icmp.ToString() : other.HasReset ? "refused" : "syn-unanswered";
        // The rest of a connection whose SYN-ACK alone is missing is no failure.
        if (how == "syn-unanswered" && other.IsSeen) return;
        var key = (flow.EndpointOf(lowDialled).Host, flow.EndpointOf(!lowDialled), how);
        var known = _byKey.GetValueOrDefault(key);
        if (known == null && _byKey.Count >= limit) return;
        _byKey[key] = new ConnectionAttempt
        {
            From = key.Host,
            To = key.Item2,
            How = how,
            Times = (known?.Times ?? 0) + 1,
            First = known?.First ?? flow.FirstTime,
            Last = flow.LastTime,
            IsRepeated = (known?.IsRepeated ?? false) || dialler.Syns > 1,
        };
    }
}
