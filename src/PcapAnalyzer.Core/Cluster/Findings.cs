using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>Something seen outside any handshake that explains why there is none.</summary>
/// <param name="Code">The cause.</param>
/// <param name="From">Address of the host that dialled.</param>
/// <param name="To">What it dialled.</param>
/// <param name="Node">The node that listens there, where it is known.</param>
/// <param name="How"><c>syn-unanswered</c>, <c>refused</c>, or the ICMP code.</param>
/// <param name="Times">Connections attempted.</param>
/// <param name="Summary">What happened.</param>
/// <param name="Remedy">What to change.</param>
public sealed record Finding(DiagnosisCode Code, string From, Endpoint To, string? Node, string How, int Times, string Summary, string Remedy);

public static class Findings
{
    /// <summary>A SYN that was sent once has this long (ns) before it counts as unanswered.</summary>
    private const long AnswerTime = 1_000_000_000;

    /// <summary>Failed attempts to reach an endpoint that is known to be a node's.</summary>
    public static IEnumerable<Finding> Of(ClusterView cluster)
    {
        foreach (var attempt in cluster.Facts.Attempts)
        {
            if (!cluster.Endpoints.TryGetValue(attempt.To, out var node)) continue;
            var isTooEarly = attempt.How == "syn-unanswered" && !attempt.IsRepeated && cluster.Facts.LastTime - attempt.First < AnswerTime;
            if (!isTooEarly) yield return Unreachable(attempt, node);
        }
    }

    private static Finding Unreachable(ConnectionAttempt attempt, NodeEndpoint node)
    {
        var from = attempt.From.Address.ToString();
        var target = node.Node == null ? $"{attempt.To}" : $"{node.Node} at {attempt.To}";
        var (what, remedy) = attempt.How switch
        {
            "syn-unanswered" => ("nothing answered", "Look for a firewall or a wrong address between the two: packets to this port vanish."),
            "refused" => ("the connection was refused", "Nothing listens there: is the node down, or does it advertise a wrong host:port?"),
            _ => ($"the network answered {attempt.How}", "Look at the router or firewall that sent this ICMP message."),
        };
        var times = attempt.Times == 1 ? "once" : $"{attempt.Times} times";
        return new Finding(
            DiagnosisCode.Unreachable, from, attempt.To, node.Node, attempt.How, attempt.Times,
            $"{from} dialled {target} {times}: {what}.", remedy);
    }
}
