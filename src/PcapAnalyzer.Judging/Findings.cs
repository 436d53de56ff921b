using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Judging;

/// <summary>Something seen outside any handshake that explains why there is none, or what a session lacks.</summary>
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

    /// <summary>The number of the session that it is about; null where it is about none.</summary>
    public int? Session { get; init; }

    /// <summary>Of what sessions and TLS show; null where the summary itself says what was seen.</summary>
    public Certainty? Certainty { get; init; }
}

public static class Findings
{
    /// <summary>A SYN that was sent once, or a request to EPMD, counts as unanswered after this time (ns).</summary>
    private const long AnswerTime = 1_000_000_000;

    /// <summary>A node that asked EPMD for another dials it within this time (ns): at once, by all that was seen.</summary>
    private const long DialTime = 10_000_000_000;

    /// <summary>Where the capture ends sooner, so much of it (ns) without a dial tells as well.</summary>
    private const long ShortDialTime = 250_000_000;

    /// <summary>A node whose connection ended within this time (ns) before EPMD did not know it has just stopped.</summary>
    private const long JustStopped = 60_000_000_000;

    /// <summary>
    /// Empty until the capture is over, since a late answer is no finding. Those of sessions are in <see cref="Sessions.ClusterSessions"/>.
    /// </summary>
    public static IEnumerable<Finding> Of(ClusterView cluster) => !cluster.IsComplete ? []
        : [.. Unreachable(cluster), .. NotRegistered(cluster), .. Unanswered(cluster), .. AtNodePort(cluster), .. NotDialled(cluster),
            .. TlsFindings.Of(cluster)];

    /// <summary>Failed attempts to reach an endpoint that is known to be a node's, or EPMD.</summary>
    private static IEnumerable<Finding> Unreachable(ClusterView cluster)
    {
        foreach (var attempt in cluster.Facts.Attempts)
        {
            if (attempt.How == ConnectionAttempt.ArpUnanswered)
            {
                if (MayBeOfNodes(attempt.From, cluster)) yield return NoSuchHost(attempt);
                continue;
            }
            var isEpmd = attempt.To.Port == EpmdMessage.Port;
            // A node that starts finds no EPMD on its own host, and starts one.
            if (isEpmd && cluster.Facts.EpmdExchanges.Any(exchange => exchange.Server == attempt.To && exchange.Time >= attempt.Last
                && exchange.IsSuccess != null)) continue;
            var node = cluster.Endpoints.GetValueOrDefault(attempt.To);
            if (node == null && !isEpmd) continue;
            var isTooEarly = attempt.How == "syn-unanswered" && !attempt.IsRepeated
                && cluster.Facts.Totals.LastTime - attempt.First < AnswerTime;
            var before = isEpmd && cluster.Facts.EpmdExchanges.Any(exchange => exchange.Server == attempt.To && exchange.IsSuccess != null
                && exchange.Time < attempt.First) ? ", though it had answered before" : "";
            if (!isTooEarly) yield return Unreachable(attempt, node?.Called is { } called ? cluster.Shown(called) : null, isEpmd, before);
        }
    }

    /// <summary>Hosts look for each other all day: only nodes' hosts matter, or any in a capture that shows nothing else.</summary>
    private static bool MayBeOfNodes(Endpoint host, ClusterView cluster) => cluster.Facts.Totals.TcpSegments == 0
        || cluster.Endpoints.Keys.Any(endpoint => endpoint.Host == host)
        || cluster.Facts.EpmdExchanges.Any(exchange => exchange.Client.Host == host || exchange.Server.Host == host);

    private static Finding NoSuchHost(ConnectionAttempt attempt) => new(
        DiagnosisCode.Unreachable,
        attempt.Times,
        $"{attempt.From.Address} asked by ARP for {attempt.To.Address} {TimesOf(attempt.Times)}, and no host answered.",
        $"Look at {attempt.To.Address}: is the host down, in another network, or is its address wrong in a name, /etc/hosts or DNS?")
    {
        From = attempt.From.Address.ToString(),
        To = attempt.To,
        How = attempt.How,
    };

    private static Finding Unreachable(ConnectionAttempt attempt, string? called, bool isEpmd, string before)
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
        var summary = $"{from} dialled {target} {TimesOf(attempt.Times)}: {what}{before}.";
        return new Finding(DiagnosisCode.Unreachable, attempt.Times, summary, remedy)
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
        let first = misses.Min(miss => miss.Time)
        let lost = cluster.LostBefore(misses.Key.Host, misses.Key.Server.Host, misses.Key.Name!, first, JustStopped)
        let known = lost is { } end ? $"; it was connected until {Durations.Text(first - end)} before: it stopped or died"
            : KnownTo(misses.Key.Server, cluster, misses.Max(miss => miss.Time), misses.Key.Name!)
        select new Finding(
            DiagnosisCode.NameNotRegistered,
            misses.Count(),
            $"{asker} asked EPMD at {misses.Key.Server} for {name} {TimesOf(misses.Count())}: "
                + $"no node of that name is registered there{known}.",
            lost != null ? $"Find out why {name} stopped, and start it again."
                : $"Start {name} on that host, or correct the name: EPMD knows the part before the @ only.")
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
        where exchange.IsUnanswered && exchange.Request != EpmdRequest.Other && !IsAtNodePort(exchange, cluster)
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

    /// <summary>A request for EPMD at another port than EPMD's, where nothing ever answered one.</summary>
    private static bool IsAtNodePort(EpmdExchange exchange, ClusterView cluster) => exchange.Server.Port != EpmdMessage.Port
        && !cluster.Facts.EpmdExchanges.Any(other => other.Server == exchange.Server && (other.IsSuccess != null || other.Names.Count > 0));

    private static IEnumerable<Finding> AtNodePort(ClusterView cluster) =>
        from exchange in cluster.Facts.EpmdExchanges
        where exchange.IsUnanswered && IsAtNodePort(exchange, cluster)
        group exchange by (exchange.Client.Host, exchange.Server) into asked
        let asker = asked.Key.Host.Address.ToString()
        let node = cluster.Endpoints.GetValueOrDefault(asked.Key.Server)?.Called
        select new Finding(
            DiagnosisCode.EpmdAtNodePort,
            asked.Count(),
            $"{asker} sent an EPMD request to {asked.Key.Server} {TimesOf(asked.Count())} and got no answer: "
                + $"{(node != null ? $"that is the port of {cluster.Shown(node)}" : "a node's own port reacts so")}, not EPMD's.",
            $"Let {asker} ask EPMD at port {EpmdMessage.Port}: each such request crashes a process of the node.")
        {
            From = asker,
            To = asked.Key.Server,
            Node = node == null ? null : cluster.Shown(node),
            How = "no-reply",
        };

    /// <summary>EPMD told a port, and the host that had asked dialled nobody there.</summary>
    private static IEnumerable<Finding> NotDialled(ClusterView cluster) =>
        from lookup in cluster.Facts.EpmdExchanges
        where lookup is { Request: EpmdRequest.Lookup, IsSuccess: true, IsDialled: false, Port: not null }
        where cluster.Facts.Totals.LastTime - lookup.Time >= ShortDialTime
        let told = lookup.Server with { Port = lookup.Port!.Value }
        where !cluster.WasConnected(lookup.Client.Host, told, lookup.Time, lookup.Time + DialTime)
        where !cluster.HasDialled(lookup, told, DialTime)
        group lookup by (lookup.Client.Host, told, lookup.Name) into lookups
        let asker = lookups.Key.Host.Address.ToString()
        let name = cluster.Shown(lookups.Key.Name!)
        let waited = Math.Min(DialTime, cluster.Facts.Totals.LastTime - lookups.Max(lookup => lookup.Time))
        select new Finding(
            DiagnosisCode.NotDialled,
            lookups.Count(),
            $"{asker} asked EPMD for {name} {TimesOf(lookups.Count())} and was told {lookups.Key.told}; "
                + $"the capture shows nobody dialling that port in the {Durations.Text(waited)} that followed.",
            $"Read the log of the node on {asker}: since OTP 26 a node whose TLS options fail stops before it dials. "
                + $"If the capture's filter leaves out port {lookups.Key.told.Port}, capture that too.")
        {
            From = asker,
            To = lookups.Key.told,
            Node = name,
            How = "not-dialled",
        };

    internal static string TimesOf(int times) => times == 1 ? "once" : $"{times} times";
}
