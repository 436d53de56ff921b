namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>What became of a handshake's connection after the handshake was told: a revision of the fact with the same number.</summary>
public sealed record ConnectionUpdate : Fact
{
    public required ConnectionFacts Connection { get; init; }

    /// <summary>Time of the connection's first packet, in nanoseconds since 1970.</summary>
    public required long Started { get; init; }
}
