using PcapAnalyzer.Core.Cluster;

namespace PcapAnalyzer.Core.Reports;

/// <summary>The cluster as its handshakes show it: a row a node, a row a pair of nodes.</summary>
internal static class ClusterReport
{
    internal static IReadOnlyList<NodeReport> Nodes(IReadOnlyList<HandshakeReport> handshakes)
    {
        var appearances =
            from handshake in handshakes
            from role in (string[])["initiator", "acceptor"]
            let peer = role == "initiator" ? handshake.Initiator : handshake.Acceptor
            where peer.Node is { Length: > 0 }
            select (Peer: peer, Role: role, Handshake: handshake);
        return
        [
            .. from one in appearances
               group one by (Name: one.Peer.Node!, one.Handshake.Protocol) into node
               orderby node.Key.Name, node.Key.Protocol
               let told = node.Select(one => one.Peer).FirstOrDefault(peer => peer.Flags != null)
               select new NodeReport
               {
                   Name = node.Key.Name,
                   Protocol = node.Key.Protocol,
                   // Where it listens; the ports it dials from say nothing.
                   Endpoints = [.. node.Where(one => one.Role == "acceptor").Select(one => one.Peer.Endpoint).Distinct().Order(StringComparer.Ordinal)],
                   Release = node.Select(one => one.Peer.Release).OfType<string>().FirstOrDefault(),
                   Hidden = told?.Hidden,
                   Flags = told?.Flags,
                   Cookies = [.. node.SelectMany(one => one.Handshake.Digests.Where(digest => digest.By == one.Role).Select(digest => digest.Cookie)).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
                   Handshakes = Outcomes(node.Select(one => one.Handshake)),
               },
        ];
    }

    internal static IReadOnlyList<PairReport> Pairs(IReadOnlyList<HandshakeReport> handshakes) =>
    [
        .. from handshake in handshakes
           where handshake.Initiator.Node is { Length: > 0 } && handshake.Acceptor.Node is { Length: > 0 }
           let names = ((string[])[handshake.Initiator.Node!, handshake.Acceptor.Node!]).Order(StringComparer.Ordinal).ToArray()
           group handshake by (First: names[0], Second: names[1], handshake.Protocol) into pair
           orderby pair.Key.First, pair.Key.Second
           select new PairReport(
               [pair.Key.First, pair.Key.Second],
               pair.Key.Protocol,
               pair.Count(),
               pair.Min(handshake => handshake.Started)!,
               pair.Max(handshake => handshake.Started)!,
               pair.Count() < 3 ? null : ReportText.Seconds(ReportText.MedianGap(pair.Select(handshake => handshake.StartedAt))),
               Outcomes(pair),
               Simultaneous(pair.Key.First, pair.Key.Second, [.. pair]),
               Cause(pair)),
    ];

    /// <summary>Of two dials that meet, the connection that the greater name opened survives.</summary>
    private static SimultaneousReport? Simultaneous(string lesser, string greater, List<HandshakeReport> pair)
    {
        var met = pair.Count(handshake => handshake.Diagnosis.Code == DiagnosisCode.SimultaneousConnect.Kebab());
        if (met == 0) return null;
        var winners = pair.Where(handshake => handshake.Outcome == Outcome.Established.Kebab()).Select(handshake => handshake.Initiator.Node!).Distinct().Order(StringComparer.Ordinal);
        return new SimultaneousReport(met, greater, [.. winners]);
    }

    private static SortedDictionary<string, int> Outcomes(IEnumerable<HandshakeReport> handshakes)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var handshake in handshakes) counts[handshake.Outcome] = counts.GetValueOrDefault(handshake.Outcome) + 1;
        return counts;
    }

    private static string? Cause(IEnumerable<HandshakeReport> pair)
    {
        var codes = pair.Where(handshake => handshake.Outcome != Outcome.Established.Kebab()).Select(handshake => handshake.Diagnosis.Code).Distinct().ToList();
        return codes.Count == 1 ? codes[0] : null;
    }
}
