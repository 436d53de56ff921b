using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>What the capture as a whole held. Told as it goes, where somebody tells the analyzer the time, and at its end.</summary>
public sealed record CaptureTotals : Fact
{
    /// <summary>Time of the last packet, in nanoseconds since 1970; while a capture goes on, how late it is.</summary>
    public long LastTime { get; init; }

    /// <summary>Packets that the capture dropped. It is not known whose they were.</summary>
    public long Dropped { get; init; }

    public long TcpSegments { get; init; }

    public long Conversations { get; init; }

    /// <summary>Connections forgotten early because a limit was reached.</summary>
    public long ConversationsDropped { get; init; }

    /// <summary>Connections whose first captured segment is a SYN.</summary>
    public long ConversationsFromSyn { get; init; }

    /// <summary>Connections with a port of <see cref="Protocols.IHandshakeProtocol.OtherPorts"/>, by port.</summary>
    public IReadOnlyDictionary<ushort, long> OtherPorts { get; init; } = new Dictionary<ushort, long>();

    /// <summary>Which of the unsupported frames they are: by the name of the link, encryption or tunnel that is not opened.</summary>
    public IReadOnlyDictionary<string, long> Unopened { get; init; } = new Dictionary<string, long>();

    /// <summary>Frames that could not be decoded, by reason.</summary>
    public IReadOnlyDictionary<FrameKind, long> Undecoded { get; init; } = new Dictionary<FrameKind, long>();
}
