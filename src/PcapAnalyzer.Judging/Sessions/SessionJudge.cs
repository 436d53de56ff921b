using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.Certainty;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>The only place that concludes about sessions. Pure, as <see cref="Judge"/> is.</summary>
public static class SessionJudge
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;

    /// <summary>A node that is asked by <c>global</c> to leave closes within this time (ns).</summary>
    private const long OverlapTime = 100 * Millisecond;

    /// <summary>An application that shuts down tells of its processes this long (ns) before the node leaves.</summary>
    private const long ShutdownTime = 3 * Second;

    /// <summary>A living node answers a FIN within this time (ns).</summary>
    private const long AnswerTime = Second;

    /// <summary>A tool's session (<c>erl_call</c>, a CLI) lasts no longer (ns).</summary>
    private const long ToolTime = 10 * Second;

    /// <summary>Two nodes choose between two connections within this time (ns) of an acknowledgement.</summary>
    private const long ElectionTime = 50 * Millisecond;

    /// <summary>A process that dies closes all its connections within this time (ns).</summary>
    private const long SameInstant = 5 * Millisecond;

    private const int ManyFragments = 50;

    /// <summary>All sessions of a capture in order of time, and how its cluster fell apart.</summary>
    public static ClusterSessions Of(ClusterView cluster) => new(new SessionCluster(cluster));

    internal static SessionJudgement Of(SessionCase it)
    {
        var (code, certainty) = Conclude(it);
        var (parted, by, isInferred) = SessionEvents.Parted(it, code);
        var (events, leftOut) = SessionEvents.Of(it);
        return new SessionJudgement(it.Facts, SessionWords.Explain(it, code, certainty))
        {
            InitiatorNode = it.Initiator,
            AcceptorNode = it.Acceptor,
            InitiatorCreation = it.Handshake?.InitiatorCreation,
            AcceptorCreation = it.Handshake?.AcceptorCreation,
            Parted = parted,
            PartedBy = by,
            IsPartedInferred = isInferred,
            Ended = it.Facts.LastTime,
            TickTime = it.TickTimeOf(by ?? Role.Initiator),
            Marks = [.. MarksOf(it, code)],
            Events = events,
            EventsLeftOut = leftOut,
        };
    }

    private static IEnumerable<SessionMark> MarksOf(SessionCase it, DiagnosisCode code)
    {
        if (it.End is { } end && (it.IsRestartedLater(Role.Initiator, end.Time) || it.IsRestartedLater(Role.Acceptor, end.Time)))
            yield return SessionMark.PeerRestarted;
        if (it.IsHidden(Role.Initiator) || it.IsHidden(Role.Acceptor)) yield return SessionMark.Hidden;
        if (it.Facts.Handshake == 0) yield return SessionMark.CaptureStartsLate;
        if (code == PeerFrozen
            && (it.Facts.FromInitiator.Transport.ZeroWindowSince != 0 || it.Facts.FromAcceptor.Transport.ZeroWindowSince != 0))
            yield return SessionMark.ReceiverStalled;
    }

    /// <summary>The first rule that fits.</summary>
    internal static (DiagnosisCode Code, Certainty Certainty) Conclude(SessionCase it)
    {
        if (it.Has(SessionNoticeKind.FrameTooLarge)) return (FrameTooLarge, Proven);
        if (it.End is { IsReset: false } && it.Has(SessionNoticeKind.Malformed)) return (MalformedMessage, Proven);
        if (it.End is not { } end) return Lost(it, null) ?? Open(it);
        if (Overlap(it, end)) return (GlobalOverlap, Proven);
        if (!end.IsReset && Tool(it, end)) return (ToolSession, Proven);
        return end.IsReset ? Reset(it, end) : Lost(it, end) ?? Left(it, end);
    }

    private static bool Overlap(SessionCase it, SessionEnd end) =>
        !end.IsReset && it.Last(SessionNoticeKind.RemoveConnection, end.By.Other(), end.Time - OverlapTime, end.Time) != null;

    private static (DiagnosisCode, Certainty) Reset(SessionCase it, SessionEnd end)
    {
        var trace = it.Of(end.By).Transport;
        if (end.Ttl != 0 && trace.LowestTtl != 0 && (end.Ttl < trace.LowestTtl || end.Ttl > trace.HighestTtl))
            return (MiddleboxReset, it.IsErlang ? Proven : Inferred);
        // What a kernel answers to data of a session that its node gave up long ago is not the end.
        if (it.IsErlang && !end.HasAck && (HasWaited(it, Role.Initiator) || HasWaited(it, Role.Acceptor)))
            return Lost(it, end) ?? (PathDead, IsSeenFromBetween(it) ? Proven : Inferred);
        if (end.WentOn) return (MiddleboxReset, Inferred);
        if (end.HasAck && end.HasOptions) return Lost(it, end) is { Code: PeerFrozen } frozen && it.IsErlang ? frozen
            : (NodeDied, Inferred);
        if (!it.IsErlang && it.Of(end.By.Other()).Transport.Resends > 0) return (HostRestarted, Inferred);
        if (Lost(it, end) is { } lost) return lost;
        if (it.Of(end.By.Other()).Transport.Resends > 1) return (PathDead, Inferred);
        return it.LivesOn(end.By, end.Time) || it.LivesOn(end.By.Other(), end.Time) ? (MiddleboxReset, Inferred)
            : (ClosedUnexplained, Proven);
    }

    /// <summary>The silence before the end exceeds the peer's limit, or TCP gets no answer; null where neither is so.</summary>
    private static (DiagnosisCode Code, Certainty Certainty)? Lost(SessionCase it, SessionEnd? end)
    {
        if (OneWay(it, end) is { } oneWay) return oneWay;
        if (Unanswered(it, end)) return (PathDead, IsSeenFromBetween(it) || !it.IsErlang ? Proven : Inferred);
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            // Where a side left, its peer's silence is the question.
            if (end is { IsReset: false } && role == end.By) continue;
            if (Silent(it, role, end) is { } silent) return silent;
        }
        return null;
    }

    /// <summary>A side has sent the same bytes again and again for longer than the other is waited for.</summary>
    private static bool HasWaited(SessionCase it, Role role) => it.Of(role).Transport is { Resends: > 1 } trace
        && it.Until - trace.UnacknowledgedSince >= it.Limit(role) / 2;

    /// <summary>Some bytes pass and others do not: large ones, or those of one side.</summary>
    private static (DiagnosisCode, Certainty)? OneWay(SessionCase it, SessionEnd? end)
    {
        if (end is { IsReset: false } && it.Silence(end.By.Other()) < it.Limit(end.By) && it.Silence(end.By) < it.Limit(end.By))
            return null;
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var trace = it.Of(role).Transport;
            if (trace.HasLaterBytes && IsStale(it, trace) && (trace.Resends == 0 || trace is { Resends: > 2, ResentLength: > 500 }))
                return (PathMtuBlackhole, Inferred);
        }
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var trace = it.Of(role).Transport;
            if (trace is { Resends: > 2, PeerDataMeanwhile: > 1 }) return (PathDeadOneWay, Proven);
        }
        return null;
    }

    /// <summary>A side's bytes have waited for their acknowledgement for as long as a tick, so that this is no moment's loss.</summary>
    private static bool IsStale(SessionCase it, SegmentTrace trace) =>
        trace.UnacknowledgedSince == 0 || it.Until - trace.UnacknowledgedSince > Second;

    /// <summary>Bytes were sent again and again, and nothing came from the other side meanwhile.</summary>
    private static bool Unanswered(SessionCase it, SessionEnd? end)
    {
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var (mine, peer) = (it.Of(role).Transport, it.Of(role.Other()).Transport);
            if (mine.Resends < 2 || mine.Unacknowledged == 0 || mine.ZeroWindowSince != 0 || peer.ZeroWindowSince != 0) continue;
            // A FIN that gets through ends a session in order, unless it comes from a node that has given up, or after the path healed.
            if (end is { IsReset: false } && it.Silence(end.By.Other()) < it.Limit(end.By)) continue;
            var isCorpse = end is { IsReset: false } && end.By != role && it.Silence(end.By) >= it.Limit(role);
            var isPeerSilent = peer.LastTime < mine.UnacknowledgedSince || peer.Resends > 0 || isCorpse;
            if (isPeerSilent && it.Until - mine.UnacknowledgedSince > (it.IsErlang ? it.Limit(role) : Second)) return true;
        }
        return false;
    }

    /// <summary>Both sides send, and neither acknowledges the other: the capture stands between them, or holds both ends.</summary>
    private static bool IsSeenFromBetween(SessionCase it) =>
        it.Facts.FromInitiator.Transport is { Resends: > 0, Unacknowledged: > 0 }
            && it.Facts.FromAcceptor.Transport is { Resends: > 0, Unacknowledged: > 0 };

    /// <summary>A side said nothing for longer than its peer accepts, though TCP works.</summary>
    private static (DiagnosisCode, Certainty)? Silent(SessionCase it, Role role, SessionEnd? end)
    {
        var judge = role.Other();
        if (!it.IsSeen(role) || it.Silence(role) < it.Limit(judge)) return null;
        var (silent, other) = (it.Of(role), it.Of(judge));
        var isAnswered = end is { IsReset: false } && it.Of(role).End is { IsReset: false } answer && answer.Time - end.Time < AnswerTime;
        if (end is { IsReset: false } && isAnswered && it.IsErlang) return (TickMismatch, it.TicksDiffer(judge) ? Proven : Inferred);
        // Its kernel acknowledged what came meanwhile, or shut its window: the process is at fault, not the path.
        if (silent.Transport.ZeroWindowSince != 0) return (PeerFrozen, Proven);
        var wasAsked = it.IsErlang ? other.LastLifeTime > silent.LastLifeTime : silent.UnansweredPing == 0 && other.UnansweredPing != 0;
        if (wasAsked && other.Transport.Unacknowledged == 0 && silent.Transport.LastTime > silent.LastLifeTime) return (PeerFrozen, Proven);
        if (!it.IsErlang) return null;
        if (other.Transport.HealedResends > 2) return (PathDead, Inferred);
        return other.Transport is { Unacknowledged: > 0 } && silent.Transport.LastTime <= silent.LastLifeTime + Second
            ? (PathDead, Inferred) : null;
    }

    /// <summary>A node hidden from others, or one that speaks as C nodes do, was there for a moment and left by itself.</summary>
    private static bool Tool(SessionCase it, SessionEnd end) => it.IsErlang && end.By == Role.Initiator
        && end.Time - it.Facts.Started <= ToolTime && it.IsHidden(Role.Initiator);

    /// <summary>A FIN while all was well.</summary>
    private static (DiagnosisCode, Certainty) Left(SessionCase it, SessionEnd end)
    {
        var (by, time) = (end.By, end.Time);
        if (Election(it, time) is { } election) return (election, Proven);
        if (!it.IsErlang && IsRefusedFrame(it, end)) return (FrameTooLarge, Inferred);
        if (it.Last(SessionNoticeKind.Shutdown, by, time - ShutdownTime, time) != null)
            return (NodeStopped, !it.HasOtherUp(by, time + SameInstant) ? Proven : Inferred);
        if (it.IsSameCreationLater(by, time)) return (Disconnected, Proven);
        if (it.IsRestartedLater(by, time) || it.IsGoneLater(by, time) || it.Of(by).IsCut) return (NodeDied, Inferred);
        if (it.LivesOn(by, time) || (!it.IsErlang && it.Next is { } next && next.Time > time)) return (Disconnected, Inferred);
        if (it.EndedOthersWith(by, time, SameInstant)) return (NodeDied, Inferred);
        return (ClosedUnexplained, Proven);
    }

    /// <summary>Another connection of the same nodes was acknowledged a moment ago, and one of the two had to go.</summary>
    private static DiagnosisCode? Election(SessionCase it, long time)
    {
        if (it.Initiator == null || it.Acceptor == null || it.Handshake is not { } own) return null;
        foreach (var other in it.Cluster.HandshakesOf(it.Initiator, it.Acceptor, own.Time - Second, time))
        {
            if (other.Number == own.Number) continue;
            var since = time - Math.Max(other.Time, own.Time);
            if (since is < 0 or > ElectionTime) continue;
            var isOld = other.Time - own.Time > Second;
            return isOld && other.Status == StatusAnswer.ContinueAndGiveWay ? SessionDisplaced : DuplicateConnection;
        }
        return null;
    }

    /// <summary>A receiver that refuses a frame closes with the rest of it unread.</summary>
    private static bool IsRefusedFrame(SessionCase it, SessionEnd end)
    {
        var sender = it.Of(end.By.Other());
        return sender.IsCut || (end.IsResetLater && sender.Largest > 4096 && end.Time - sender.LastFrameTime < ElectionTime);
    }

    private static (DiagnosisCode, Certainty) Open(SessionCase it)
    {
        if (it.Facts.IsGivenUp) return (OpenSilent, Inferred);
        var isOver = it.Next != null;
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (it.IsErlang && !isOver && it.IsSeen(role) && it.Silence(role) > it.Healthy(role.Other())) return (OpenSilent, Proven);
        }
        if (isOver) return (ClosedUnexplained, Inferred);
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var limit = it.TickTimeOf(role)?.Length / SessionCase.TickIntensity ?? Second;
            if (it.Of(role).Transport.ZeroWindow > limit) return (ReceiverStalled, Proven);
        }
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var side = it.Of(role);
            if (side.MostFragments > ManyFragments && side.LargestTook > it.Limit(role) / SessionCase.TickIntensity)
                return (LargeMessage, Proven);
        }
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
            if (it.Of(role).Transport is { Timeouts: > 2, Resends: 0 }) return (PathFlap, Proven);
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
            if (it.Of(role).Missing == 0 && it.Of(role).LongestSilence > it.Healthy(role.Other())) return (PeerPaused, Proven);
        return (it.Has(SessionNoticeKind.NotUnderstood) ? MessageNotUnderstood : Healthy, Proven);
    }
}
