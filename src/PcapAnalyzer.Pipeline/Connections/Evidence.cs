using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>A frame that was kept. Never changes, so that it may cross threads.</summary>
/// <remarks>
/// It is the outer frame as it was captured. A datagram that came in IP fragments is kept whole, as <see cref="LinkLayer.Raw"/>, with the
/// number of the frame that completed it.
/// </remarks>
/// <param name="Number">As <see cref="Frame.Number"/>.</param>
/// <param name="Time">In nanoseconds since 1970.</param>
/// <param name="Link">The protocol of the first byte.</param>
/// <param name="Interface">The source's interface that captured it, from 0.</param>
/// <param name="Bytes">The captured bytes, at most <see cref="EvidenceLimits.MaxFrameBytes"/>.</param>
/// <param name="OriginalLength">Bytes on the wire.</param>
/// <param name="Source">The sender of its TCP segment.</param>
/// <param name="Flags">The flags of its TCP segment.</param>
/// <param name="Length">Payload bytes of its TCP segment on the wire.</param>
public sealed record EvidenceFrame(
    long Number, long Time, LinkLayer Link, int Interface, ReadOnlyMemory<byte> Bytes, int OriginalLength, Endpoint Source, TcpFlags Flags,
        int Length)
{
    /// <summary>A view for a parser or a writer, valid as long as this record.</summary>
    public Frame ToFrame() => new(Number, Time, Link, Bytes.Span, OriginalLength, Interface);
}

/// <summary>The handshake or TLS session that frames belong to.</summary>
/// <param name="IsTls">A TLS session.</param>
/// <param name="Number">The number of its fact; 0 for neither.</param>
public readonly record struct EvidenceKey(bool IsTls, int Number)
{
    public bool IsHandshake => !IsTls && Number > 0;
}

/// <summary>
/// The frames of one handshake: its connection from the SYN on, a few frames behind the handshake, and the first FIN or RST of each
/// side.
/// </summary>
/// <remarks>It grows on the analyzer's thread while the connection is up; ask on that thread.</remarks>
public sealed class Evidence
{
    /// <summary>Memory of a kept frame besides its bytes, roughly.</summary>
    private const int Overhead = 160;

    private readonly EvidenceStore _store;
    private List<EvidenceFrame>? _frames;
    private int _count;
    private int _after;

    internal Evidence(EvidenceStore store) => _store = store;

    /// <summary>Whose frames these are; <c>default</c> while the connection is not known to be a handshake or a TLS session.</summary>
    public EvidenceKey Key { get; internal set; }

    /// <summary>A copy of the frames that are still kept, in order. It may cross threads.</summary>
    public IReadOnlyList<EvidenceFrame> Frames => [.. _frames ?? []];

    /// <summary>Frames of the handshake that were not kept because a limit was reached.</summary>
    public long Omitted { get; private set; }

    /// <summary>The sequence number of stream offset 0 in each direction, as the handshake was read.</summary>
    public (uint Low, uint High) Origins { get; internal set; }

    /// <summary>The connection is over: no frame will come.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>Memory of the frames, in bytes.</summary>
    internal long Size { get; private set; }

    /// <summary>Its node in one of the store's lists; null while it has no frames.</summary>
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

    /// <summary>Keeps the first FIN or RST of a side, whatever the limits.</summary>
    internal void AddClose(in Frame frame, in TcpSegment segment)
    {
        if (_frames?[^1].Number != frame.Number) Keep(frame, segment);
    }

    /// <summary>The frames belong to this handshake or TLS session.</summary>
    internal void Identify(EvidenceKey key) => _store.Identify(this, key);

    /// <summary>The connection is over.</summary>
    internal void Close() => _store.Close(this);

    /// <summary>The connection turned out to be no handshake.</summary>
    internal void Drop() => _store.Remove(this);

    internal void Clear()
    {
        _frames = null;
        Size = 0;
    }

    /// <summary>Forgets the frames, and counts them as omitted.</summary>
    internal void Omit()
    {
        Omitted += _frames?.Count ?? 0;
        Clear();
    }

    private void Keep(in Frame frame, in TcpSegment segment)
    {
        var bytes = frame.Bytes[..Math.Min(frame.Bytes.Length, Limits.MaxFrameBytes)].ToArray();
        (_frames ??= []).Add(new EvidenceFrame(frame.Number, frame.Time, frame.Link, frame.Interface, bytes, frame.OriginalLength,
            segment.Source, segment.Flags, segment.Length));
        _count++;
        Size += bytes.Length + Overhead;
        _store.Grown(this, bytes.Length + Overhead);
    }
}
