using System.Runtime.InteropServices;
using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports;

/// <summary>The cluster as its handshakes show it: a row a node, a row a pair of nodes, and how many ended how.</summary>
internal sealed class ReportTotals
{
    private readonly Dictionary<(string Name, string Protocol), NodeRow> _nodes = [];
    private readonly Dictionary<(string First, string Second, string Protocol), PairRow> _pairs = [];
    private readonly Dictionary<string, int> _outcomes = [];

    /// <summary>How many handshakes had each outcome.</summary>
    internal IReadOnlyDictionary<string, int> Outcomes => Sorted(_outcomes);

    internal IReadOnlyList<NodeReport> Nodes => [.. _nodes.OrderBy(row => row.Key.Name, StringComparer.Ordinal).ThenBy(row => row.Key.Protocol, StringComparer.Ordinal).Select(row => row.Value.Report(row.Key.Name, row.Key.Protocol))];

    internal IReadOnlyList<PairReport> Pairs => [.. _pairs.OrderBy(row => row.Key.First, StringComparer.Ordinal).ThenBy(row => row.Key.Second, StringComparer.Ordinal).Select(row => row.Value.Report(row.Key.First, row.Key.Second, row.Key.Protocol))];

    internal void Add(HandshakeReport handshake)
    {
        Count(_outcomes, handshake.Outcome);
        AddNode(handshake, handshake.Initiator, "initiator");
        AddNode(handshake, handshake.Acceptor, "acceptor");
        if (handshake.Initiator.Node is not { Length: > 0 } initiator || handshake.Acceptor.Node is not { Length: > 0 } acceptor) return;
        var (first, second) = string.CompareOrdinal(initiator, acceptor) <= 0 ? (initiator, acceptor) : (acceptor, initiator);
        if (!_pairs.TryGetValue((first, second, handshake.Protocol), out var pair)) _pairs[(first, second, handshake.Protocol)] = pair = new PairRow();
        pair.Add(handshake);
        // The order of names is that of the real ones.
        var (mine, theirs) = ((handshake.Unredacted ?? handshake).Initiator.Node, (handshake.Unredacted ?? handshake).Acceptor.Node);
        pair.Greater = string.CompareOrdinal(mine, theirs) > 0 ? initiator : acceptor;
    }

    private void AddNode(HandshakeReport handshake, PeerReport peer, string role)
    {
        if (peer.Node is not { Length: > 0 } name) return;
        if (!_nodes.TryGetValue((name, handshake.Protocol), out var node)) _nodes[(name, handshake.Protocol)] = node = new NodeRow();
        node.Add(handshake, peer, role);
    }

    private static void Count(Dictionary<string, int> counts, string outcome) => CollectionsMarshal.GetValueRefOrAddDefault(counts, outcome, out _)++;

    private static SortedDictionary<string, int> Sorted(Dictionary<string, int> counts) => new(counts, StringComparer.Ordinal);

    private sealed class NodeRow
    {
        private readonly SortedSet<string> _endpoints = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _cookies = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _outcomes = [];
        private string? _release;
        private PeerReport? _told;

        internal void Add(HandshakeReport handshake, PeerReport peer, string role)
        {
            // Where it listens; the ports it dials from say nothing.
            if (role == "acceptor") _endpoints.Add(peer.Endpoint);
            foreach (var digest in handshake.Digests)
                if (digest.By == role && digest.Cookie != null) _cookies.Add(digest.Cookie);
            Count(_outcomes, handshake.Outcome);
            _release ??= peer.Release;
            if (peer.Flags != null) _told ??= peer;
        }

        internal NodeReport Report(string name, string protocol) => new()
        {
            Name = name,
            Protocol = protocol,
            Endpoints = [.. _endpoints],
            Release = _release,
            Hidden = _told?.Hidden,
            Flags = _told?.Flags,
            Cookies = [.. _cookies],
            Handshakes = Sorted(_outcomes),
        };
    }

    private sealed class PairRow
    {
        private static readonly string Established = Outcome.Established.Kebab();
        private static readonly string Simultaneous = DiagnosisCode.SimultaneousConnect.Kebab();

        private readonly List<long> _starts = [];
        private readonly Dictionary<string, int> _outcomes = [];
        private readonly SortedSet<string> _winners = new(StringComparer.Ordinal);
        private readonly HashSet<string> _causes = [];
        private int _met;

        /// <summary>Which of the two has the greater name.</summary>
        internal string Greater { get; set; } = "";

        internal void Add(HandshakeReport handshake)
        {
            _starts.Add(handshake.StartedAt);
            Count(_outcomes, handshake.Outcome);
            if (handshake.Diagnosis.Code == Simultaneous) _met++;
            if (handshake.Outcome == Established) _winners.Add(handshake.Initiator.Node!);
            else _causes.Add(handshake.Diagnosis.Code);
        }

        internal PairReport Report(string lesser, string greater, string protocol) => new(
            [lesser, greater],
            protocol,
            _starts.Count,
            ReportText.Time(_starts.Min()),
            ReportText.Time(_starts.Max()),
            _starts.Count < 3 ? null : ReportText.Seconds(ReportText.MedianGap(_starts)),
            Sorted(_outcomes),
            // Of two dials that meet, the connection that the greater name opened survives.
            _met == 0 ? null : new SimultaneousReport(_met, Greater, [.. _winners]),
            _causes.Count == 1 ? _causes.First() : null);
    }
}
