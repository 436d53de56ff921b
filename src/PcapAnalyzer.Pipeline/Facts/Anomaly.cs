using PcapAnalyzer.Pipeline.Protocols;
namespace PcapAnalyzer.Pipeline.Facts;

public enum AnomalyKind
{
    /// <summary>A message that no row of the transition table allows at its place.</summary>
    OutOfOrderMessage,

    /// <summary>Bytes that are no message.</summary>
    MalformedMessage,

    /// <summary>A length beyond what a receiver accepts.</summary>
    FrameTooLarge,

    /// <summary>A TLS record where a handshake message was due.</summary>
    TlsRecord,

    /// <summary>More messages than one handshake can have.</summary>
    TooManyMessages,

    /// <summary>Another program's first bytes, where the answer to a name was due.</summary>
    OtherService,
}

/// <summary>Something that a peer should not have sent: data, never an exception.</summary>
/// <param name="Kind">What is odd.</param>
/// <param name="By">Whose bytes they are.</param>
/// <param name="Expected">What was due, in words.</param>
/// <param name="Seen">What came, in words.</param>
/// <param name="Frame">The frame with its first byte.</param>
/// <param name="Time">Capture time of that frame.</param>
public sealed record Anomaly(AnomalyKind Kind, Role By, string Expected, string Seen, long Frame, long Time);
