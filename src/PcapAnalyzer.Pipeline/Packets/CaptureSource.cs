namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Where packets came from, how many, and what was wrong with it.</summary>
public sealed record CaptureSource
{
    /// <summary><c>file</c>, <c>interface</c> or <c>stdin</c>.</summary>
    public required string Kind { get; init; }

    public required string Name { get; init; }

    /// <summary><c>pcap</c> or <c>pcapng</c>; null for an interface.</summary>
    public string? Format { get; init; }

    public required IReadOnlyList<string> LinkTypes { get; init; }

    public required long Packets { get; init; }

    /// <summary>Bytes captured, packet headers of the file not counted.</summary>
    public required long Bytes { get; init; }

    /// <summary>Time of the first packet, in nanoseconds since 1970; null where there is none.</summary>
    public long? FirstPacket { get; init; }

    public long? LastPacket { get; init; }

    /// <summary>Packets that the kernel or an interface lost, as far as the source tells.</summary>
    public long Dropped { get; init; }

    /// <summary>The interfaces that a pcapng file describes.</summary>
    public IReadOnlyList<SourceInterface>? Interfaces { get; init; }

    /// <summary>What somebody wrote into a pcapng file.</summary>
    public IReadOnlyList<SourceComment>? Comments { get; init; }

    public required IReadOnlyList<SourceProblem> Problems { get; init; }
}

/// <param name="Code">A word for programs.</param>
/// <param name="Detail">Words for people.</param>
/// <param name="Packet">Number of the packet that could not be read, where there is one.</param>
public sealed record SourceProblem(string Code, string Detail, long? Packet);

/// <param name="Name">As the capturing machine called it, where it said so.</param>
/// <param name="LinkType">What its packets begin with.</param>
/// <param name="Dropped">Packets that it or the kernel lost.</param>
public sealed record SourceInterface(string? Name, string LinkType, long Dropped);

/// <param name="Text">The comment.</param>
/// <param name="Packet">The packet it stands at; absent where it concerns the whole file.</param>
public sealed record SourceComment(string Text, long? Packet);
