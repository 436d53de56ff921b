using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>A connection that begins with TLS, between whomever: only the cluster can tell whether it is between nodes.</summary>
public sealed record TlsSession : Fact
{
    /// <summary>Two bytes of the alert, its type, and the tag of the cipher.</summary>
    private const int SealedAlert = 2 + 1 + 16;

    public required Endpoint Initiator { get; init; }

    public required Endpoint Acceptor { get; init; }

    /// <summary>Time of the connection's first packet, in nanoseconds since 1970.</summary>
    public required long Started { get; init; }

    /// <summary>The initiator's first bytes are a TLS record.</summary>
    public required bool IsInitiatorTls { get; init; }

    public required bool IsAcceptorTls { get; init; }

    /// <summary>Time of the initiator's first record, and of the acceptor's; 0 where there was none.</summary>
    public long HelloTime { get; init; }

    public long AnswerTime { get; init; }

    /// <summary>A fatal alert that was not encrypted yet, by its name in RFC 8446, 6; null where there was none.</summary>
    public TlsAlert? Alert { get; init; }

    /// <summary>
    /// Every record behind each side's switch to encryption, in the order of the wire. Empty where they were more than a few, or one
    /// is not whole in the capture.
    /// </summary>
    public IReadOnlyList<SealedRecord> Sealed { get; init; } = [];

    /// <summary>
    /// All that the initiator encrypted is an alert of TLS 1.3: no handshake message is so short, and any other session of that
    /// version has one.
    /// </summary>
    public bool IsRefusedByInitiator => Sealed.Count(one => one.From == Role.Initiator) == 1
        && Sealed.First(one => one.From == Role.Initiator).Length == SealedAlert;

    /// <summary>What happened to its bytes on the way, each direction's in order.</summary>
    public IReadOnlyList<TransferEvent> Transfer { get; init; } = [];

    public required ConnectionFacts Connection { get; init; }

    public EvidenceKey Evidence => new(IsTls: true, Number);
}

/// <param name="By">Who sent it: the side that objects.</param>
/// <param name="Name">As in RFC 8446, 6.</param>
public sealed record TlsAlert(Role By, string Name);
