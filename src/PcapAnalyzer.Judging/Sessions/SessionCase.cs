using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>One session before the judge: its facts, and the questions that the rules ask. Times are in ns since 1970.</summary>
internal sealed class SessionCase
{
    /// <summary>A node tells that it is alive this often within its tick time (<c>net_tickintensity</c>).</summary>
    internal const int TickIntensity = 4;

    private const long Second = 1_000_000_000;
    private const long DefaultTickTime = 60 * Second;

    /// <summary>A living ractor node pings at least this often (release 0.16.4 and later), and a little later over a slow path.</summary>
    private const long PingLimit = 5_200_000_000;

    /// <summary>A sign of life this long after an end shows that the node lives on.</summary>
    private const long LaterLife = 1_500_000_000;

    private readonly SessionCluster _cluster;

    internal SessionCase(Session facts, SessionCluster cluster)
    {
        (Facts, _cluster) = (facts, cluster);
        Initiator = cluster.NodeOf(facts, Role.Initiator);
        Acceptor = cluster.NodeOf(facts, Role.Acceptor);
        Handshake = cluster.HandshakeOf(facts);
    }

    internal Session Facts { get; }

    internal SessionCluster Cluster => _cluster;

    internal string? Initiator { get; }

    internal string? Acceptor { get; }

    internal AcceptedHandshake? Handshake { get; }

    internal bool IsErlang => Facts.Protocol.HasTicks;

    internal IEnumerable<string> Nodes => new[] { Initiator, Acceptor }.OfType<string>().Distinct();

    internal string? NodeOf(Role role) => role == Role.Initiator ? Initiator : Acceptor;

    /// <summary>The node's name, or its endpoint. Fit for words.</summary>
    internal string Called(Role role) => NodeOf(role) is { Length: > 0 } node ? _cluster.Cluster.Shown(node)
        : Facts.EndpointOf(role).ToString();

    internal SessionEnd? End => Facts.FirstEnd;

    /// <summary>When silence stops to count: the first end, or the capture's.</summary>
    internal long Until => End?.Time ?? Math.Max(_cluster.LastTime, Facts.LastTime);

    internal SessionSide Of(Role role) => Facts.Of(role);

    /// <summary>How long a side said nothing before the end (ns).</summary>
    internal long Silence(Role role) => Math.Max(0, Until - LastLife(role));

    internal long LastLife(Role role)
    {
        var last = Math.Max(Facts.Of(role).LastLifeTime, Facts.Started);
        // Frames that come with the FIN had waited for the path: over a dead one they are no sign of life.
        return End is { IsReset: false } end && end.By == role && end.Time == last
            && Facts.Of(role).Silences.FirstOrDefault(silence => silence.To == last) is { To: > 0 } before ? before.From : last;
    }

    /// <summary>Packets of the side are in the capture: else its silence means nothing.</summary>
    internal bool IsSeen(Role role) => Facts.Of(role).Transport.LastTime != 0 || Facts.Of(role).LastFrameTime != 0;

    /// <summary>How long a silence the node accepts from its peer; null for a protocol that has no such limit.</summary>
    internal TickTime? TickTimeOf(Role role)
    {
        if (!IsErlang) return null;
        if (_cluster.Cluster.NetTickTime is { } told) return new TickTime(told, TickTimeSource.Option);
        if (Spacing(role) is { } own) return new TickTime(own, TickTimeSource.Ticks);
        return Spacing(role.Other()) is { } others ? new TickTime(others, TickTimeSource.Ticks)
            : new TickTime(DefaultTickTime, TickTimeSource.Default);
    }

    /// <summary>The same, or the time after which a living ractor node has pinged.</summary>
    internal long Limit(Role role) => TickTimeOf(role)?.Length ?? PingLimit;

    /// <summary>The longest silence of a healthy direction: half the tick time and the drift of ticks.</summary>
    internal long Healthy(Role peer) => TickTimeOf(peer) is { } time ? time.Length / 2 + time.Length / 40 : PingLimit;

    /// <summary>The tick time that a node's ticks show; null where two equal spacings are not there.</summary>
    internal long? Spacing(Role role)
    {
        return TickTimeBy(Facts.Of(role)) ?? _cluster.Of(NodeOf(role)).TickTime;
    }

    /// <summary>Each ticks in its own time: the peer's ticks come too seldom for the judge of its silence.</summary>
    internal bool TicksDiffer(Role judge) => Spacing(judge) is { } own && Spacing(judge.Other()) is { } others && others > own * 5 / 4;

    internal SessionNotice? Last(SessionNoticeKind kind, Role by, long from, long to) =>
        Facts.Notices.LastOrDefault(one => one.Kind == kind && one.By == by && one.Time >= from && one.Time <= to);

    internal bool Has(SessionNoticeKind kind) => Facts.Notices.Any(one => one.Kind == kind);

    /// <summary>The node said something on another connection, or was connected anew, clearly after a time.</summary>
    internal bool LivesOn(Role role, long after) => IsSameCreationLater(role, after)
        || _cluster.Of(NodeOf(role)).AliveAfter(after + LaterLife, Facts.Number).Any();

    /// <summary>The node was connected again as the same incarnation.</summary>
    internal bool IsSameCreationLater(Role role, long after) => CreationLater(role, after) is (true, _);

    /// <summary>The name was connected again as another incarnation: the node was restarted.</summary>
    internal bool IsRestartedLater(Role role, long after) => CreationLater(role, after) is (_, true);

    /// <summary>EPMD does not know the node any more, or its port refuses a dial.</summary>
    internal bool IsGoneLater(Role role, long after) =>
        NodeOf(role) is { } node && _cluster.IsGone(node, role == Role.Acceptor ? Facts.Acceptor : null, after);

    /// <summary>The node ended other sessions of its own accord with this one.</summary>
    internal bool EndedOthersWith(Role role, long time, long within) =>
        _cluster.Of(NodeOf(role)).HasEnded(time - within, time + within, Facts.Number);

    /// <summary><c>global</c> asked for its end.</summary>
    internal static bool IsOverlap(Session session) => session.Notices.Any(notice => notice.Kind == SessionNoticeKind.RemoveConnection);

    /// <summary>Another session of the node goes on past a time.</summary>
    internal bool HasOtherUp(Role role, long time) =>
        _cluster.Of(NodeOf(role)).AliveAfter(time, Facts.Number).Any(other => other.Started < time && other.Ended > time);

    /// <summary>The two nodes connected again.</summary>
    internal AcceptedHandshake? Next => Initiator != null && Acceptor != null
        ? _cluster.HandshakesOf(Initiator, Acceptor, Facts.Started + 1, long.MaxValue).FirstOrDefault(one => one.Number != Facts.Handshake)
        : null;

    internal bool IsHidden(Role role) => _cluster.IsHidden(Facts, role);

    private (bool Same, bool Other)? CreationLater(Role role, long after)
    {
        if (NodeOf(role) is not { } node || Handshake?.CreationOf(node) is not { } creation) return null;
        var later = _cluster.Of(node).HandshakeAfter(after, Facts.Handshake);
        return later?.CreationOf(node) is { } now ? (now == creation, now != creation) : null;
    }

    /// <summary>The tick time (ns) that a direction's ticks show.</summary>
    internal static long? TickTimeBy(SessionSide side) => side.TickSpacings > 1 ? side.TickSpacing * TickIntensity : null;
}
