namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>The captured bytes of one packet, borrowed from its source until the handler returns.</summary>
/// <param name="number">Position in the source, from 1, as Wireshark counts.</param>
/// <param name="time">Capture time in nanoseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="link">What the first byte belongs to.</param>
/// <param name="bytes">What was captured: at most <paramref name="originalLength"/> bytes.</param>
/// <param name="originalLength">Bytes the packet had on the wire; more than captured when a snapshot length cut it.</param>
/// <param name="from">Which of the source's interfaces captured it, from 0.</param>
/// <param name="ahead">
/// The first bytes of a frame of the same link that comes a few frames later, for the analyzer to fetch from memory what it will need
/// then; perhaps none.
/// </param>
public readonly ref struct Frame(
    long number, long time, LinkLayer link, ReadOnlySpan<byte> bytes, int originalLength, int from = 0, ReadOnlySpan<byte> ahead = default)
{
    public readonly long Number = number;
    public readonly long Time = time;
    public readonly LinkLayer Link = link;
    public readonly ReadOnlySpan<byte> Bytes = bytes;
    public readonly int OriginalLength = originalLength;
    public readonly int Interface = from;
    public readonly ReadOnlySpan<byte> Ahead = ahead;
}

/// <summary>Takes one frame; must not keep its bytes.</summary>
public delegate void FrameHandler(in Frame frame);
