using System.Buffers;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>What one protocol knows about its bytes behind the handshake. It concludes nothing.</summary>
public interface ISessionProtocol
{
    /// <summary>Most bytes of a body that are looked at; the rest is skipped.</summary>
    int MaxHead { get; }

    /// <summary>Longest body that a receiver accepts.</summary>
    long MaxMessageLength { get; }

    /// <summary>Reads a length prefix.</summary>
    OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame);

    /// <summary>Tells whether a message begins here: in the middle of a stream, or where bytes before are missing.</summary>
    /// <param name="start">Bytes of the stream.</param>
    /// <returns><see cref="OperationStatus.NeedMoreData"/> where a tick, or too little, leaves it open.</returns>
    OperationStatus Probe(ReadOnlySpan<byte> start);

    /// <summary>A decoder for one direction of one session: it may keep what earlier messages told.</summary>
    ISessionDecoder NewDecoder();
}

/// <summary>Decodes the messages of one direction, as far as their beginnings tell.</summary>
public interface ISessionDecoder
{
    /// <param name="head">The body, or its first <see cref="ISessionProtocol.MaxHead"/> bytes.</param>
    /// <param name="frame">Its length prefix.</param>
    SessionMessage Read(ReadOnlySpan<byte> head, MessageFrame frame);

    /// <summary>Bytes are missing: what earlier messages told may be out of date.</summary>
    void OnGap();
}

public enum SessionMessageKind
{
    Tick,
    Message,

    /// <summary>Goes on with a message that began before.</summary>
    Fragment,

    /// <summary>A member or field that no known release has.</summary>
    Unknown,

    /// <summary>Bytes that are no message.</summary>
    Malformed,
}

/// <summary>What the beginning of one message tells.</summary>
public readonly record struct SessionMessage(SessionMessageKind Kind)
{
    /// <summary>The operation by its name in the protocol; null where it has none.</summary>
    public string? Operation { get; init; }

    /// <summary>The registered name that it is for.</summary>
    public string? Destination { get; init; }

    /// <summary>The node of the process that sent it.</summary>
    public string? Sender { get; init; }

    /// <summary>It belongs to a message in this many fragments, counted down to 1; 0 for a whole one.</summary>
    public long FragmentsLeft { get; init; }

    /// <summary>Which message its fragment belongs to.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Something worth telling; null for most.</summary>
    public SessionNoticeKind? Notice { get; init; }

    public string? Name { get; init; }

    public string? Other { get; init; }

    /// <summary>A request for a sign of life, a request of an application, or an answer to either.</summary>
    public SessionExchange Exchange { get; init; }

    /// <summary>What a request and its answer have in common.</summary>
    public (ulong To, ulong Tag) Key { get; init; }

    /// <summary>How long (ns) the requester waits for an answer; 0 for ever. Of a ping: its session's age; 0 where unknown.</summary>
    public long Value { get; init; }
}

public enum SessionExchange
{
    None,
    Ping,
    Pong,
    Call,
    Reply,
}
