namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>How many frames of handshakes are kept.</summary>
public sealed record EvidenceLimits
{
    /// <summary>Frames of one handshake, besides the first FIN or RST of each side; more of them are counted only.</summary>
    public int MaxFrames { get; init; } = 1024;

    /// <summary>How many of them may have come after the handshake.</summary>
    public int MaxFramesAfter { get; init; } = 8;

    /// <summary>Bytes kept of a frame.</summary>
    public int MaxFrameBytes { get; init; } = 128 * 1024;

    /// <summary>
    /// Memory for frames in all; beyond it the oldest handshake's go, first of those whose connection is over. A quarter is for
    /// what may yet prove to be a handshake.
    /// </summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;
}
