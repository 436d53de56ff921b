using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Readers;

namespace PcapAnalyzer.Pipeline;

/// <summary>What to look for, and the limits of everything that input can make grow: one record a layer.</summary>
public sealed record AnalyzerOptions
{
    /// <summary>Protocols to look for.</summary>
    public required IReadOnlyList<IHandshakeProtocol> Protocols { get; init; }

    /// <summary>When not empty, only connections with one of these TCP ports are looked at.</summary>
    public IReadOnlySet<ushort> Ports { get; init; } = new HashSet<ushort>();

    public PacketLimits Packets { get; init; } = new();

    public ConnectionLimits Connections { get; init; } = new();

    public ReaderLimits Readers { get; init; } = new();

    /// <summary>Keeps the frames of handshakes, for <c>view</c> and <c>--write-handshakes</c>; null keeps none.</summary>
    public EvidenceLimits? Evidence { get; init; }

    public FactLimits Facts { get; init; } = new();
}
