using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>One handshake message as it was seen.</summary>
/// <param name="Content">What it says.</param>
/// <param name="From">Who sent it.</param>
/// <param name="Time">When its last byte was captured, in nanoseconds since 1970.</param>
/// <param name="Frames">Numbers of the frames that carried its bytes, its length prefix included.</param>
/// <param name="Length">Body bytes by its length prefix.</param>
/// <param name="StreamFrom">Stream offset of its length prefix.</param>
/// <param name="Header">Bytes of its length prefix.</param>
/// <param name="Body">Its body, as far as that was captured.</param>
/// <param name="ParsedAs">Whose it was thought to be when its content was read.</param>
public sealed record HandshakeMessage(
    MessageContent Content, Role From, long Time, IReadOnlyList<long> Frames, long Length, long StreamFrom, int Header, byte[] Body,
        Role? ParsedAs)
{
    public MessageKind Kind => Content.Kind;

    /// <summary>Stream offset behind its body.</summary>
    public long StreamTo => StreamFrom + Header + Length;

    /// <summary>A part of its body was not captured.</summary>
    public bool IsCut { get; init; }

    /// <summary>Some of its bytes were sent twice with different content, so what it says is not certain.</summary>
    public bool IsConflicting { get; init; }

    /// <summary>Bytes of its stream that came again are others than its body's.</summary>
    internal bool DiffersFrom(long offset, ReadOnlySpan<byte> bytes)
    {
        var body = StreamFrom + Header;
        var (from, to) = (Math.Max(offset, body), Math.Min(offset + bytes.Length, body + Body.Length));
        return from < to && !bytes[(int)(from - offset)..(int)(to - offset)].SequenceEqual(Body.AsSpan((int)(from - body),
            (int)(to - from)));
    }
}
