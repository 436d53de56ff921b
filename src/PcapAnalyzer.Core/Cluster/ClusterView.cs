using System.Net;
using PcapAnalyzer.Core.Cluster.Epmd;
using PcapAnalyzer.Core.Handshakes;
using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>A node's listening endpoint, as the capture shows it.</summary>
/// <param name="Node">Its name, where it is known.</param>
/// <param name="Protocol">What it speaks.</param>
/// <param name="IsAnswering">It was seen to answer a handshake there; else only an advertisement says so.</param>
public sealed record NodeEndpoint(string? Node, string Protocol, bool IsAnswering)
{
    /// <summary>Its name without the host, by EPMD.</summary>
    public string? Alive { get; init; }

    /// <summary>The name as far as it is known, for words.</summary>
    public string? Called => Node ?? Alive;
}

/// <summary>What the whole capture shows: which proofs there are, which endpoints are nodes', which attempts belong together.</summary>
public sealed class ClusterView
{
    /// <summary>A node dials within this (ns) of its lookup, or not because of it.</summary>
    private const long LookupTime = 10_000_000_000;

    private readonly Dictionary<Handshake, (Proof? Initiator, Proof? Acceptor)> _proofs = new(ReferenceEqualityComparer.Instance);
    private readonly CookieRing _ring;
    private readonly Dictionary<Endpoint, NodeEndpoint> _endpoints = [];
    private readonly Dictionary<(string, string), Siblings> _pairs = [];
    private readonly Dictionary<(Endpoint, Endpoint), Siblings> _hosts = [];
    private readonly Dictionary<(string Node, string Other), HashSet<string>> _proved = [];
    private readonly Dictionary<string, ulong> _flags = [];
    private readonly HashSet<(Endpoint, string)> _reads = [];
    private readonly Dictionary<(Endpoint Client, Endpoint Found), Queue<EpmdExchange>> _lookups = [];
    private readonly Dictionary<int, EpmdExchange> _lookupOf = [];
    private readonly HashSet<int> _added = [];

    public ClusterView(CaptureFacts facts, CookieRing ring)
    {
        Facts = facts;
        _ring = ring;
        foreach (var handshake in facts.Handshakes) NoteEndpoints(handshake);
        NoteEpmd(facts);
        foreach (var handshake in facts.Handshakes) Relate(handshake);
    }

    public CaptureFacts Facts { get; }

    public bool HasCookies => _ring.Cookies.Count > 0;

    /// <summary>Labels of the given cookies that a protocol has no bytes for.</summary>
    internal IReadOnlyList<string> UnusableCookies(IHandshakeProtocol protocol) => [.. _ring.UnusableFor(protocol).Select(cookie => cookie.Label)];

    public IReadOnlyDictionary<Endpoint, NodeEndpoint> Endpoints => _endpoints;

    public Proof? Proof(Handshake handshake, Role by)
    {
        if (!_proofs.TryGetValue(handshake, out var both))
            _proofs[handshake] = both = (Cluster.Proof.Of(handshake, Role.Initiator, _ring), Cluster.Proof.Of(handshake, Role.Acceptor, _ring));
        return by == Role.Initiator ? both.Initiator : both.Acceptor;
    }

    /// <summary>Adds what came to be known since; what was added before is judged again only when asked.</summary>
    internal void Add(Handshake handshake)
    {
        NoteEndpoints(handshake);
        if (_added.Add(handshake.Id)) Relate(handshake);
    }

    internal void Add(EpmdExchange exchange) => NoteEpmd(exchange, []);

    /// <summary>The node's name as it was sent, or as its endpoint tells.</summary>
    public string? NodeOf(Handshake handshake, Role role) =>
        handshake.NodeOf(role) ?? (role == Role.Acceptor ? _endpoints.GetValueOrDefault(handshake.Acceptor)?.Node : null);

    /// <summary>Capability flags of a side, from this handshake or from another one of the same node.</summary>
    internal ulong? FlagsOf(Handshake handshake, Role role) =>
        handshake.FlagsOf(role) ?? (NodeOf(handshake, role) is { } node && _flags.TryGetValue(node, out var flags) ? flags : null);

    /// <summary>Somebody at that endpoint answered a name of this form.</summary>
    internal bool Reads(Endpoint acceptor, string unreadBy) => _reads.Contains((acceptor, unreadBy));

    /// <summary>Connections between the same two nodes, in either direction, that were up at a moment when this one was.</summary>
    public IEnumerable<Handshake> Overlapping(Handshake handshake) =>
        PairOf(handshake) is { } pair && _pairs.TryGetValue(pair, out var siblings) ? siblings.Overlapping(handshake) : [];

    /// <summary>The same between the two hosts, for where a name is not known.</summary>
    internal IEnumerable<Handshake> OverlappingOfHosts(Handshake handshake) =>
        _hosts.TryGetValue(HostsOf(handshake), out var siblings) ? siblings.Overlapping(handshake) : [];

    /// <summary>The lookup at EPMD that sent the initiator to this acceptor, a moment before.</summary>
    internal EpmdExchange? LookupOf(Handshake handshake) => _lookupOf.GetValueOrDefault(handshake.Id);

    /// <summary>Labels of the cookies that a node proved to another by digests of its own.</summary>
    internal IReadOnlySet<string> Proved(string node, string toNode) => _proved.GetValueOrDefault((node, toNode)) ?? [];

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

    /// <summary>What EPMD was told and what it told: which endpoints are nodes', and what they are called.</summary>
    private void NoteEpmd(CaptureFacts facts)
    {
        if (facts.Epmd.Count == 0) return;
        // A full name is told by handshakes; EPMD knows the part before the host.
        var fullNames = new Dictionary<(Endpoint, string), string>();
        foreach (var handshake in facts.Handshakes)
        {
            foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
                if (handshake.NodeOf(role) is { } node && node.IndexOf('@') is > 0 and var at) fullNames.TryAdd((handshake.EndpointOf(role).Host, node[..at]), node);
        }
        foreach (var exchange in facts.Epmd.OrderBy(exchange => exchange.Time)) NoteEpmd(exchange, fullNames);
    }

    private void NoteEpmd(EpmdExchange exchange, Dictionary<(Endpoint, string), string> fullNames)
    {
        var told = exchange.Request switch
        {
            // A node registers at its own host's EPMD.
            EpmdRequest.Register when exchange.IsSuccess != false => [(exchange.Name!, exchange.Port)],
            EpmdRequest.Lookup when exchange.IsSuccess == true => [(exchange.Name!, exchange.Port)],
            EpmdRequest.Names => exchange.Names.Select(name => (name.Name, (ushort?)name.Port)),
            _ => [],
        };
        foreach (var (name, port) in told)
        {
            if (port is not { } number) continue;
            var endpoint = exchange.Server with { Port = number };
            Note(endpoint, new NodeEndpoint(fullNames.GetValueOrDefault((endpoint.Host, name)), EpmdMessage.NodesSpeak, false) { Alive = name });
            if (exchange.Request != EpmdRequest.Lookup) continue;
            var key = (exchange.Client.Host, endpoint);
            if (!_lookups.TryGetValue(key, out var list)) _lookups[key] = list = [];
            list.Enqueue(exchange);
        }
    }

    private static (Endpoint, Endpoint) HostsOf(Handshake handshake)
    {
        var (a, b) = (handshake.Initiator.Host, handshake.Acceptor.Host);
        return (a.High, a.Low).CompareTo((b.High, b.Low)) <= 0 ? (a, b) : (b, a);
    }

    private void Relate(Handshake handshake)
    {
        Add(_hosts, HostsOf(handshake), handshake);
        NoteLookup(handshake);
        if (PairOf(handshake) is { } pair) Add(_pairs, pair, handshake);
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (NodeOf(handshake, role) is not { } node) continue;
            if (handshake.FlagsOf(role) is { } flags) _flags.TryAdd(node, flags);
            if (NodeOf(handshake, role.Other()) is not { } other || Proof(handshake, role) is not { IsVerified: true } proof) continue;
            if (!_proved.TryGetValue((node, other), out var labels)) _proved[(node, other)] = labels = [];
            labels.Add(proof.Cookie!);
        }
        if (handshake.First(MessageKind.Name)?.Content.UnreadBy is { } form && handshake.First(MessageKind.Status) != null) _reads.Add((handshake.Acceptor, form));
    }

    /// <summary>Each lookup leads to one connection, the next one: the last before its start.</summary>
    private void NoteLookup(Handshake handshake)
    {
        if (!_lookups.TryGetValue((handshake.Initiator.Host, handshake.Acceptor), out var lookups)) return;
        while (lookups.TryPeek(out var lookup) && lookup.Time <= handshake.Started)
        {
            lookups.Dequeue();
            if (handshake.Started - lookup.Time <= LookupTime) _lookupOf[handshake.Id] = lookup;
        }
    }

    private static void Add<T>(Dictionary<T, Siblings> map, T key, Handshake handshake)
        where T : notnull
    {
        if (!map.TryGetValue(key, out var siblings)) map[key] = siblings = new Siblings();
        siblings.Add(handshake);
    }

    private void NoteEndpoints(Handshake handshake)
    {
        var protocol = handshake.Protocol!.Name;
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
            Alive = first.Alive ?? second.Alive,
        };
    }

    private static bool TryPort(string advertised, out string host, out ushort port)
    {
        var colon = advertised.LastIndexOf(':');
        host = colon < 0 ? "" : advertised[..colon].Trim('[', ']');
        return ushort.TryParse(advertised.AsSpan(colon + 1), out port) && colon >= 0 && port != 0;
    }
}
