using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>A frame that was kept. Never changes, so that it may cross threads.</summary>
/// <remarks>It is the outer frame as it was captured; of what came in IP fragments, the datagram that they make, as <see cref="LinkLayer.Raw"/>.</remarks>
/// <param name="Number">As <see cref="Frame.Number"/>; of a datagram in fragments, the number of the frame that made it whole.</param>
/// <param name="Time">Nanoseconds since 1970.</param>
/// <param name="Link">What the first byte belongs to.</param>
/// <param name="Interface">Which of the source's interfaces captured it, from 0.</param>
/// <param name="Bytes">What was captured, at most <see cref="EvidenceLimits.MaxFrameBytes"/> of it.</param>
/// <param name="OriginalLength">Bytes on the wire.</param>
/// <param name="Source">Who sent its TCP segment.</param>
/// <param name="Flags">Of its TCP segment.</param>
/// <param name="Length">Payload bytes of its TCP segment, on the wire.</param>
public sealed record EvidenceFrame(
    long Number, long Time, LinkLayer Link, int Interface, ReadOnlyMemory<byte> Bytes, int OriginalLength, Endpoint Source, TcpFlags Flags, int Length)
{
    /// <summary>The same for a parser or a writer; lives as long as this does.</summary>
    public Frame ToFrame() => new(Number, Time, Link, Bytes.Span, OriginalLength, Interface);
}

/// <summary>The handshake or TLS session that frames belong to.</summary>
/// <param name="IsTls">A TLS session.</param>
/// <param name="Number">The number of its fact; 0 for neither.</param>
public readonly record struct EvidenceKey(bool IsTls, int Number)
{
    public bool IsHandshake => !IsTls && Number > 0;
}

/// <summary>The frames of one handshake: its connection from the SYN on, a few frames behind the handshake, and the first FIN or RST of each side.</summary>
/// <remarks>Grows while the connection is up, on the analyzer's thread, which is the one to ask on.</remarks>
public sealed class Evidence
{
    /// <summary>About what a kept frame takes besides its bytes.</summary>
    private const int Overhead = 160;

    private readonly EvidenceStore _store;
    private List<EvidenceFrame>? _frames;
    private int _count;
    private int _after;

    internal Evidence(EvidenceStore store) => _store = store;

    /// <summary>Whose frames these are; <c>default</c> while the connection is not known to be a handshake or a TLS session.</summary>
    public EvidenceKey Key { get; internal set; }

    /// <summary>The frames in their order, those that were given up left out: a copy, which may cross threads.</summary>
    public IReadOnlyList<EvidenceFrame> Frames => [.. _frames ?? []];

    /// <summary>Frames of the handshake that are not kept: there were too many of them.</summary>
    public long Omitted { get; private set; }

    /// <summary>The sequence number of stream offset 0 in each direction, as the handshake was read.</summary>
    public (uint Low, uint High) Origins { get; internal set; }

    /// <summary>The connection is over: no frame will come.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>Memory of the frames, in bytes.</summary>
    internal long Size { get; private set; }

    /// <summary>Its place in a list of the store; null while there are no frames.</summary>
    internal LinkedListNode<Evidence>? Node { get; set; }

    private EvidenceLimits Limits => _store.Limits;

    /// <param name="frame">Any frame of the connection.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="isAfter">The handshake is over.</param>
    internal void Add(in Frame frame, in TcpSegment segment, bool isAfter)
    {
        if (isAfter && _after++ >= Limits.MaxFramesAfter) return;
        if (_count < Limits.MaxFrames) Keep(frame, segment);
        else if (!isAfter) Omitted++;
    }

    /// <summary>The same for the first FIN or RST of a side, which is kept in any case.</summary>
    internal void AddClose(in Frame frame, in TcpSegment segment)
    {
        if (_frames?[^1].Number != frame.Number) Keep(frame, segment);
    }

    /// <summary>It is a handshake's, or a TLS session's.</summary>
    internal void Identify(EvidenceKey key) => _store.Identify(this, key);

    /// <summary>The connection is over.</summary>
    internal void Close() => _store.Close(this);

    /// <summary>It turned out to be no handshake's.</summary>
    internal void Drop() => _store.Remove(this);

    internal void Clear()
    {
        _frames = null;
        Size = 0;
    }

    /// <summary>Forgets the frames, and tells that there were some.</summary>
    internal void Omit()
    {
        Omitted += _frames?.Count ?? 0;
        Clear();
    }

    private void Keep(in Frame frame, in TcpSegment segment)
    {
        var bytes = frame.Bytes[..Math.Min(frame.Bytes.Length, Limits.MaxFrameBytes)].ToArray();
        (_frames ??= []).Add(new EvidenceFrame(frame.Number, frame.Time, frame.Link, frame.Interface, bytes, frame.OriginalLength, segment.Source, segment.Flags, segment.Length));
        _count++;
        Size += bytes.Length + Overhead;
        _store.Grown(this, bytes.Length + Overhead);
    }
}
