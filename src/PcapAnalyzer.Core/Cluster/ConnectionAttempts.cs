using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>Connections that never came to be: a SYN, and no SYN in return.</summary>
/// <param name="From">The host that dialled; port 0.</param>
/// <param name="To">What it dialled.</param>
/// <param name="How"><c>syn-unanswered</c>, <c>refused</c>, or the ICMP code.</param>
/// <param name="Times">Connections attempted; repeated SYNs of one are not counted.</param>
/// <param name="First">Time of the first SYN.</param>
/// <param name="Last">Time of the last packet.</param>
/// <param name="IsRepeated">A SYN was sent again, so that an answer had its time.</param>
public sealed record ConnectionAttempt(Endpoint From, Endpoint To, string How, int Times, long First, long Last, bool IsRepeated);

/// <summary>Collects failed attempts, one entry a host, target and way of failing; bounded.</summary>
internal sealed class ConnectionAttempts(int limit)
{
    private readonly Dictionary<(Endpoint From, Endpoint To, string How), ConnectionAttempt> _byKey = [];

    internal IReadOnlyList<ConnectionAttempt> All => [.. _byKey.Values.OrderBy(attempt => attempt.First)];

    internal void Note(ref Flow flow)
    {
        if (flow.IsSettled) return; // there was data
        var lowDialled = flow.Low is { Syns: > 0, IsSynAck: false };
        ref var dialler = ref flow.Half(lowDialled);
        ref var other = ref flow.Half(!lowDialled);
        if (dialler.Syns == 0 || dialler.IsSynAck || other.Syns > 0 || dialler.End > 0 || other.End > 0) return;
        var how = flow.Icmp.IsSet ? flow.Icmp.ToString() : other.Close == CloseKind.Rst ? "refused" : "syn-unanswered";
        // The rest of a connection whose SYN-ACK alone is missing is no failure.
        if (how == "syn-unanswered" && other.IsSeen) return;
        var key = (flow.EndpointOf(lowDialled).Host, flow.EndpointOf(!lowDialled), how);
        var known = _byKey.GetValueOrDefault(key);
        if (known == null && _byKey.Count >= limit) return;
        _byKey[key] = new ConnectionAttempt(
            key.Host, key.Item2, how, (known?.Times ?? 0) + 1, known?.First ?? flow.FirstTime, flow.LastTime,
            (known?.IsRepeated ?? false) || dialler.Syns > 1);
    }
}
