using PcapAnalyzer.Pipeline.Connections;

namespace PcapAnalyzer.Tui;

/// <summary>What the screen needs from its environment, such as files. The composition root provides it.</summary>
public sealed record TimelineActions
{
    /// <summary>Writes a file that appears complete or not at all.</summary>
    /// <exception cref="Exception">It cannot; the message is for the user.</exception>
    public required Action<string, Action<Stream>> WriteFile { get; init; }

    /// <summary>The user's time zone.</summary>
    public required TimeZoneInfo LocalZone { get; init; }

    /// <summary>True when the file exists.</summary>
    public required Func<string, bool> Exists { get; init; }

    /// <summary>Reads a small file.</summary>
    /// <exception cref="Exception">It cannot; the message is for the user.</exception>
    public required Func<string, byte[]> ReadFile { get; init; }

    /// <summary>Writes packets, each with a comment, as a pcapng file.</summary>
    /// <exception cref="Exception">It cannot; the message is for the user.</exception>
    public required Action<string, IReadOnlyList<(EvidenceFrame Frame, string Comment)>> WritePackets { get; init; }
}
