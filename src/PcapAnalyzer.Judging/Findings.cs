using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Judging;

/// <summary>Something seen outside any handshake that explains why there is none.</summary>
/// <param name="Code">The cause.</param>
/// <param name="Times">How often.</param>
/// <param name="Summary">What happened.</param>
/// <param name="Remedy">What to change.</param>
public sealed record Finding(DiagnosisCode Code, int Times, string Summary, string Remedy)
{
    /// <summary>Which of several captures shows it, from 1; null where there is one.</summary>
    public int? Source { get; init; }

    /// <summary>Address of the host that dialled.</summary>
    public string? From { get; init; }

    /// <summary>What it dialled.</summary>
    public Endpoint? To { get; init; }

    /// <summary>The node that listens there or was asked for, as far as its name is known.</summary>
    public string? Node { get; init; }

    /// <summary><c>syn-unanswered</c>, <c>refused</c>, <c>no-reply</c>, or the ICMP code.</summary>
    public string? How { get; init; }

    /// <summary>The EPMD that was asked.</summary>
    public Endpoint? Epmd { get; init; }

    /// <summary>Address of the host that asked it.</summary>
    public string? AskedBy { get; init; }
}

public static class Findings
{
    /// <summary>A SYN that was sent once, or a request to EPMD, counts as unanswered after this time (ns).</summary>
    private const long AnswerTime = 1_000_000_000;

    /// <summary>Empty until the capture is over, since a late answer is no finding.</summary>
    public static IEnumerable<Finding> Of(ClusterView cluster) => !cluster.IsComplete ? []
        : [.. Unreachable(cluster), .. NotRegistered(cluster), .. Unanswered(cluster)];

    /// <summary>Failed attempts to reach an endpoint that is known to be a node's, or EPMD.</summary>
    private static IEnumerable<Finding> Unreachable(ClusterView cluster)
    {
        foreach (var attempt in cluster.Facts.Attempts)
        {
            var isEpmd = attempt.To.Port == EpmdMessage.Port;
            // A node that starts finds no EPMD on its own host, and starts one.
            if (isEpmd && cluster.Facts.EpmdExchanges.Any(exchange => exchange.Server == attempt.To && exchange.Time >= attempt.Last
                && exchange.IsSuccess != null)) continue;
            var node = cluster.Endpoints.GetValueOrDefault(attempt.To);
            if (node == null && !isEpmd) continue;
            var isTooEarly = attempt.How == "syn-unanswered" && !attempt.IsRepeated
                && cluster.Facts.Totals.LastTime - attempt.First < AnswerTime;
            if (!isTooEarly) yield return Unreachable(attempt, node?.Called is { } called ? cluster.Shown(called) : null, isEpmd);
        }
    }

    private static Finding Unreachable(ConnectionAttempt attempt, string? called, bool isEpmd)
    {
        var from = attempt.From.Address.ToString();
        var target = isEpmd ? $"EPMD at {attempt.To}" : called == null ? $"{attempt.To}" : $"{called} at {attempt.To}";
        var (what, remedy) = attempt.How switch
        {
            "syn-unanswered" => ("nothing answered",
                "Look for a firewall or a wrong address between the two: packets to this port vanish."),
            "refused" when isEpmd => ("the connection was refused",
                "No EPMD runs there: is the node's host right, and has a node been started on it?"),
            "refused" => ("the connection was refused",
                "Nothing listens there: is the node down, or does it advertise a wrong host:port? A registration can outlive its node."),
            _ => ($"the network answered {attempt.How}", "Look at the router or firewall that sent this ICMP message."),
        };
        return new Finding(DiagnosisCode.Unreachable, attempt.Times, $"{from} dialled {target} {TimesOf(attempt.Times)}: {what}.", remedy)
        {
            From = from,
            To = attempt.To,
            Node = called,
            How = attempt.How,
        };
    }

    /// <summary>Names that EPMD did not know.</summary>
    private static IEnumerable<Finding> NotRegistered(ClusterView cluster) =>
        from exchange in cluster.Facts.EpmdExchanges
        where exchange is { Request: EpmdRequest.Lookup, IsSuccess: false }
        group exchange by (exchange.Client.Host, exchange.Server, exchange.Name) into misses
        let asker = misses.Key.Host.Address.ToString()
        let name = cluster.Shown(misses.Key.Name!)
        let known = KnownTo(misses.Key.Server, cluster, misses.Max(miss => miss.Time), misses.Key.Name!)
        select new Finding(
            DiagnosisCode.NameNotRegistered,
            misses.Count(),
            $"{asker} asked EPMD at {misses.Key.Server} for {name} {TimesOf(misses.Count())}: no node of that name is registered there{known}.",
            $"Start {name} on that host, or correct the name: EPMD knows the part before the @ only.")
        {
            Node = name,
            Epmd = misses.Key.Server,
            AskedBy = asker,
        };

    private static string KnownTo(Endpoint server, ClusterView cluster, long time, string name)
    {
        if (cluster.Facts.EpmdExchanges.Any(exchange => exchange.Server == server && exchange.Name == name && exchange.IsSuccess == true
            && exchange.Time > time)) return " then; it was later";
        var others = cluster.Endpoints.Where(pair => pair.Key.Host == server.Host && pair.Value.Alive is { } alive && alive != name)
            .Select(pair => pair.Value.Alive!).Distinct().Order(StringComparer.Ordinal).Take(5).ToList();
        return others.Count == 0 ? "" : $"; the capture shows there: {string.Join(", ", others.Select(cluster.Shown))}";
    }

    /// <summary>Requests that EPMD took and did not answer.</summary>
    private static IEnumerable<Finding> Unanswered(ClusterView cluster) =>
        from exchange in cluster.Facts.EpmdExchanges
        where exchange.IsUnanswered && exchange.Request != EpmdRequest.Other
        where Math.Max(exchange.LastTime, cluster.Facts.Totals.LastTime) - exchange.Time >= AnswerTime
        group exchange by (exchange.Client.Host, exchange.Server) into silent
        let asker = silent.Key.Host.Address.ToString()
        select new Finding(
            DiagnosisCode.Unreachable,
            silent.Count(),
            $"{asker} asked EPMD at {silent.Key.Server} {TimesOf(silent.Count())} and got no answer.",
            "Look at EPMD there: is it frozen, overloaded, or does something else listen on its port?")
        {
            From = asker,
            To = silent.Key.Server,
            How = "no-reply",
        };

    private static string TimesOf(int times) => times == 1 ? "once" : $"{times} times";
}
