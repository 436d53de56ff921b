namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>What one message says, as far as its bytes were captured. Absent is null, never a default.</summary>
public sealed record MessageContent(MessageKind Kind)
{
    public string? Node { get; init; }

    /// <summary>Protocol version of the sender.</summary>
    public int? Version { get; init; }

    public uint? Challenge { get; init; }

    /// <summary>The whole digest; null when a part of it is missing.</summary>
    public byte[]? Digest { get; init; }

    public StatusAnswer? Answer { get; init; }

    /// <summary>The status as the protocol spells it, in lower case.</summary>
    public string? Status { get; init; }

    /// <summary>Answer to <see cref="StatusAnswer.Alive"/>.</summary>
    public bool? GoesOn { get; init; }

    /// <summary>Where the sender accepts connections, <c>host:port</c>, as it says itself.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The releases that speak this wire form, where a protocol has several.</summary>
    public string? Generation { get; init; }

    /// <summary>Releases that cannot read this form and close without a word; null when all can.</summary>
    public string? UnreadBy { get; init; }

    /// <summary>Capability bits, where the protocol has them: of a complement only those that it adds.</summary>
    public ulong? Flags { get; init; }

    /// <summary>The sender's incarnation.</summary>
    public uint? Creation { get; init; }

    /// <summary>What is wrong with a name that can be read but that no node may have.</summary>
    public string? NameFault { get; init; }

    /// <summary>Another protocol may look like this by accident: only a second message makes it a handshake.</summary>
    public bool IsTentative { get; init; }

    public IReadOnlyList<MessageField> Fields { get; init; } = [];
}

/// <summary>The messages that the Erlang distribution handshake and protocols modelled on it have in common.</summary>
public enum MessageKind
{
    Name,
    Status,
    ClientStatus,
    Challenge,
    Complement,
    ChallengeReply,
    ChallengeAck,

    /// <summary>A well-formed message that belongs to the time after the handshake.</summary>
    Traffic,

    /// <summary>A message with nothing in it.</summary>
    Empty,

    /// <summary>A handshake message of no known kind.</summary>
    Unknown,
}

/// <summary>What the acceptor's status means for the exchange, however the protocol spells it.</summary>
public enum StatusAnswer
{
    Continue,

    /// <summary>The same, and the acceptor gives up its own dial of the initiator.</summary>
    ContinueAndGiveWay,
    Refused,

    /// <summary>Refused because another connection of this pair is to survive.</summary>
    RefusedAsDuplicate,

    /// <summary>Refused because another attempt of that name is under way.</summary>
    RefusedAsPending,

    /// <summary>The acceptor has a live connection to that name and asks whether to go on.</summary>
    Alive,
    Unknown,
}
