namespace PcapAnalyzer.Core.Packets;

/// <summary>One TCP segment as views into its frame.</summary>
public readonly ref struct TcpSegment
{
    public Endpoint Source { get; init; }

    public Endpoint Destination { get; init; }

    public uint Sequence { get; init; }

    /// <summary>Next sequence number the sender expects; meaningful when <see cref="TcpFlags.Ack"/> is set.</summary>
    public uint Acknowledgment { get; init; }

    public TcpFlags Flags { get; init; }

    /// <summary>The payload bytes that were captured.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Payload bytes on the wire; more than <see cref="Payload"/> holds when a snapshot length cut it.</summary>
    public int Length { get; init; }

    public bool Has(TcpFlags flag) => (Flags & flag) != 0;
}
