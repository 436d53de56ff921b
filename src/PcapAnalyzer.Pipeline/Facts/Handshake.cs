using System.Collections.Immutable;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>How a side left the connection first.</summary>
/// <param name="By">Who left.</param>
/// <param name="IsReset">By RST; else by FIN.</param>
/// <param name="Frame">Number of its frame.</param>
/// <param name="Time">Its capture time.</param>
/// <param name="Acknowledges">The peer's stream offset that it acknowledges; 0 of an RST.</param>
/// <param name="IsAnswer">It acknowledges the peer's FIN, which was captured only later.</param>
public sealed record Departure(Role By, bool IsReset, long Frame, long Time, long Acknowledges, bool IsAnswer);

/// <summary>The TCP connection under a handshake. Counters cover the time while the handshake was followed.</summary>
public sealed record ConnectionFacts
{
    /// <summary>How often the initiator's SYN was seen, copies apart.</summary>
    public int Syns { get; init; }

    /// <summary>Time of its first SYN; 0 where none was seen.</summary>
    public long SynTime { get; init; }

    /// <summary>The same of the acceptor's answer.</summary>
    public long SynAckTime { get; init; }

    public int Retransmissions { get; init; }

    /// <summary>Segments that the capture holds more than once.</summary>
    public int Copies { get; init; }

    public int OutOfOrder { get; init; }

    public int Overlaps { get; init; }

    /// <summary>Bytes of the handshake that are not in the capture.</summary>
    public long MissingFromInitiator { get; init; }

    public long MissingFromAcceptor { get; init; }

    /// <summary>The direction's first bytes are not in the capture.</summary>
    public bool InitiatorStartMissing { get; init; }

    public bool AcceptorStartMissing { get; init; }

    public bool IsInitiatorSeen { get; init; }

    public bool IsAcceptorSeen { get; init; }

    /// <summary>First FIN or RST of the initiator.</summary>
    public Departure? InitiatorLeft { get; init; }

    public Departure? AcceptorLeft { get; init; }

    /// <summary>Bytes that each side sent after its last handshake message.</summary>
    public long AfterInitiator { get; init; }

    public long AfterAcceptor { get; init; }

    /// <summary>Time of the last byte from each side; 0 where there was none.</summary>
    public long LastByteFromInitiator { get; init; }

    public long LastByteFromAcceptor { get; init; }

    /// <summary>Time of the last packet.</summary>
    public long LastTime { get; init; }

    /// <summary>RSTs outside the window, which end nothing.</summary>
    public int StrayResets { get; init; }

    /// <summary>It was not followed to its end: there were more connections than are followed at once.</summary>
    public bool IsGivenUp { get; init; }

    /// <summary>
    /// Segments claim what the rest of the connection does not bear out: forged ones, or a capture that lacks what they go with.
    /// </summary>
    public bool IsContested { get; init; }

    public long MissingBytes => MissingFromInitiator + MissingFromAcceptor;

    /// <summary>Something of the handshake is not in the capture.</summary>
    public bool IsIncomplete => MissingBytes > 0 || InitiatorStartMissing || AcceptorStartMissing;

    public Departure? Left(Role role) => role == Role.Initiator ? InitiatorLeft : AcceptorLeft;

    /// <summary>The first FIN or RST in the order of the file, but for a FIN that acknowledges the other one.</summary>
    public Departure? FirstLeft => InitiatorLeft == null || AcceptorLeft == null
        ? InitiatorLeft ?? AcceptorLeft
        : (InitiatorLeft.Frame < AcceptorLeft.Frame ? !InitiatorLeft.IsAnswer : AcceptorLeft.IsAnswer) ? InitiatorLeft : AcceptorLeft;
}

/// <summary>Why a handshake is told now.</summary>
public enum HandshakeStage
{
    /// <summary>Nothing more can change its outcome, but for what becomes of its connection.</summary>
    Decided,

    /// <summary>It goes on; told when it has come further and the analyzer is told the time.</summary>
    UnderWay,

    /// <summary>Somebody has been waiting for longer than the protocol allows, or than is usual.</summary>
    Stalled,

    /// <summary>What was told of it under way was another protocol's: there is no such handshake.</summary>
    Withdrawn,
}

/// <summary>The facts of one handshake: what was sent, when and by whom, what is missing, who left. No conclusions.</summary>
public sealed record Handshake : Fact
{
    public required IHandshakeProtocol Protocol { get; init; }

    public HandshakeStage Stage { get; init; }

    public EvidenceKey Evidence => new(IsTls: false, Number);

    public required Endpoint Initiator { get; init; }

    public required Endpoint Acceptor { get; init; }

    /// <summary>Time of the connection's first packet.</summary>
    public long Started { get; init; }

    public ImmutableArray<HandshakeMessage> Messages { get; init; } = [];

    public IReadOnlyList<Anomaly> Anomalies { get; init; } = [];

    /// <summary>What happened to its bytes on the way, each direction's in order.</summary>
    public IReadOnlyList<TransferEvent> Transfer { get; init; } = [];

    public HandshakeState State { get; init; }

    public required ConnectionFacts Connection { get; init; }

    /// <summary>The fields of one of its messages with their places in the body. While a handshake is read nobody wants them.</summary>
    public IReadOnlyList<MessageField> FieldsOf(HandshakeMessage message) => message.Content.Fields.Count > 0 ? message.Content.Fields
        : Protocol.TryParse(message.Body, new MessageFrame(message.Header, message.Length), message.ParsedAs, withFields: true,
            out var content)
            ? content.Fields : [];

    public Endpoint EndpointOf(Role role) => role == Role.Initiator ? Initiator : Acceptor;

    /// <summary>The first message of a kind, or null.</summary>
    public HandshakeMessage? First(MessageKind kind)
    {
        foreach (var message in Messages)
            if (message.Kind == kind) return message;
        return null;
    }

    public string? NodeOf(Role role) => First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content.Node;

    /// <summary>All capability bits that a side told, or null.</summary>
    public ulong? FlagsOf(Role role)
    {
        var flags = First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content.Flags;
        return role == Role.Initiator && First(MessageKind.Complement)?.Content.Flags is { } high ? (flags ?? 0) | high : flags;
    }

    public uint? CreationOf(Role role) =>
        First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content.Creation
        ?? (role == Role.Initiator ? First(MessageKind.Complement)?.Content.Creation : null);

    public string? ConnectionStringOf(Role role) =>
        First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content.ConnectionString;
}
