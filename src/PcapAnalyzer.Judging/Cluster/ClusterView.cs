using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>One capture's facts and how they relate: which endpoints are nodes, what belongs together, who proved what.</summary>
public sealed class ClusterView(CookieRing cookies, IReadOnlyList<IHandshakeProtocol> protocols, FactLimits limits)
{
    private readonly EndpointClaims _endpoints = new();
    private readonly FullNames _fullNames = new();
    private readonly Dictionary<(string, string), Siblings> _pairs = [];
    private readonly Dictionary<(Endpoint, Endpoint), Siblings> _hosts = [];
    private readonly Dictionary<(string Node, string Other), HashSet<string>> _proved = [];
    private readonly Dictionary<string, HashSet<string>> _provedBy = [];
    private readonly Earliest<string, ulong> _flags = new(limits.MaxNodeFlags);
    private readonly HashSet<(Endpoint, string)> _reads = [];
    private readonly Lookups _lookups = new();

    /// <summary>By handshake number: since when a side of its session has waited for an acknowledgement (ns since 1970).</summary>
    private readonly Dictionary<int, long> _unacknowledged = [];

    /// <summary>By handshake number: the handshakes of the same hosts, and of the same nodes.</summary>
    private readonly List<(Siblings? Hosts, Siblings? Pair)> _siblings = [];

    /// <summary>Numbers of handshakes that do not tell the names of both sides.</summary>
    private readonly List<int> _nameless = [];

    private CookieRing _ring = cookies;

    /// <summary>How long a silence Erlang nodes accept (ns), where the operator tells; null where the ticks have to.</summary>
    public long? NetTickTime { get; set; }

    /// <summary>Names that a redacted report uses instead of the real ones; null where it does not redact.</summary>
    public Pseudonyms? Pseudonyms { get; init; }

    /// <summary>What the capture shows, before anything is concluded from it.</summary>
    public FactStore Facts { get; } = new(protocols, limits);

    /// <summary>All handshakes, by number.</summary>
    public PackedHandshakes Handshakes => Facts.Handshakes;

    /// <summary>The capture is over, and all its facts were related.</summary>
    public bool IsComplete { get; private set; }

    public bool HasCookies => CookieCount > 0;

    public int CookieCount => _ring.Cookies.Count;

    /// <summary>The protocol of the node at an endpoint.</summary>
    internal IHandshakeProtocol ProtocolAt(Endpoint acceptor) => protocols.First(protocol => protocol.Name == Endpoints[acceptor].Protocol);

    /// <summary>Labels of the given cookies that a protocol cannot encode.</summary>
    internal IReadOnlyList<string> UnusableCookies(IHandshakeProtocol protocol) =>
        [.. _ring.UnusableFor(protocol).Select(cookie => cookie.Label)];

    public IReadOnlyDictionary<Endpoint, NodeEndpoint> Endpoints => _endpoints.All;

    /// <summary>A name as a report may show it.</summary>
    internal string Shown(string name) => Escaped.Of(Pseudonyms?.Of(name) ?? name);

    public Proof? Proof(Handshake handshake, Role by) => Cookies.Proof.Of(handshake, by, _ring);

    /// <summary>Checks proofs with other cookies from now on.</summary>
    public void Use(CookieRing ring)
    {
        _ring = ring;
        _proved.Clear();
        _provedBy.Clear();
        foreach (var handshake in Handshakes)
            if (PairOf(handshake) != null) NoteProofs(handshake);
    }

    /// <summary>Takes a fact. Facts may come in any order, as long as those with one number keep theirs.</summary>
    /// <returns>False when the fact is not kept.</returns>
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
            case Session { Handshake: > 0 } session:
                if (session.Unacknowledged is { } since) _unacknowledged[session.Handshake] = since;
                else _unacknowledged.Remove(session.Handshake);
                break;
            case EpmdExchange exchange:
                NoteEpmd(exchange);
                _lookups.Add(exchange);
                break;
        }
        return true;
    }

    /// <summary>The capture is over: relates what was told late to what was seen early.</summary>
    public void Complete()
    {
        IsComplete = true;
        _lookups.Unlink();
        if (_fullNames.AreAsked)
            foreach (var handshake in Handshakes) _fullNames.Note(handshake);
        foreach (var exchange in Facts.EpmdExchanges.OrderBy(exchange => exchange.Time)) NoteEpmd(exchange);
        var dials = Handshakes.Select(handshake => (handshake.Number, handshake.Initiator.Host, handshake.Acceptor, handshake.Started))
            .Where(dial => _lookups.IsOpen(dial.Host, dial.Acceptor));
        if (Facts.EpmdExchanges.Count > 0)
            foreach (var (id, host, acceptor, started) in dials.OrderBy(dial => dial.Started)) _lookups.Dial(id, host, acceptor, started);
        foreach (var number in _nameless.Order())
            if (Handshakes[number] is var handshake && PairOf(handshake) is { } pair) Join(handshake, pair);
    }

    /// <summary>The node's name from the handshake, or from what else is known of its endpoint.</summary>
    public string? NodeOf(Handshake handshake, Role role) =>
        handshake.NodeOf(role) ?? (role == Role.Acceptor ? Endpoints.GetValueOrDefault(handshake.Acceptor)?.Node : null);

    /// <summary>Capability flags of a side, from this handshake or from another one of the same node.</summary>
    internal ulong? FlagsOf(Handshake handshake, Role role) =>
        handshake.FlagsOf(role) ?? (NodeOf(handshake, role) is { } node && _flags.TryGet(node, out var flags) ? flags : null);

    /// <summary>A node at that endpoint answered a name of this form.</summary>
    internal bool Reads(Endpoint acceptor, string unreadBy) => _reads.Contains((acceptor, unreadBy));

    /// <summary>Other connections between the same two nodes, in either direction, that were up at the same time.</summary>
    internal IEnumerable<Sibling> Overlapping(Handshake handshake)
    {
        var siblings = handshake.Number < _siblings.Count ? _siblings[handshake.Number].Pair : null;
        if (siblings == null && PairOf(handshake) is { } pair) _pairs.TryGetValue(pair, out siblings);
        return siblings?.Overlapping(Sibling.Of(handshake)) ?? [];
    }

    /// <summary>Other connections between the same two hosts that were up at the same time.</summary>
    /// <param name="grace">Connections count too that began within this time (ns) after it ended.</param>
    internal IEnumerable<Handshake> OverlappingOfHosts(Handshake handshake, long grace = 0)
    {
        if (!_hosts.TryGetValue(HostsOf(handshake), out var siblings)) return [];
        var own = Sibling.Of(handshake);
        return siblings.Overlapping(own with { Ended = own.Ended + grace }).Select(sibling => Handshakes[sibling.Number]);
    }

    /// <summary>Since when another session of the two nodes has had no acknowledgement; null unless before this handshake.</summary>
    internal long? DeadSince(Handshake handshake)
    {
        foreach (var sibling in Overlapping(handshake))
        {
            if (sibling.Acknowledged != 0 && _unacknowledged.TryGetValue(sibling.Number, out var since) && since < handshake.Started)
                return since;
        }
        return null;
    }

    /// <summary>The lookup at EPMD because of which the initiator dialled; null where there was none.</summary>
    public EpmdExchange? LookupOf(Handshake handshake) => _lookups.Of(handshake.Number);

    /// <summary>When two nodes had last accepted each other before this handshake began; null when they had not.</summary>
    internal long? AcceptedBefore(Handshake handshake) =>
        PairOf(handshake) is { } pair && _pairs.TryGetValue(pair, out var siblings) ? siblings.AcknowledgedBefore(handshake.Started) : null;

    /// <summary>A host was connected to an endpoint, or dialled it, within that time (ns).</summary>
    internal bool WasConnected(Endpoint host, Endpoint acceptor, long from, long to) =>
        _hosts.TryGetValue(HostsOf(host, acceptor.Host), out var siblings)
        && siblings.Overlapping(new Sibling(Number: 0, from, to, 0)).Any(one => Handshakes[one.Number].Acceptor == acceptor);

    /// <summary>One of two hosts dialled the other after a time.</summary>
    internal bool WasDialled(Endpoint host, Endpoint other, long after) => _hosts.TryGetValue(HostsOf(host, other), out var siblings)
        && siblings.Overlapping(new Sibling(Number: 0, after, Facts.Totals.LastTime, 0)).Any(one => one.Started > after);

    /// <summary>Handshakes in which the acceptor did not tell its name.</summary>
    internal IEnumerable<Handshake> WithoutAcceptor => _nameless.Distinct().Order().Select(number => Handshakes[number]);

    /// <summary>The same host asked again within that time (ns), and dialled then.</summary>
    internal bool HasDialled(EpmdExchange lookup, Endpoint told, long within) =>
        _lookups.Asked(lookup.Client.Host, lookup.Name!, lookup.Time, lookup.Time + within).Any(number =>
            Facts.EpmdExchange(number) is { IsDialled: true } other && other.Server with { Port = other.Port ?? 0 } == told);

    /// <summary>When a connection of a node at a host ended, as the asking host saw it, within that time (ns) before.</summary>
    internal long? LostBefore(Endpoint asker, Endpoint host, string alive, long time, long within)
    {
        if (!_hosts.TryGetValue(HostsOf(asker, host), out var siblings)) return null;
        bool IsIts(Handshake one, Role role) => one.EndpointOf(role).Host == host
            && (NodeOf(one, role)?.StartsWith($"{alive}@", StringComparison.Ordinal) ?? false);
        return siblings.Overlapping(new Sibling(Number: 0, time - within, time, 0))
            .Where(one => one.Acknowledged != 0 && one.Ended <= time
                && Handshakes[one.Number] is var its && (IsIts(its, Role.Initiator) || IsIts(its, Role.Acceptor)))
            .Max(one => (long?)one.Ended);
    }

    /// <summary>Labels of the cookies that a node proved to anybody.</summary>
    internal IReadOnlySet<string> Proved(string node) => _provedBy.GetValueOrDefault(node) ?? [];

    /// <summary>A host asked EPMD for a node of that name within <paramref name="grace"/> (ns) of a time.</summary>
    internal bool HasLookedUp(Endpoint host, string node, long time, long grace) =>
        _lookups.Asked(host, node.Split('@')[0], time - grace, time + grace).Any();

    /// <summary>Labels of the cookies that a node proved to another.</summary>
    internal IReadOnlySet<string> Proved(string node, string toNode) => _proved.GetValueOrDefault((node, toNode)) ?? [];

    /// <summary>The role of a node in a handshake; null when it has none or both.</summary>
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

    /// <summary>Notes the nodes and endpoints that an exchange with EPMD names.</summary>
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
            var node = new NodeEndpoint(_fullNames.Of(endpoint.Host, name), EpmdMessage.NodesSpeak, false) { Alive = name };
            _endpoints.Note(endpoint, node, ofHandshake: false, exchange.Number);
            if (exchange.Request != EpmdRequest.Lookup) continue;
            _lookups.Open(exchange, endpoint);
        }
    }

    private static (Endpoint, Endpoint) HostsOf(Handshake handshake) => HostsOf(handshake.Initiator.Host, handshake.Acceptor.Host);

    private static (Endpoint, Endpoint) HostsOf(Endpoint a, Endpoint b) =>
        (a.High, a.Low).CompareTo((b.High, b.Low)) <= 0 ? (a, b) : (b, a);

    /// <summary>Relates a handshake to others of its hosts and nodes, and notes what it tells of its nodes.</summary>
    private void Relate(Handshake handshake)
    {
        while (_siblings.Count <= handshake.Number) _siblings.Add(default);
        _siblings[handshake.Number] = (Join(_hosts, HostsOf(handshake), Sibling.Of(handshake)), null);
        _endpoints.Note(handshake);
        _fullNames.Note(handshake);
        _lookups.Dial(handshake.Number, handshake.Initiator.Host, handshake.Acceptor, handshake.Started);
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
            if (handshake.NodeOf(role) is { } node && handshake.FlagsOf(role) is { } flags) _flags.Add(node, flags, handshake.Number);
        if (handshake.First(MessageKind.Name)?.Content.UnreadBy is { } form && handshake.First(MessageKind.Status) != null)
            _reads.Add((handshake.Acceptor, form));
        // A name that only the endpoint tells may still change: it counts once the capture is over.
        if (handshake.NodeOf(Role.Acceptor) != null && PairOf(handshake) is { } pair) Join(handshake, pair);
        else _nameless.Add(handshake.Number);
    }

    private void Join(Handshake handshake, (string, string) pair)
    {
        _siblings[handshake.Number] = _siblings[handshake.Number] with { Pair = Join(_pairs, pair, Sibling.Of(handshake)) };
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
            if (!_provedBy.TryGetValue(key.Item1, out var all)) _provedBy[key.Item1] = all = [];
            all.Add(proof.Cookie!);
        }
    }

    private static Siblings Join<T>(Dictionary<T, Siblings> map, T key, Sibling sibling)
        where T : notnull
    {
        if (!map.TryGetValue(key, out var siblings)) map[key] = siblings = new Siblings();
        siblings.Add(sibling);
        return siblings;
    }
}
