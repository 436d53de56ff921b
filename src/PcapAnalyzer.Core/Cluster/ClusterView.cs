using System.Net;
using PcapAnalyzer.Core.Handshakes;
using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>A node's listening endpoint, as the capture shows it.</summary>
/// <param name="Node">Its name, where it is known.</param>
/// <param name="Protocol">What it speaks.</param>
/// <param name="IsAnswering">It was seen to answer a handshake there; else only an advertisement says so.</param>
public sealed record NodeEndpoint(string? Node, IHandshakeProtocol Protocol, bool IsAnswering);

/// <summary>What the whole capture shows: which proofs there are, which endpoints are nodes', which attempts belong together.</summary>
public sealed class ClusterView
{
    private readonly Dictionary<Handshake, (Proof? Initiator, Proof? Acceptor)> _proofs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Endpoint, NodeEndpoint> _endpoints = [];
    private readonly Dictionary<(string, string), List<Handshake>> _pairs = [];

    public ClusterView(CaptureFacts facts, CookieRing ring)
    {
        Facts = facts;
        HasCookies = ring.Cookies.Count > 0;
        foreach (var handshake in facts.Handshakes)
        {
            _proofs[handshake] = (Cluster.Proof.Of(handshake, Role.Initiator, ring), Cluster.Proof.Of(handshake, Role.Acceptor, ring));
            NoteEndpoints(handshake);
        }
        foreach (var handshake in facts.Handshakes)
        {
            if (PairOf(handshake) is not { } pair) continue;
            if (!_pairs.TryGetValue(pair, out var list)) _pairs[pair] = list = [];
            list.Add(handshake);
        }
    }

    public CaptureFacts Facts { get; }

    public bool HasCookies { get; }

    public IReadOnlyDictionary<Endpoint, NodeEndpoint> Endpoints => _endpoints;

    public Proof? Proof(Handshake handshake, Role by) =>
        _proofs.TryGetValue(handshake, out var both) ? by == Role.Initiator ? both.Initiator : both.Acceptor : null;

    /// <summary>The node's name as it was sent, or as its endpoint tells.</summary>
    public string? NodeOf(Handshake handshake, Role role) =>
        handshake.NodeOf(role) ?? (role == Role.Acceptor ? _endpoints.GetValueOrDefault(handshake.Acceptor)?.Node : null);

    /// <summary>The other connections between the same two nodes, in either direction.</summary>
    public IEnumerable<Handshake> Siblings(Handshake handshake) =>
        PairOf(handshake) is { } pair && _pairs.TryGetValue(pair, out var list) ? list.Where(other => !ReferenceEquals(other, handshake)) : [];

    /// <summary>The two connections were up at the same moment.</summary>
    public static bool Overlap(Handshake a, Handshake b) => a.Started <= EndOf(b) && b.Started <= EndOf(a);

    /// <summary>When the connection began to end, or its last packet.</summary>
    public static long EndOf(Handshake handshake) => handshake.Connection.FirstLeft?.Time ?? handshake.Connection.LastTime;

    /// <summary>The role that a node has in a handshake of its own; null when it has none or both.</summary>
    public Role? RoleOf(Handshake handshake, string node) =>
        (NodeOf(handshake, Role.Initiator) == node, NodeOf(handshake, Role.Acceptor) == node) switch
        {
            (true, false) => Role.Initiator,
            (false, true) => Role.Acceptor,
            _ => null,
        };

    private (string, string)? PairOf(Handshake handshake)
    {
        if (NodeOf(handshake, Role.Initiator) is not { } initiator || NodeOf(handshake, Role.Acceptor) is not { } acceptor) return null;
        return string.CompareOrdinal(initiator, acceptor) <= 0 ? (initiator, acceptor) : (acceptor, initiator);
    }

    private void NoteEndpoints(Handshake handshake)
    {
        var protocol = handshake.Protocol!;
        if (handshake.First(MessageKind.Status) is { From: Role.Acceptor } || handshake.First(MessageKind.Challenge) is { From: Role.Acceptor })
            Note(handshake.Acceptor, new NodeEndpoint(handshake.NodeOf(Role.Acceptor), protocol, true));
        // A node says where it listens: at that address if it names one, else at the one it was seen with.
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (handshake.ConnectionStringOf(role) is not { } advertised || !TryPort(advertised, out var host, out var port)) continue;
            var node = new NodeEndpoint(handshake.NodeOf(role), protocol, false);
            Note(handshake.EndpointOf(role) with { Port = port }, node);
            if (IPAddress.TryParse(host, out var address)) Note(Endpoint.From(address, port), node);
        }
    }

    private void Note(Endpoint endpoint, NodeEndpoint node)
    {
        if (!_endpoints.TryGetValue(endpoint, out var known)) known = node;
        // A node that answers there itself knows its name better than an advertisement does.
        var (first, second) = node.IsAnswering && !known.IsAnswering ? (node, known) : (known, node);
        _endpoints[endpoint] = first with
        {
            Node = first.Node ?? second.Node,
            IsAnswering = first.IsAnswering || second.IsAnswering,
        };
    }

    private static bool TryPort(string advertised, out string host, out ushort port)
    {
        var colon = advertised.LastIndexOf(':');
        host = colon < 0 ? "" : advertised[..colon].Trim('[', ']');
        return ushort.TryParse(advertised.AsSpan(colon + 1), out port) && colon >= 0 && port != 0;
    }
}
