using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging;

/// <summary>How a handshake ended.</summary>
public enum Outcome
{
    /// <summary>The acknowledgement was seen and no digest is known to be wrong.</summary>
    Established,

    /// <summary>A digest is proven wrong, or a side closed where only a wrong digest makes it close.</summary>
    AuthenticationFailed,

    /// <summary>The acceptor's status refused, or the initiator answered <c>alive</c> with false.</summary>
    Rejected,

    /// <summary>The connection ended inside the handshake for another reason.</summary>
    Closed,

    /// <summary>The capture ends, or lost bytes, before the handshake does.</summary>
    Incomplete,

    /// <summary>A peer sent what the protocol forbids at that point.</summary>
    ProtocolViolation,

    /// <summary>A TLS session on an endpoint known to be a node's.</summary>
    Encrypted,
}

/// <summary>One cause each; a code never changes its meaning.</summary>
public enum DiagnosisCode
{
    Ok,
    CookieNotGiven,
    Unverified,
    CookieMismatch,
    CookieCrossed,
    SameIdentity,
    DuplicateConnection,
    NameInUse,
    SimultaneousConnect,
    AliveStall,
    NotAllowed,
    MandatoryFlagsMissing,
    NameMismatch,
    NameMalformed,
    NameNotRegistered,
    VersionUnsupported,
    PeerSilent,
    PeerOverloaded,
    PeerClosed,
    TlsToPlain,
    PlainToTls,
    TlsFailed,
    Encrypted,
    FrameTooLarge,
    UnknownStatus,
    WrongService,
    OutOfOrderMessage,
    MalformedMessage,
    CaptureStartsLate,
    CaptureEndsEarly,
    BytesMissing,
    Unreachable,
    NotDialled,
    EpmdAtNodePort,

    // Of sessions, beside those above that fit both.
    Healthy,
    NodeStopped,
    NodeDied,
    Disconnected,
    GlobalOverlap,
    PeerFrozen,
    PeerPaused,
    PathDead,
    PathDeadOneWay,
    PathFlap,
    PathMtuBlackhole,
    TickMismatch,
    MiddleboxReset,
    ReceiverStalled,
    LargeMessage,
    OpenSilent,
    ToolSession,
    ClosedUnexplained,
    SessionDisplaced,
    DeadSessionWins,
    HostRestarted,
    MessageNotUnderstood,

    // Findings of sessions.
    CallUnanswered,
    LinkMissing,
    TransitivePlainDial,
    TlsListenerBlocked,
}

public enum Certainty
{
    /// <summary>The bytes show it.</summary>
    Proven,

    /// <summary>The likeliest reading.</summary>
    Inferred,
}

/// <summary>What happened, in plain words, and what to do about it.</summary>
/// <param name="Remedy">What to change where; null when nothing has to.</param>
/// <param name="Certainty">Shown by the bytes, or the likeliest reading.</param>
/// <param name="Frames">The frames that show it.</param>
public sealed record Diagnosis(DiagnosisCode Code, string Summary, string? Remedy, Certainty Certainty, IReadOnlyList<long> Frames);

/// <summary>What is concluded about one handshake.</summary>
public sealed record Judgement(Outcome Outcome, Proof? InitiatorProof, Proof? AcceptorProof, Diagnosis Diagnosis)
{
    /// <summary>How far it had come when the initiator gave up, or at its end.</summary>
    public HandshakeState State { get; init; }

    public IEnumerable<Proof> Proofs => new[] { InitiatorProof, AcceptorProof }.OfType<Proof>();
}
