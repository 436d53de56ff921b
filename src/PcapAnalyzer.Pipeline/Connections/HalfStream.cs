using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

internal enum CloseKind : byte
{
    None,
    Fin,
    Rst,
}

/// <summary>When a direction did what only handshakes want to know of it.</summary>
internal sealed class HalfMarks
{
    /// <summary>When the last byte, new or repeated, was sent; 0 where there was none.</summary>
    internal long LastByteTime;

    /// <summary>Of the first FIN or RST.</summary>
    internal long CloseFrame;

    internal long CloseTime;

    /// <summary>Its place in the stream: behind the last byte, as a FIN says; behind all that was seen before it of an RST.</summary>
    internal long CloseOffset;

    /// <summary>The peer's stream offset that a FIN acknowledges; one more than there are bytes where that includes a FIN that was not captured yet.</summary>
    internal long CloseAcknowledges;

    /// <summary>The peer's stream offset that its latest segment acknowledges.</summary>
    internal long LastAcknowledges;

    /// <summary>The frame of its latest segment that acknowledges anything.</summary>
    internal long LastFrame;
}

/// <summary>One direction of a conversation as its headers tell it. Offset 0 is the byte after the SYN.</summary>
/// <remarks>There may be a million of them: what few need is in <see cref="HalfMarks"/>.</remarks>
internal struct HalfStream
{
    /// <summary>The sequence number of offset 0; a guess while <see cref="Syns"/> is 0.</summary>
    internal uint Origin;

    /// <summary>When its first SYN came, in units of 100 ns after the conversation's first packet, seven minutes at most.</summary>
    internal uint SynAfter;

    internal ushort Syns;

    /// <summary>The first FIN or RST of this direction that nothing later contradicts.</summary>
    internal CloseKind Close;

    internal bool HasOrigin;

    /// <summary>A segment of this direction was seen.</summary>
    internal bool IsSeen;

    /// <summary>Its SYN carried an ACK.</summary>
    internal bool IsSynAck;

    /// <summary>The peer has acknowledged its FIN.</summary>
    internal bool IsFinAcknowledged;

    /// <summary>The offset behind the last byte that was seen.</summary>
    internal long End;

    /// <summary>How far the peer has acknowledged.</summary>
    internal long Acknowledged;

    internal readonly long OffsetOf(in TcpSegment segment) =>
        StreamOffset.Of(segment.Sequence + (segment.Has(TcpFlags.Syn) ? 1u : 0u), Origin, End);
}
