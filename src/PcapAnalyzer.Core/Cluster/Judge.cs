using PcapAnalyzer.Core.Handshakes;
using static PcapAnalyzer.Core.Cluster.Certainty;
using static PcapAnalyzer.Core.Cluster.DiagnosisCode;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>The only place that concludes. Pure: the same facts, cookies and cluster give the same judgement, as often as asked.</summary>
public static class Judge
{
    /// <summary>Where a protocol has no limit of its own, a silence this long (ns) is worth a word.</summary>
    internal const long LongSilence = 5_000_000_000;

    /// <summary>Connections of one pair are settled within this (ns) of their handshakes.</summary>
    private const long ElectionTime = 1_000_000_000;

    public static Judgement Of(Handshake handshake, ClusterView cluster)
    {
        var case_ = new Case(handshake, cluster);
        var (outcome, code, certainty) = Conclude(case_);
        return new Judgement(outcome, case_.Initiator, case_.Acceptor, Diagnoses.Explain(code, certainty, case_));
    }

    /// <summary>The TLS sessions that reach an endpoint known to be a node's.</summary>
    public static IEnumerable<Handshake> TlsBetweenNodes(ClusterView cluster) =>
        cluster.Facts.TlsSessions.Where(session => session.IsInitiatorTls && cluster.Endpoints.ContainsKey(session.Acceptor));

    /// <summary>The first rule that fits, in the order of precedence.</summary>
    private static (Outcome, DiagnosisCode, Certainty) Conclude(Case it)
    {
        var handshake = it.Handshake;
        if (handshake.Protocol == null) return Tls(handshake);
        if (it.Acknowledgement is { } ack)
            return it.LeftBefore(Role.Initiator, ack) ? (Outcome.Closed, PeerSilent, Proven) : Acknowledged(it);
        if (Refusal(handshake) is { } refusal) return (Outcome.Rejected, refusal, Proven);
        if (it.IsIncomplete && it.HasReply && handshake.Connection.AfterInitiator > 0) return (Outcome.Established, Unverified, Inferred);
        if (Violation(it) is { } violation) return violation;
        if (it.IsIncomplete) return (Outcome.Incomplete, handshake.Connection.MissingBytes > 0 ? BytesMissing : CaptureStartsLate, Proven);
        if (handshake.State == HandshakeState.Refused) return (it.FirstLeft == null ? Outcome.Incomplete : Outcome.Closed, UnknownStatus, Proven);
        if (it.FirstLeft == null) return Open(it);
        return handshake.State == HandshakeState.Replied ? AfterReply(it) : Ended(it);
    }

    private static (Outcome, DiagnosisCode, Certainty) Tls(Handshake session) =>
        session.IsAcceptorTls ? (Outcome.Encrypted, DiagnosisCode.Encrypted, Proven)
        : session.Connection.FirstLeft == null ? (Outcome.Incomplete, TlsToPlain, Inferred)
        : (Outcome.Closed, TlsToPlain, Inferred);

    private static (Outcome, DiagnosisCode, Certainty) Acknowledged(Case it)
    {
        var (initiator, acceptor) = (it.Initiator, it.Acceptor);
        var differ = initiator is { IsVerified: true } && acceptor is { IsVerified: true } && initiator.Cookie != acceptor.Cookie;
        var oneFits = (initiator is { IsVerified: true } && acceptor is { IsMismatch: true }) || (initiator is { IsMismatch: true } && acceptor is { IsVerified: true });
        if (differ || oneFits)
        {
            var gaveUp = it.FirstLeft?.By == Role.Initiator && it.Handshake.Connection.AfterInitiator == 0;
            return (Outcome.AuthenticationFailed, CookieMismatch, gaveUp ? Proven : Inferred);
        }
        if (IsDroppedForSibling(it)) return (Outcome.Established, DuplicateConnection, Inferred);
        if (initiator is { IsVerified: true } && acceptor is { IsVerified: true }) return (Outcome.Established, Ok, Proven);
        if (initiator is { IsMismatch: true } && acceptor is { IsMismatch: true } && it.Cluster.HasCookies) return (Outcome.Established, CookieNotGiven, Proven);
        return (Outcome.Established, Unverified, Proven);
    }

    /// <summary>What a refusing status, or a refusing answer to <c>alive</c>, stands for; null when nobody refused.</summary>
    private static DiagnosisCode? Refusal(Handshake handshake) =>
        handshake.State != HandshakeState.Refused ? null : handshake.First(MessageKind.Status)?.Content.Answer switch
        {
            StatusAnswer.RefusedAsDuplicate or StatusAnswer.Alive => DuplicateConnection,
            StatusAnswer.Refused => NotAllowed,
            _ => null,
        };

    private static (Outcome, DiagnosisCode, Certainty)? Violation(Case it)
    {
        if (it.Handshake.Anomalies.Count == 0) return null;
        var first = it.Handshake.Anomalies[0];
        return first.Kind switch
        {
            AnomalyKind.TlsRecord when first.By == Role.Acceptor => (it.FirstLeft == null ? Outcome.Incomplete : Outcome.Closed, PlainToTls, Proven),
            AnomalyKind.FrameTooLarge => (Outcome.ProtocolViolation, FrameTooLarge, Proven),
            AnomalyKind.MalformedMessage or AnomalyKind.TlsRecord => (Outcome.ProtocolViolation, MalformedMessage, Proven),
            _ => (Outcome.ProtocolViolation, OutOfOrderMessage, Proven),
        };
    }

    private static (Outcome, DiagnosisCode, Certainty) Open(Case it)
    {
        if (it.Handshake.State == HandshakeState.AliveAnswered) return (Outcome.Incomplete, AliveStall, Inferred);
        var limit = it.WaitLimit;
        return it.Silence >= (limit ?? LongSilence)
            ? (Outcome.Incomplete, PeerSilent, limit == null ? Inferred : Proven)
            : (Outcome.Incomplete, CaptureEndsEarly, Proven);
    }

    /// <summary>An end right after the challenge reply, where only a wrong proof, an equal identity or a sibling makes a healthy acceptor close.</summary>
    private static (Outcome, DiagnosisCode, Certainty) AfterReply(Case it)
    {
        var left = it.FirstLeft!;
        if (left.By == Role.Initiator) return (Outcome.Closed, it.Silence >= (it.WaitLimit ?? LongSilence) ? PeerSilent : PeerClosed, Proven);
        if (left.IsReset) return (Outcome.Closed, PeerClosed, Proven);
        if (it.HasSameIdentity) return (Outcome.Closed, SameIdentity, Proven);
        var proof = it.Initiator;
        if (proof is { IsVerified: true } && AcceptorProvedOnSibling(it, overlapping: true).Contains(proof.Cookie))
            return (Outcome.Closed, DuplicateConnection, Inferred);
        var isProven = proof is { IsVerified: true } or { IsMismatch: true }
            && AcceptorProvedOnSibling(it, overlapping: false).Any(cookie => cookie != proof.Cookie);
        return (Outcome.AuthenticationFailed, CookieMismatch, isProven ? Proven : Inferred);
    }

    private static (Outcome, DiagnosisCode, Certainty) Ended(Case it)
    {
        var left = it.FirstLeft!;
        switch (it.Handshake.State)
        {
            case HandshakeState.AliveAnswered:
                return (Outcome.Closed, AliveStall, Proven);
            case HandshakeState.NameSent when it.IsOldForm && left.By == Role.Acceptor:
                return (Outcome.Closed, VersionUnsupported, Inferred);
            case HandshakeState.NameSent when left is { By: Role.Acceptor, IsReset: false } && HasLivingSibling(it):
                return (Outcome.Closed, DuplicateConnection, Inferred);
            case HandshakeState.NameSent when left is { By: Role.Acceptor, IsReset: false } && it.WaitLimit is { } limit && it.Silence >= limit:
                return (Outcome.Closed, PeerOverloaded, Inferred);
        }
        var waitedOut = it.IsOthersTurn(left.By) && it.Silence >= (it.WaitLimit ?? LongSilence);
        return (Outcome.Closed, waitedOut ? PeerSilent : PeerClosed, Proven);
    }

    /// <summary>Labels that the acceptor proved by digests of its own on other connections with this initiator.</summary>
    private static IEnumerable<string?> AcceptorProvedOnSibling(Case it, bool overlapping)
    {
        if (it.Handshake.NodeOf(Role.Acceptor) is not { } acceptor) yield break;
        foreach (var sibling in it.Cluster.Siblings(it.Handshake))
        {
            if (overlapping && !ClusterView.Overlap(it.Handshake, sibling)) continue;
            if (it.Cluster.RoleOf(sibling, acceptor) is { } role && it.Cluster.Proof(sibling, role) is { IsVerified: true } proof) yield return proof.Cookie;
        }
    }

    private static bool HasLivingSibling(Case it) =>
        it.Cluster.Siblings(it.Handshake).Any(sibling => sibling.State == HandshakeState.Acknowledged && ClusterView.Overlap(it.Handshake, sibling));

    /// <summary>Both handshakes were done, then this connection went within a moment and the other one stayed.</summary>
    private static bool IsDroppedForSibling(Case it)
    {
        if (it.FirstLeft is not { } left) return false;
        foreach (var sibling in it.Cluster.Siblings(it.Handshake))
        {
            if (sibling.First(MessageKind.ChallengeAck) is not { } ack || it.Acknowledgement is not { } own) continue;
            if (!ClusterView.Overlap(it.Handshake, sibling) || ClusterView.EndOf(sibling) <= left.Time) continue;
            if (left.Time - Math.Max(ack.Time, own.Time) is >= 0 and < ElectionTime) return true;
        }
        return false;
    }
}
