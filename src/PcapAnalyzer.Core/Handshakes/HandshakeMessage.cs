namespace PcapAnalyzer.Core.Handshakes;

/// <summary>The steps that the Erlang distribution handshake and those that follow it have in common.</summary>
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

/// <summary>A decoded field and where its bytes stand in the message body.</summary>
/// <param name="Name">As in the JSON report.</param>
/// <param name="Value">The value, of a closed family.</param>
/// <param name="Offset">From the first byte of the body.</param>
/// <param name="Length">In bytes.</param>
public sealed record MessageField(string Name, FieldValue Value, int Offset, int Length)
{
    /// <summary>Bytes of it before its value: a protobuf field's tag and length.</summary>
    public int Lead { get; init; }

    /// <summary>Its value is a number in protobuf's form of as many bytes as it needs.</summary>
    public bool IsVarint { get; init; }

    /// <summary>How it may be told to strangers.</summary>
    public FieldSharing Sharing { get; init; }
}

/// <summary>What becomes of a field where a capture is redacted. What its protocol says nothing of is not told.</summary>
public enum FieldSharing
{
    Not,
    AsItIs,

    /// <summary>Under another node name.</summary>
    AsName,

    /// <summary>With another host before its port.</summary>
    AsAddress,
}

/// <summary>What a field can hold.</summary>
public abstract record FieldValue
{
    public sealed record Text(string Value) : FieldValue;

    public sealed record Number(ulong Value) : FieldValue;

    public sealed record Flag(bool Value) : FieldValue;

    public sealed record Flags(CapabilityBits Value) : FieldValue;

    public sealed record Bytes(byte[] Value) : FieldValue;
}

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

    /// <summary>Other protocols' bytes may look so by accident: it takes a second message to believe it.</summary>
    public bool IsTentative { get; init; }

    public IReadOnlyList<MessageField> Fields { get; init; } = [];
}

/// <summary>One handshake message as it was seen.</summary>
/// <param name="Content">What it says.</param>
/// <param name="From">Who sent it.</param>
/// <param name="Time">When its last byte was captured, in nanoseconds since 1970.</param>
/// <param name="Frames">Numbers of the frames that carried its bytes, its length prefix included.</param>
/// <param name="Length">Body bytes by its length prefix.</param>
/// <param name="StreamFrom">Stream offset of its length prefix.</param>
/// <param name="Header">Bytes of its length prefix.</param>
/// <param name="Body">Its body, as far as that was captured.</param>
/// <param name="ParsedAs">Whose it was thought to be when its content was read.</param>
public sealed record HandshakeMessage(
    MessageContent Content, Role From, long Time, IReadOnlyList<long> Frames, long Length, long StreamFrom, int Header, byte[] Body, Role? ParsedAs)
{
    public MessageKind Kind => Content.Kind;

    /// <summary>Stream offset behind its body.</summary>
    public long StreamTo => StreamFrom + Header + Length;

    /// <summary>A part of its body was not captured.</summary>
    public bool IsCut { get; init; }

    /// <summary>Some of its bytes were sent twice with different content, so what it says is not certain.</summary>
    public bool IsConflicting { get; init; }

    /// <summary>Bytes of its stream that came again are others than its body's.</summary>
    internal bool DiffersFrom(long offset, ReadOnlySpan<byte> bytes)
    {
        var body = StreamFrom + Header;
        var (from, to) = (Math.Max(offset, body), Math.Min(offset + bytes.Length, body + Body.Length));
        return from < to && !bytes[(int)(from - offset)..(int)(to - offset)].SequenceEqual(Body.AsSpan((int)(from - body), (int)(to - from)));
    }
}
