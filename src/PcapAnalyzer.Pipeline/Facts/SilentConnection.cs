using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>A connection that was open for a while and on which neither side sent a byte.</summary>
public sealed record SilentConnection : Fact
{
    public required Endpoint Initiator { get; init; }

    public required Endpoint Acceptor { get; init; }

    /// <summary>Time of the first SYN, in nanoseconds since 1970.</summary>
    public required long Started { get; init; }

    /// <summary>Time of the first FIN or RST; without one, until when none was seen.</summary>
    public required long OpenUntil { get; init; }

    /// <summary>A FIN or RST was seen.</summary>
    public bool IsClosed { get; init; }
}
