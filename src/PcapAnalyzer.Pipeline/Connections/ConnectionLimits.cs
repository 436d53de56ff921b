namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Limits of the connection table and of reassembly. Times are in nanoseconds of frame time.</summary>
public sealed record ConnectionLimits
{
    private const long Second = 1_000_000_000;

    /// <summary>Connections followed at once; beyond it the one least recently looked at goes, and is counted.</summary>
    public int MaxConnections { get; init; } = 1_000_000;

    /// <summary>
    /// Connections with equal addresses and ports at once, as two networks or a reused port have them, two at least; beyond it the
    /// longest silent one goes, and is counted if it was answered.
    /// </summary>
    public int MaxTwins { get; init; } = 8;

    /// <summary>
    /// Connections whose bytes are read at once, some 5 KB each; a quarter beyond it the oldest are given up, and counted.
    /// </summary>
    public int MaxConnectionsRead { get; init; } = 20_000;

    /// <summary>
    /// Memory for the first segments of connections that began before the capture; connections beyond it are left alone, and counted.
    /// </summary>
    public long MaxAsideBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>A connection without a handshake is forgotten after this long without a packet.</summary>
    public long IdleTimeout { get; init; } = 300 * Second;

    /// <summary>A connection that was reset, or whose end is not all there, is kept this long for what may still come.</summary>
    public long ClosedTimeout { get; init; } = 60 * Second;

    /// <summary>A connection that both sides have closed and acknowledged is kept this long for late copies of its packets.</summary>
    public long DoneTimeout { get; init; } = 2 * Second;

    /// <summary>SYNs into connections that are up, kept until an acknowledgement tells that they were not forged.</summary>
    public int MaxSynsAside { get; init; } = 1024;

    /// <summary>Bytes of one direction that its reader has not taken yet: the longest message that is decoded whole.</summary>
    public int MaxUnreadBytes { get; init; } = 64 * 1024;

    /// <summary>Early bytes held for one direction while a hole before them may still fill.</summary>
    public int MaxHeldBytes { get; init; } = 64 * 1024;

    /// <summary>Early segments held for one direction.</summary>
    public int MaxHeldSegments { get; init; } = 256;

    /// <summary>Early bytes held for all directions together.</summary>
    public long MaxHeldBytesInAll { get; init; } = 256L * 1024 * 1024;

    /// <summary>Places where a direction's segments were not the next ones; more of them are counted only.</summary>
    public int MaxSegmentEvents { get; init; } = 32;

    /// <summary>Segments of a direction kept because they differ from what was delivered in their place.</summary>
    public int MaxOtherCopies { get; init; } = 8;

    /// <summary>Bytes of them.</summary>
    public int MaxOtherBytes { get; init; } = 8 * 1024;

    /// <summary>A hole is waited for this long, or for <see cref="HoleSegments"/> more segments of its connection.</summary>
    public long HoleTimeout { get; init; } = 3 * Second;

    /// <inheritdoc cref="HoleTimeout"/>
    public int HoleSegments { get; init; } = 64;

    /// <summary>A direction whose SYN was not seen waits this many segments for earlier ones before it starts.</summary>
    public int StartSegments { get; init; } = 8;
}
