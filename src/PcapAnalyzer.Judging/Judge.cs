using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.Certainty;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging;

/// <summary>The only place that concludes. Pure: the same facts, cookies and cluster give the same judgement, as often as asked.</summary>
public static class Judge
{
    /// <summary>Where a protocol has no limit of its own, a silence this long (ns) is reported.</summary>
    internal const long LongSilence = 5_000_000_000;

    /// <summary>An end within this time (ns) is a decision, not a timeout.</summary>
    private const long Moment = 1_000_000_000;

    /// <summary>Two nodes choose between their connections within this time (ns) of the handshakes.</summary>
    private const long ElectionTime = 1_000_000_000;

    public static Judgement Of(Handshake handshake, ClusterView cluster) => Of(new Case(handshake, cluster));

    /// <summary>The handshake that a TLS session hides, as far as anything can be said of it.</summary>
    public static Judgement Of(TlsSession session, ClusterView cluster) => Of(new Case(HiddenIn(session, cluster), cluster, session));

    /// <summary>The handshake inside a TLS session: who with whom, and nothing that was said.</summary>
    public static Handshake HiddenIn(TlsSession session, ClusterView cluster) => new()
    {
        Protocol = cluster.ProtocolAt(session.Acceptor),
        Initiator = session.Initiator,
        Acceptor = session.Acceptor,
        Started = session.Started,
        Transfer = session.Transfer,
        Connection = session.Connection,
    };

    /// <summary>The TLS sessions that reach an endpoint known to be a node's: only the whole capture tells.</summary>
    public static IEnumerable<TlsSession> TlsBetweenNodes(ClusterView cluster) =>
        !cluster.IsComplete ? [] : cluster.Facts.TlsSessions.Where(session => session.IsInitiatorTls
            && cluster.Endpoints.ContainsKey(session.Acceptor));

    private static Judgement Of(Case case_)
    {
        var (outcome, code, certainty) = Conclude(case_);
        // Without ticks a node does not notice that the session it prefers is dead.
        if (code == DuplicateConnection && !case_.Handshake.Protocol.HasTicks && case_.Cluster.DeadSince(case_.Handshake) != null)
            (code, certainty) = (DeadSessionWins, Proven);
        // The outcome rests on headers that contradict each other.
        if (case_.IsContested(outcome)) certainty = Inferred;
        return new Judgement(outcome, case_.Initiator, case_.Acceptor,
            Diagnoses.Explain(outcome, code, certainty, case_))
        { State = case_.State };
    }

    /// <summary>The first rule that fits, in the order of precedence.</summary>
    private static (Outcome, DiagnosisCode, Certainty) Conclude(Case it)
    {
        var handshake = it.Handshake;
        if (it.Tls is { } session) return Tls(it, session);
        if (it.Acknowledgement is { } ack)
            return it.IsLate(ack) ? (Outcome.Closed, PeerSilent, Proven) : Acknowledged(it);
        if (Refusal(it) is { } refusal) return (Outcome.Rejected, refusal.Code, refusal.Certainty);
        if (it.IsIncomplete && it.HasReply && handshake.Connection.AfterInitiator > 0) return (Outcome.Established, Unverified, Inferred);
        if (Violation(it) is { } violation) return violation;
        if (it.IsIncomplete) return (Outcome.Incomplete, handshake.Connection.MissingBytes > 0 ? BytesMissing : CaptureStartsLate, Proven);
        if (handshake.State == HandshakeState.Refused)
            return (it.FirstLeft == null ? Outcome.Incomplete : Outcome.Closed, UnknownStatus, Proven);
        if (it.FirstLeft == null) return handshake.Connection.IsGivenUp ? (Outcome.Incomplete, CaptureEndsEarly, Inferred) : Open(it);
        return it.State == HandshakeState.Replied ? AfterReply(it) : Ended(it);
    }

    private static (Outcome, DiagnosisCode, Certainty) Tls(Case it, TlsSession session) =>
        IsProofRefused(it, session) ? (Outcome.Encrypted, CookieMismatch, Inferred)
        : session is { IsAcceptorTls: true, IsRefusedByInitiator: true, Connection.FirstLeft: not null }
            ? (Outcome.Encrypted, TlsFailed, Inferred)
        : session.IsAcceptorTls ? (Outcome.Encrypted, session.Alert == null ? DiagnosisCode.Encrypted : TlsFailed, Proven)
        : session.Connection.FirstLeft == null ? (Outcome.Incomplete, TlsToPlain, Inferred)
        : (Outcome.Closed, TlsToPlain, Inferred);

    /// <summary>The encrypted records have the sizes of a handshake up to the reply, and the acceptor closed at once.</summary>
    private static bool IsProofRefused(Case it, TlsSession session) =>
        session.Connection is { FirstLeft: { By: Role.Acceptor, IsReset: false } left, IsContested: false } connection
        && left.Time - connection.LastByteFromInitiator is >= 0 and var silence && silence < it.SetupTime
        && it.Handshake.Protocol.EndsWithReply(session.Sealed);

    private static (Outcome, DiagnosisCode, Certainty) Acknowledged(Case it)
    {
        var (initiator, acceptor) = (it.Initiator, it.Acceptor);
        var oneFits = (initiator is { IsVerified: true } && acceptor is { IsMismatch: true })
            || (initiator is { IsMismatch: true } && acceptor is { IsVerified: true });
        if (it.ProveDifferentCookies || oneFits)
        {
            var gaveUp = it.FirstLeft?.By == Role.Initiator && it.Handshake.Connection.AfterInitiator == 0;
            return (Outcome.AuthenticationFailed, it.AreCookiesCrossed ? CookieCrossed : CookieMismatch, gaveUp ? Proven : Inferred);
        }
        if (IsDroppedForSibling(it)) return (Outcome.Established, DuplicateConnection, Inferred);
        if (it.Handshake.First(MessageKind.Status)?.Content.Answer == StatusAnswer.Alive) return (Outcome.Established, NameInUse, Proven);
        if (initiator is { IsVerified: true } && acceptor is { IsVerified: true }) return (Outcome.Established, Ok, Proven);
        if (initiator is { IsMismatch: true } && acceptor is { IsMismatch: true } && it.Cluster.HasCookies)
            return (Outcome.Established, CookieNotGiven, Proven);
        return (Outcome.Established, Unverified, Proven);
    }

    /// <summary>The meaning of a refusing status, or of a refusing answer to <c>alive</c>; null when nobody refused.</summary>
    private static (DiagnosisCode Code, Certainty Certainty)? Refusal(Case it) =>
        it.Handshake.State != HandshakeState.Refused ? null : it.Handshake.First(MessageKind.Status)?.Content.Answer switch
        {
            StatusAnswer.RefusedAsDuplicate => (DuplicateConnection, Proven),
            StatusAnswer.RefusedAsPending when it.Name?.NameFault != null => (NameMalformed, Inferred),
            StatusAnswer.RefusedAsPending when DialsBack(it) => (SimultaneousConnect, Proven),
            StatusAnswer.RefusedAsPending => (NameInUse, Inferred),
            StatusAnswer.Alive => (NameInUse, Proven),
            StatusAnswer.Refused when it.MissingFlags(Role.Initiator).Count > 0 =>
                (MandatoryFlagsMissing, it.Cluster.FlagsOf(it.Handshake, Role.Acceptor) == null ? Inferred : Proven),
            // Without the flags it may be either.
            StatusAnswer.Refused => (NotAllowed, it.Handshake.Protocol.Flags != null && it.Handshake.FlagsOf(Role.Initiator) == null
                ? Inferred : Proven),
            _ => null,
        };

    private static (Outcome, DiagnosisCode, Certainty)? Violation(Case it)
    {
        if (it.Handshake.Anomalies.Count == 0) return null;
        var first = it.Handshake.Anomalies[0];
        return first.Kind switch
        {
            AnomalyKind.TlsRecord when first.By == Role.Acceptor =>
                (it.FirstLeft == null ? Outcome.Incomplete : Outcome.Closed, PlainToTls, Proven),
            AnomalyKind.OtherService => (Outcome.ProtocolViolation, WrongService, Proven),
            AnomalyKind.FrameTooLarge => (Outcome.ProtocolViolation, FrameTooLarge, Proven),
            AnomalyKind.MalformedMessage or AnomalyKind.TlsRecord => (Outcome.ProtocolViolation, MalformedMessage, Proven),
            _ => (Outcome.ProtocolViolation, OutOfOrderMessage, Proven),
        };
    }

    private static (Outcome, DiagnosisCode, Certainty) Open(Case it)
    {
        var limit = it.WaitLimit;
        if (it.State == HandshakeState.AliveAnswered && limit == null) return (Outcome.Incomplete, AliveStall, Inferred);
        return it.Silence >= (limit ?? LongSilence)
            ? (Outcome.Incomplete, PeerSilent, limit == null ? Inferred : Proven)
            : (Outcome.Incomplete, CaptureEndsEarly, Proven);
    }

    /// <summary>An end after the reply: a healthy acceptor closes only for a wrong proof, an equal identity or a sibling.</summary>
    private static (Outcome, DiagnosisCode, Certainty) AfterReply(Case it)
    {
        var left = it.FirstLeft!;
        if (left.By == Role.Initiator) return Waited(it) ?? (Outcome.Closed, PeerClosed, Proven);
        if (left.IsReset) return (Outcome.Closed, PeerClosed, Proven);
        var proof = it.Initiator;
        // A stranger may borrow the acceptor's name: a proof that is known to be wrong is a wrong proof all the same.
        if (it.HasSameIdentity && !(proof is { IsMismatch: true } && it.IsAcceptorsCookieGiven))
            return (Outcome.Closed, SameIdentity, Inferred);
        if (proof is { IsVerified: true } && AcceptorProvedMeanwhile(it, proof.Cookie!))
            return (Outcome.Closed, DuplicateConnection, Inferred);
        // A node that refuses a proof closes at once.
        if (it.Silence >= (it.WaitLimit ?? it.SetupTime)) return (Outcome.Closed, PeerSilent, Inferred);
        // An acceptor that proved this cookie too may have it now: cookies are rotated.
        var isProven = proof is { IsVerified: true } && it.Handshake.NodeOf(Role.Acceptor) is { } acceptor
            && it.Cluster.NodeOf(it.Handshake, Role.Initiator) is { } initiator
            && it.Cluster.Proved(acceptor, initiator) is { Count: > 0 } proved && !proved.Contains(proof.Cookie!);
        return (Outcome.AuthenticationFailed, CookieMismatch, isProven ? Proven : Inferred);
    }

    private static (Outcome, DiagnosisCode, Certainty) Ended(Case it)
    {
        var left = it.FirstLeft!;
        if (left.By == Role.Initiator && GaveWay(it)) return (Outcome.Closed, SimultaneousConnect, Proven);
        if (it.State == HandshakeState.AliveAnswered && it.WaitLimit == null) return (Outcome.Closed, AliveStall, Proven);
        if (it.State == HandshakeState.NameSent && left is { By: Role.Acceptor, IsReset: false } && !it.IsNameUnread
            && Unanswered(it) is { } unanswered)
            return unanswered;
        if (it.State is HandshakeState.Challenged or HandshakeState.Complemented && left is { By: Role.Initiator, IsReset: false }
            && it.Silence < Moment)
        {
            if (it.MissingFlags(Role.Acceptor).Count > 0) return (Outcome.Closed, MandatoryFlagsMissing, Proven);
            if (it.Handshake.Protocol.Words.NameMismatch != null && it.Cluster.UnusableCookies(it.Handshake.Protocol).Count == 0)
                return (Outcome.Closed, NameMismatch, it.LooksForOther ? Proven : Inferred);
        }
        return Waited(it) ?? (Outcome.Closed, PeerClosed, Proven);
    }

    /// <summary>The acceptor took a name and closed without a status.</summary>
    private static (Outcome, DiagnosisCode, Certainty)? Unanswered(Case it)
    {
        if (it.Name?.NameFault != null) return (Outcome.Closed, NameMalformed, Inferred);
        if (HasLivingSibling(it)) return (Outcome.Closed, DuplicateConnection, Inferred);
        if (it.Handshake.Protocol.Words.SilentGiveUp != null && it.WaitLimit is { } limit && it.Silence >= limit)
            return (Outcome.Closed, PeerOverloaded, Inferred);
        if (it.Silence < Moment && it.Name?.UnreadBy is { } form && !it.Cluster.Reads(it.Handshake.Acceptor, form))
            return (Outcome.Closed, VersionUnsupported, Inferred);
        return null;
    }

    /// <summary>The side that left had been waiting: past the limit, or long enough for a limit that was set lower.</summary>
    private static (Outcome, DiagnosisCode, Certainty)? Waited(Case it)
    {
        if (!it.IsOthersTurn(it.FirstLeft!.By)) return null;
        if (it.Silence >= (it.WaitLimit ?? LongSilence)) return (Outcome.Closed, PeerSilent, Proven);
        return it.WaitLimit > Moment && it.Silence >= Moment && !it.FirstLeft.IsReset ? (Outcome.Closed, PeerSilent, Inferred) : null;
    }

    /// <summary>While this connection was up, the acceptor proved the same cookie to the same node on another one.</summary>
    private static bool AcceptorProvedMeanwhile(Case it, string cookie) =>
        it.Handshake.NodeOf(Role.Acceptor) is { } acceptor && it.Cluster.NodeOf(it.Handshake, Role.Initiator) is { } initiator
        && it.Cluster.Proved(acceptor, initiator).Contains(cookie) && it.Cluster.Overlapping(it.Handshake).Any(sibling =>
            it.Cluster.Handshakes[sibling.Number] is var other && it.Cluster.RoleOf(other, acceptor) is { } role
                && it.Cluster.Proof(other, role) is { IsVerified: true } proof && proof.Cookie == cookie);

    /// <summary>The acceptor dials the initiator: already, soon after its refusal, or as soon as EPMD has told it where.</summary>
    private static bool DialsBack(Case it)
    {
        if (it.Cluster.OverlappingOfHosts(it.Handshake, it.SetupTime).Any(other => AreReversed(it, other))) return true;
        return it.Handshake.NodeOf(Role.Initiator) is { } name
            && it.Cluster.HasLookedUp(it.Handshake.Acceptor.Host, name, it.Handshake.First(MessageKind.Status)!.Time, it.SetupTime);
    }

    /// <summary>The acceptor dialled too, and the initiator gave up this connection for that one.</summary>
    private static bool GaveWay(Case it) => it.Cluster.OverlappingOfHosts(it.Handshake).Any(other =>
        AreReversed(it, other) && other.First(MessageKind.Status)?.Content.Answer == StatusAnswer.ContinueAndGiveWay);

    private static bool AreReversed(Case it, Handshake other)
    {
        var (mine, theirs) = (it.Handshake.NodeOf(Role.Initiator), other.NodeOf(Role.Initiator));
        return mine != null && theirs != null && mine != theirs
            && other.Initiator.Host == it.Handshake.Acceptor.Host && other.Acceptor.Host == it.Handshake.Initiator.Host
            && (it.Cluster.NodeOf(other, Role.Acceptor) ?? mine) == mine
                && (it.Cluster.NodeOf(it.Handshake, Role.Acceptor) ?? theirs) == theirs;
    }

    /// <summary>Another connection between the two is up, or of that name is being set up at the same acceptor.</summary>
    private static bool HasLivingSibling(Case it)
    {
        if (it.Cluster.Overlapping(it.Handshake).Any(sibling => sibling.Acknowledged != 0)) return true;
        return it.Handshake.NodeOf(Role.Initiator) is { } name && it.Cluster.OverlappingOfHosts(it.Handshake).Any(other =>
            other.Acceptor == it.Handshake.Acceptor && other.NodeOf(Role.Initiator) == name && other.First(MessageKind.Status) != null
                && other.Started <= it.Handshake.Started);
    }

    /// <summary>Both handshakes were acknowledged, then this connection was closed at once and the other one stayed.</summary>
    private static bool IsDroppedForSibling(Case it)
    {
        if (it.FirstLeft is not { } left || it.Acknowledgement is not { } own) return false;
        foreach (var sibling in it.Cluster.Overlapping(it.Handshake))
        {
            var sinceBoth = left.Time - Math.Max(sibling.Acknowledged, own.Time);
            // A session that is older than the other handshake was lost, or had to go: nobody chose between two handshakes.
            if (sibling.Acknowledged - own.Time >= it.SetupTime) continue;
            if (sibling.Acknowledged != 0 && sibling.Ended > left.Time && sinceBoth is >= 0 and < ElectionTime
                && !IsRelayed(it.Handshake, it.Cluster.Handshakes[sibling.Number])) return true;
        }
        return false;
    }

    /// <summary>The same handshake on the other leg of a proxy or NAT: all challenges and digests are equal.</summary>
    private static bool IsRelayed(Handshake a, Handshake b) =>
        a.First(MessageKind.Challenge)?.Content.Challenge is { } challenge && challenge == b.First(MessageKind.Challenge)?.Content.Challenge
        && !Differs(a, b, MessageKind.ChallengeReply) && !Differs(a, b, MessageKind.ChallengeAck);

    /// <summary>A message that one leg lost, or a part of it, does not differ.</summary>
    private static bool Differs(Handshake a, Handshake b, MessageKind kind) =>
        a.First(kind)?.Content is { Digest: { } one } mine && b.First(kind)?.Content is { Digest: { } other } theirs
        && (mine.Challenge != theirs.Challenge || !one.AsSpan().SequenceEqual(other));
}
