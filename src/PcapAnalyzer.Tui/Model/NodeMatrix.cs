using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>A node as a row of the nodes view.</summary>
/// <param name="Number">Its row and column in the matrix, from 1.</param>
/// <param name="Name">The node's name, or its address if it never sent its name.</param>
/// <param name="Release">The release that it seems to run.</param>
/// <param name="Cookie">Labels of the cookies it proved, or why there are none.</param>
/// <param name="Good">Handshakes that were established.</param>
/// <param name="Failed">Handshakes whose severity is bad.</param>
/// <param name="Other">All other handshakes.</param>
/// <param name="Listens">Endpoints where it accepted connections.</param>
public sealed record NodeRow(int Number, string Name, string Release, string Cookie, int Good, int Failed, int Other, string Listens)
{
    /// <summary>False for a node that never sent its name.</summary>
    public required bool HasName { get; init; }
}

/// <summary>The result of one node's attempts to connect to another.</summary>
/// <param name="Last">The latest attempt.</param>
/// <param name="IsMixed">The attempts have different outcomes.</param>
public readonly record struct MatrixCell(JudgedHandshake Last, int Count, bool IsMixed);

/// <summary>The cluster as its handshakes show it: who dialled whom with what result. Nodes with most failures come first.</summary>
public sealed class NodeMatrix
{
    private readonly Dictionary<(string From, string To), MatrixCell> _cells = [];

    public NodeMatrix(IEnumerable<JudgedHandshake> handshakes)
    {
        var nodes = new Dictionary<string, Sums>();
        foreach (var handshake in handshakes)
        {
            var (from, to) = (Called(handshake.Initiator, withPort: false), Called(handshake.Acceptor, withPort: true));
            Sum(nodes, from).Add(handshake, handshake.Initiator, Role.Initiator);
            Sum(nodes, to).Add(handshake, handshake.Acceptor, Role.Acceptor);
            var isNew = !_cells.TryGetValue((from, to), out var cell);
            var last = isNew || cell.Last.Started <= handshake.Started ? handshake : cell.Last;
            _cells[(from, to)] = new MatrixCell(last, cell.Count + 1, !isNew && (cell.IsMixed || cell.Last.Outcome != handshake.Outcome));
        }
        Nodes = [.. nodes.OrderByDescending(node => node.Value.Failed).ThenBy(node => node.Key, StringComparer.Ordinal)
            .Select((node, index) => node.Value.Row(index + 1, node.Key))];
    }

    public IReadOnlyList<NodeRow> Nodes { get; }

    /// <summary>The result of the first node's attempts to connect to the second; null if it made none.</summary>
    public MatrixCell? this[NodeRow from, NodeRow to] => _cells.TryGetValue((from.Name, to.Name), out var cell) ? cell : null;

    /// <summary>Nodes that dialled. Other nodes have no row in the matrix.</summary>
    public IEnumerable<NodeRow> Diallers => Nodes.Where(from => Nodes.Any(to => this[from, to] != null));

    /// <summary>A peer's key. A dialler without a name is its address, since its port means nothing; an acceptor keeps the port.</summary>
    private static string Called(JudgedPeer peer, bool withPort) =>
        peer.HasName || withPort ? peer.Called : peer.Endpoint.ToString()[..^$":{peer.Endpoint.Port}".Length];

    private static Sums Sum(Dictionary<string, Sums> nodes, string name)
    {
        if (!nodes.TryGetValue(name, out var sums)) nodes[name] = sums = new Sums();
        return sums;
    }

    private sealed class Sums
    {
        private readonly SortedSet<string> _cookies = new(StringComparer.Ordinal);
        private readonly SortedSet<string> _endpoints = new(StringComparer.Ordinal);
        private readonly HashSet<Verdict> _verdicts = [];
        private string? _release;
        private int _good;
        private int _other;

        private bool _hasName;

        internal int Failed { get; private set; }

        internal void Add(JudgedHandshake handshake, JudgedPeer peer, Role role)
        {
            _release ??= peer.Release;
            _hasName |= peer.HasName;
            if (role == Role.Acceptor) _endpoints.Add(peer.Endpoint.ToString());
            if (handshake.ProofBy(role) is { } proof)
            {
                _verdicts.Add(proof.Verdict);
                if (proof.Cookie != null) _cookies.Add(proof.Cookie);
            }
            if (handshake.Severity() == Severity.Good) _good++;
            else if (handshake.Severity() == Severity.Bad) Failed++;
            else _other++;
        }

        internal NodeRow Row(int number, string name) =>
            new(number, name, _release ?? "", Cookie, _good, Failed, _other, _endpoints.Count == 0 ? "-" : string.Join(' ', _endpoints))
            {
                HasName = _hasName,
            };

        private string Cookie =>
            _cookies.Count > 0 ? string.Join(' ', _cookies) + (_verdicts.Contains(Verdict.Mismatch) ? ", and another" : "")
            : _verdicts.Contains(Verdict.Mismatch) ? "none of yours"
            : _verdicts.Contains(Verdict.NoCookie) ? "no cookie given"
            : _verdicts.Count > 0 ? "not verifiable"
            : "not seen";
    }
}
