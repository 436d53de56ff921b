namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>One TCP segment as views into its frame.</summary>
public ref struct TcpSegment
{
    /// <summary>Whose connection it belongs to.</summary>
    public FlowKey Flow;

    /// <summary>The lower endpoint of <see cref="Flow"/> sent it.</summary>
    public bool FromLow;

    public TcpFlags Flags;

    /// <summary>The IP header's time to live, or hop limit; 0 where it is not known.</summary>
    public byte Ttl;

    public uint Sequence;

    /// <summary>Next sequence number the sender expects; meaningful when <see cref="TcpFlags.Ack"/> is set.</summary>
    public uint Acknowledgment;

    /// <summary>Payload bytes on the wire; more than <see cref="Payload"/> holds when a snapshot length cut it.</summary>
    public int Length;

    /// <summary>The TCP header with its options, as far as it was captured; empty where only the fields above are known.</summary>
    public ReadOnlySpan<byte> Header;

    /// <summary>The payload bytes that were captured.</summary>
    public ReadOnlySpan<byte> Payload;

    /// <summary>For <see cref="FrameKind.Unsupported"/>: the header that nobody here opens; not set while another parser may.</summary>
    internal Unopened Unopened;

    public readonly Endpoint Source => FromLow ? Flow.Low : Flow.High;

    public readonly Endpoint Destination => FromLow ? Flow.High : Flow.Low;

    public readonly bool Has(TcpFlags flag) => (Flags & flag) != 0;
}
