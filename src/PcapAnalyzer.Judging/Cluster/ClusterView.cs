using System.Net;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>What the capture has shown so far: which proofs there are, which endpoints are nodes', which attempts belong together.</summary>
/// <param name="cookies">The cookies that proofs are checked with at first.</param>
/// <param name="protocols">The protocols of its handshakes.</param>
/// <param name="limits">How many facts are kept.</param>
public sealed class ClusterView(CookieRing cookies, IReadOnlyList<IHandshakeProtocol> protocols, FactLimits limits)
{
    /// <summary>A node dials within this (ns) of its lookup, or not because of it.</summary>
    private const long LookupTime = 10_000_000_000;

    private readonly EndpointClaims _endpoints = new();
    private readonly Earliest<(Endpoint Host, string Alive), string> _fullNames = new();
    private readonly Dictionary<(string, string), Siblings> _pairs = [];
    private readonly Dictionary<(Endpoint, Endpoint), Siblings> _hosts = [];
    private readonly Dictionary<(string Node, string Other), HashSet<string>> _proved = [];
    private readonly Earliest<string, ulong> _flags = new();
    private readonly HashSet<(Endpoint, string)> _reads = [];
    private readonly Dictionary<(Endpoint Client, Endpoint Found), Queue<EpmdExchange>> _lookups = [];
    private readonly Dictionary<int, EpmdExchange> _lookupOf = [];

    /// <summary>By handshake number, with whom it stands together.</summary>
    private readonly List<(Siblings? Hosts, Siblings? Pair)> _siblings = [];

    /// <summary>Handshakes with a side whose name was not known yet.</summary>
    private readonly List<int> _nameless = [];

    private CookieRing _ring = cookies;

    /// <summary>What reports call nodes and hosts instead of by their names; null where they tell those.</summary>
    public Pseudonyms? Pseudonyms { get; init; }

    /// <summary>What the capture shows, before anything is concluded from it.</summary>
    public FactStore Facts { get; } = new(protocols, limits);

    /// <summary>All handshakes, by number.</summary>
    public PackedHandshakes Handshakes => Facts.Handshakes;

    /// <summary>The capture is over, and everything in it was brought together.</summary>
    public bool IsComplete { get; private set; }

    public bool HasCookies => CookieCount > 0;

    public int CookieCount => _ring.Cookies.Count;

    /// <summary>What the node at an endpoint speaks.</summary>
    internal IHandshakeProtocol ProtocolAt(Endpoint acceptor) => protocols.First(protocol => protocol.Name == Endpoints[acceptor].Protocol);

    /// <summary>Labels of the given cookies that a protocol has no bytes for.</summary>
    internal IReadOnlyList<string> UnusableCookies(IHandshakeProtocol protocol) => [.. _ring.UnusableFor(protocol).Select(cookie => cookie.Label)];

    public IReadOnlyDictionary<Endpoint, NodeEndpoint> Endpoints => _endpoints.All;

    /// <summary>A name as words may tell it.</summary>
    internal string Shown(string name) => Pseudonyms?.Of(name) ?? name;

    public Proof? Proof(Handshake handshake, Role by) => Cookies.Proof.Of(handshake, by, _ring);

    /// <summary>From now on proofs are checked with these cookies; reports made before say what the old ones told.</summary>
    public void Use(CookieRing ring)
    {
        _ring = ring;
        _proved.Clear();
        foreach (var handshake in Handshakes)
            if (PairOf(handshake) != null) NoteProofs(handshake);
    }

    /// <summary>Takes a fact, in any order, as long as the facts of one number keep theirs. What was concluded before is judged again only when asked.</summary>
    /// <returns>False when it is not kept.</returns>
    public bool Tell(Fact fact)
    {
        if (!Facts.Add(fact)) return false;
        switch (fact)
        {
            case Handshake handshake:
                Relate(handshake);
                break;
            case ConnectionUpdate update:
                var (hosts, pair) = _siblings[update.Number];
                hosts?.Update(update.Number, update.Started, Sibling.EndOf(update.Connection));
                pair?.Update(update.Number, update.Started, Sibling.EndOf(update.Connection));
                break;
            case EpmdExchange exchange:
                NoteEpmd(exchange);
                break;
        }
        return true;
    }

    /// <summary>The capture is over: what was told late is brought together with what was seen early.</summary>
    public void Complete()
    {
        IsComplete = true;
        _lookups.Clear();
        _lookupOf.Clear();
        foreach (var exchange in Facts.EpmdExchanges.OrderBy(exchange => exchange.Time)) NoteEpmd(exchange);
        if (_lookups.Count > 0)
        {
            var dials = Handshakes.Select(handshake => (handshake.Number, handshake.Initiator.Host, handshake.Acceptor, handshake.Started)).Where(dial => _lookups.ContainsKey((dial.Host, dial.Acceptor)));
            foreach (var (id, host, acceptor, started) in dials.OrderBy(dial => dial.Started)) NoteLookup(id, host, acceptor, started);
        }
        foreach (var number in _nameless.Order())
            if (Handshakes[number] is var handshake && PairOf(handshake) is { } pair) Join(handshake, pair);
    }

    /// <summary>The node's name as it was sent, or as its endpoint tells.</summary>
    public string? NodeOf(Handshake handshake, Role role) =>
        handshake.NodeOf(role) ?? (role == Role.Acceptor ? Endpoints.GetValueOrDefault(handshake.Acceptor)?.Node : null);

    /// <summary>Capability flags of a side, from this handshake or from another one of the same node.</summary>
    internal ulong? FlagsOf(Handshake handshake, Role role) =>
        handshake.FlagsOf(role) ?? (NodeOf(handshake, role) is { } node && _flags.TryGet(node, out var flags) ? flags : null);

    /// <summary>Somebody at that endpoint answered a name of this form.</summary>
    internal bool Reads(Endpoint acceptor, string unreadBy) => _reads.Contains((acceptor, unreadBy));

    /// <summary>Connections between the same two nodes, in either direction, that were up at a moment when this one was.</summary>
    internal IEnumerable<Sibling> Overlapping(Handshake handshake)
    {
        var siblings = handshake.Number < _siblings.Count ? _siblings[handshake.Number].Pair : null;
        if (siblings == null && PairOf(handshake) is { } pair) _pairs.TryGetValue(pair, out siblings);
        return siblings?.Overlapping(Sibling.Of(handshake)) ?? [];
    }

    /// <summary>The same between the two hosts, for where a name is not known.</summary>
    internal IEnumerable<Handshake> OverlappingOfHosts(Handshake handshake) =>
        _hosts.TryGetValue(HostsOf(handshake), out var siblings) ? siblings.Overlapping(Sibling.Of(handshake)).Select(sibling => Handshakes[sibling.Number]) : [];

    /// <summary>The lookup at EPMD that sent the initiator to this acceptor, a moment before.</summary>
    public EpmdExchange? LookupOf(Handshake handshake) => _lookupOf.GetValueOrDefault(handshake.Number);

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
    private void NoteEpmd(EpmdExchange exchange)
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
            _fullNames.TryGet((endpoint.Host, name), out var full);
            _endpoints.Note(endpoint, new NodeEndpoint(full, EpmdMessage.NodesSpeak, false) { Alive = name }, ofHandshake: false, exchange.Number);
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

    /// <summary>Puts a handshake with the others of its hosts and of its pair, and notes what it tells of its nodes.</summary>
    private void Relate(Handshake handshake)
    {
        while (_siblings.Count <= handshake.Number) _siblings.Add(default);
        _siblings[handshake.Number] = (Join(_hosts, HostsOf(handshake), handshake), null);
        NoteEndpoints(handshake);
        NoteLookup(handshake.Number, handshake.Initiator.Host, handshake.Acceptor, handshake.Started);
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
            if (handshake.NodeOf(role) is { } node && handshake.FlagsOf(role) is { } flags) _flags.Add(node, flags, handshake.Number);
        if (handshake.First(MessageKind.Name)?.Content.UnreadBy is { } form && handshake.First(MessageKind.Status) != null) _reads.Add((handshake.Acceptor, form));
        // A name that only the endpoint tells may become another one: it counts once the capture is over.
        if (handshake.NodeOf(Role.Acceptor) != null && PairOf(handshake) is { } pair) Join(handshake, pair);
        else _nameless.Add(handshake.Number);
    }

    private void Join(Handshake handshake, (string, string) pair)
    {
        _siblings[handshake.Number] = _siblings[handshake.Number] with { Pair = Join(_pairs, pair, handshake) };
        NoteProofs(handshake);
    }

    private void NoteProofs(Handshake handshake)
    {
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (Proof(handshake, role) is not { IsVerified: true } proof) continue;
            var key = (NodeOf(handshake, role)!, NodeOf(handshake, role.Other())!);
            if (!_proved.TryGetValue(key, out var labels)) _proved[key] = labels = [];
            labels.Add(proof.Cookie!);
        }
    }

    /// <summary>Each lookup leads to one connection, the next one: the last before its start.</summary>
    private void NoteLookup(int number, Endpoint host, Endpoint acceptor, long started)
    {
        if (!_lookups.TryGetValue((host, acceptor), out var lookups)) return;
        while (lookups.TryPeek(out var lookup) && lookup.Time <= started)
        {
            lookups.Dequeue();
            if (started - lookup.Time <= LookupTime) _lookupOf[number] = lookup;
        }
    }

    private static Siblings Join<T>(Dictionary<T, Siblings> map, T key, Handshake handshake)
        where T : notnull
    {
        if (!map.TryGetValue(key, out var siblings)) map[key] = siblings = new Siblings();
        siblings.Add(Sibling.Of(handshake));
        return siblings;
    }

    private void NoteEndpoints(Handshake handshake)
    {
        var protocol = handshake.Protocol.Name;
        void Note(Endpoint endpoint, NodeEndpoint node) => _endpoints.Note(endpoint, node, ofHandshake: true, handshake.Number);
        if (handshake.First(MessageKind.Status) is { From: Role.Acceptor } || handshake.First(MessageKind.Challenge) is { From: Role.Acceptor })
            Note(handshake.Acceptor, new NodeEndpoint(handshake.NodeOf(Role.Acceptor), protocol, true));
        // A node says where it listens: at that address if it names one, else at the one it was seen with.
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            // A full name is told by handshakes; EPMD knows the part before the host.
            if (handshake.NodeOf(role) is { } name && name.IndexOf('@') is > 0 and var at) _fullNames.Add((handshake.EndpointOf(role).Host, name[..at]), name, handshake.Number);
            if (handshake.ConnectionStringOf(role) is not { } advertised || !TryPort(advertised, out var host, out var port)) continue;
            var node = new NodeEndpoint(handshake.NodeOf(role), protocol, false);
            Note(handshake.EndpointOf(role) with { Port = port }, node);
            if (IPAddress.TryParse(host, out var address)) Note(Endpoint.From(address, port), node);
        }
    }

    private static bool TryPort(string advertised, out string host, out ushort port)
    {
        var colon = advertised.LastIndexOf(':');
        host = colon < 0 ? "" : advertised[..colon].Trim('[', ']');
        return ushort.TryParse(advertised.AsSpan(colon + 1), out port) && colon >= 0 && port != 0;
    }
}
