using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>A connection that begins with TLS, between whomever: only the cluster can tell whether it is between nodes.</summary>
public sealed record TlsSession : Fact
{
    public required Endpoint Initiator { get; init; }

    public required Endpoint Acceptor { get; init; }

    /// <summary>Time of the connection's first packet, in nanoseconds since 1970.</summary>
    public required long Started { get; init; }

    /// <summary>The initiator's first bytes are a TLS record.</summary>
    public required bool IsInitiatorTls { get; init; }

    public required bool IsAcceptorTls { get; init; }

    /// <summary>A fatal alert that was not encrypted yet, by its name in RFC 8446, 6; null where there was none.</summary>
    public TlsAlert? Alert { get; init; }

    /// <summary>What happened to its bytes on the way, each direction's in order.</summary>
    public IReadOnlyList<TransferEvent> Transfer { get; init; } = [];

    public required ConnectionFacts Connection { get; init; }

    public EvidenceKey Evidence => new(IsTls: true, Number);
}

/// <param name="By">Who sent it: the side that objects.</param>
/// <param name="Name">As in RFC 8446, 6.</param>
public sealed record TlsAlert(Role By, string Name);
