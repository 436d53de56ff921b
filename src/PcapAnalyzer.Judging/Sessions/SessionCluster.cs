using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>A handshake that reached its end.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Initiator">The node that dialled.</param>
/// <param name="Acceptor">The node that was dialled.</param>
/// <param name="Time">Of its acknowledgement.</param>
/// <param name="InitiatorCreation">The initiator's incarnation.</param>
/// <param name="AcceptorCreation">The acceptor's incarnation.</param>
/// <param name="Status">The acceptor's status.</param>
internal sealed record AcceptedHandshake(int Number, string Initiator, string Acceptor, long Time, uint? InitiatorCreation,
    uint? AcceptorCreation, StatusAnswer? Status)
{
    /// <summary>Its node hides from others.</summary>
    internal bool IsInitiatorHidden { get; init; }

    internal bool IsAcceptorHidden { get; init; }

    internal uint? CreationOf(string node) => Initiator == node ? InitiatorCreation : AcceptorCreation;
}

/// <summary>All sessions of a capture, and what else it shows of their nodes: later handshakes, refused dials, EPMD's word.</summary>
internal sealed class SessionCluster
{
    private static readonly NodeHistory Unknown = new("");
    private static readonly Role[] Roles = [Role.Initiator, Role.Acceptor];

    private readonly Dictionary<Endpoint, string> _names = [];
    private readonly Dictionary<int, AcceptedHandshake> _handshakes = [];
    private readonly Dictionary<string, NodeHistory> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), List<AcceptedHandshake>> _pairs = [];
    private readonly Dictionary<string, long> _unregistered = new(StringComparer.Ordinal);
    private readonly Dictionary<Endpoint, long> _refused = [];
    private readonly Dictionary<(Endpoint, Endpoint), long> _failed = [];
    private readonly List<(long Started, int Number)> _order = [];
    private HashSet<(string, string)>? _lostByHearsay;

    internal SessionCluster(ClusterView cluster)
    {
        Cluster = cluster;
        if (cluster.Facts.Sessions.Count == 0) return;
        foreach (var handshake in cluster.Handshakes.Select(AcceptedOf).OfType<AcceptedHandshake>().OrderBy(one => one.Time))
            Add(handshake);
        foreach (var exchange in cluster.Facts.EpmdExchanges)
            if (exchange is { Request: EpmdRequest.Lookup, IsSuccess: false, Name: { } name })
                _unregistered[name] = Math.Max(_unregistered.GetValueOrDefault(name), exchange.Time);
        foreach (var attempt in cluster.Facts.Attempts)
        {
            _failed[(attempt.From, attempt.To.Host)] = Math.Max(_failed.GetValueOrDefault((attempt.From, attempt.To.Host)), attempt.Last);
            if (attempt.How == "refused") _refused[attempt.To] = Math.Max(_refused.GetValueOrDefault(attempt.To), attempt.Last);
        }
        foreach (var (endpoint, node) in cluster.Endpoints)
            if (node.Called is { } called) Open(called).ListensAt.Add(endpoint);
        NoteSessions();
        foreach (var history in _nodes.Values) history.Sort();
        _order.Sort();
    }

    internal ClusterView Cluster { get; }

    internal int Count => _order.Count;

    /// <summary>The sessions in order of time, each read when it is asked for: a hundred thousand would take much memory.</summary>
    internal SessionCase this[int place] => new(Cluster.Facts.Sessions[NumberOf(place)], this);

    internal int NumberOf(int place) => _order[place].Number;

    /// <summary>Time of the last packet of the capture (ns since 1970).</summary>
    internal long LastTime => Cluster.Facts.Totals.LastTime;

    /// <summary>Pairs of nodes of which another node told (<c>lost_connection</c>) that they lost each other.</summary>
    internal HashSet<(string, string)> LostByHearsay => _lostByHearsay ??= Cluster.Facts.Sessions.SelectMany(session => session.Notices)
        .Where(notice => notice is { Kind: SessionNoticeKind.LostConnection, Name: not null, Other: not null })
        .Select(notice => Splits.Pair(notice.Name!, notice.Other!)).ToHashSet();

    /// <summary>By two hosts: when the first last dialled the second in vain (ns since 1970).</summary>
    internal IReadOnlyDictionary<(Endpoint From, Endpoint To), long> FailedDials => _failed;

    internal NodeHistory Of(string? node) => node == null ? Unknown : _nodes.GetValueOrDefault(node) ?? Unknown;

    /// <summary>The side's node hides from others, as its flags tell, however far the handshake came.</summary>
    internal bool IsHidden(Session session, Role role) => HandshakeOf(session) is { } accepted
        ? role == Role.Initiator ? accepted.IsInitiatorHidden : accepted.IsAcceptorHidden
        : session.Handshake > 0 && Cluster.Handshakes.Contains(session.Handshake) && IsHidden(Cluster.Handshakes[session.Handshake], role);

    internal AcceptedHandshake? HandshakeOf(Session session) => _handshakes.GetValueOrDefault(session.Handshake);

    /// <summary>The node's name: from the handshake, from messages of this or another session of the endpoint, or from EPMD.</summary>
    internal string? NodeOf(Session session, Role role) =>
        NameOf(session, role) ?? _names.GetValueOrDefault(session.EndpointOf(role))
            ?? Cluster.Endpoints.GetValueOrDefault(session.EndpointOf(role))?.Called;

    /// <summary>The handshakes of two nodes, in either direction, that reached their end within a time (ns).</summary>
    internal IEnumerable<AcceptedHandshake> HandshakesOf(string a, string b, long from, long to) =>
        _pairs.TryGetValue(Splits.Pair(a, b), out var all)
            ? all.Skip(NodeHistory.IndexAfter(all, one => one.Time, from - 1)).TakeWhile(one => one.Time <= to) : [];

    /// <summary>EPMD did not know the node, or its port refused a dial, after a time.</summary>
    internal bool IsGone(string node, Endpoint? endpoint, long after) =>
        _unregistered.GetValueOrDefault(node.Split('@')[0]) > after
        || (endpoint is { } one && _refused.GetValueOrDefault(one) > after)
        || (_refused.Count > 0 && Of(node).ListensAt.Any(one => _refused.GetValueOrDefault(one) > after));

    /// <summary>Sessions whose nodes are not known from themselves come last: others of the same endpoint may name them.</summary>
    private void NoteSessions()
    {
        var late = new List<int>();
        var nameless = new HashSet<Endpoint>();
        foreach (var session in Cluster.Facts.Sessions.Where(IsSession))
        {
            _order.Add((session.Started, session.Number));
            var unknown = Roles.Where(role => NameOf(session, role) == null).Select(session.EndpointOf).ToList();
            nameless.UnionWith(unknown);
            if (unknown.Count == 0) Note(session);
            else late.Add(session.Number);
        }
        if (late.Count == 0) return;
        foreach (var session in Cluster.Facts.Sessions)
            foreach (var role in Roles)
                if (nameless.Contains(session.EndpointOf(role)) && NameOf(session, role) is { } name)
                    _names.TryAdd(session.EndpointOf(role), name);
        foreach (var number in late) Note(Cluster.Facts.Sessions[number]);
    }

    private void Note(Session session)
    {
        var (initiator, acceptor) = (NodeOf(session, Role.Initiator), NodeOf(session, Role.Acceptor));
        if (initiator != null) Open(initiator).Add(session, Role.Initiator);
        if (acceptor != null && acceptor != initiator) Open(acceptor).Add(session, Role.Acceptor);
    }

    private NodeHistory Open(string node)
    {
        if (!_nodes.TryGetValue(node, out var history)) _nodes[node] = history = new NodeHistory(node);
        return history;
    }

    private void Add(AcceptedHandshake handshake)
    {
        _handshakes[handshake.Number] = handshake;
        Open(handshake.Initiator).Add(handshake);
        if (handshake.Acceptor != handshake.Initiator) Open(handshake.Acceptor).Add(handshake);
        var pair = Splits.Pair(handshake.Initiator, handshake.Acceptor);
        if (!_pairs.TryGetValue(pair, out var all)) _pairs[pair] = all = [];
        all.Add(handshake);
    }

    private string? NameOf(Session session, Role role) =>
        session.Handshake > 0 && Cluster.Handshakes.Contains(session.Handshake)
            && (_handshakes.TryGetValue(session.Handshake, out var known) ? role == Role.Initiator ? known.Initiator : known.Acceptor
                : Cluster.NodeOf(Cluster.Handshakes[session.Handshake], role)) is { } name
            ? name : session.Of(role).Node;

    /// <summary>Ticks alone are a session's where the endpoint is a node's, or where both sides keep time.</summary>
    private bool IsSession(Session session) => session.IsAcknowledged || session.IsRecognized
        || Cluster.Endpoints.ContainsKey(session.Acceptor) || Cluster.Endpoints.ContainsKey(session.Initiator)
        || (session.FromInitiator.TickSpacings > 1 && session.FromAcceptor.TickSpacings > 1);

    private AcceptedHandshake? AcceptedOf(Handshake handshake)
    {
        if (handshake.State != HandshakeState.Acknowledged || handshake.First(MessageKind.ChallengeAck) is not { } last) return null;
        if (Cluster.NodeOf(handshake, Role.Initiator) is not { } initiator || Cluster.NodeOf(handshake, Role.Acceptor) is not { } acceptor)
            return null;
        return new AcceptedHandshake(handshake.Number, Known(initiator), Known(acceptor), last.Time, handshake.CreationOf(Role.Initiator),
            handshake.CreationOf(Role.Acceptor), handshake.First(MessageKind.Status)?.Content.Answer)
        {
            IsInitiatorHidden = IsHidden(handshake, Role.Initiator),
            IsAcceptorHidden = IsHidden(handshake, Role.Acceptor),
        };
    }

    private static bool IsHidden(Handshake handshake, Role role) =>
        handshake.Protocol.Flags is { } rules && handshake.FlagsOf(role) is { } flags && rules.IsHidden(flags);

    /// <summary>One string for each name, however many handshakes have it.</summary>
    private string Known(string node) => Open(node).Node;
}
