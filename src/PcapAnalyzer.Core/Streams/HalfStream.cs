using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

internal enum CloseKind : byte
{
    None,
    Fin,
    Rst,
}

/// <summary>When a direction did what only handshakes want to know of it.</summary>
internal struct HalfMarks
{
    /// <summary>When the last byte, new or repeated, was sent; 0 where there was none.</summary>
    internal long LastByteTime;

    /// <summary>Of the first FIN or RST.</summary>
    internal long CloseFrame;

    internal long CloseTime;

    /// <summary>Its place in the stream: behind the last byte, as it says.</summary>
    internal long CloseOffset;

    /// <summary>The peer's stream offset that a FIN acknowledges; one more than there are bytes where that includes a FIN that was not captured yet.</summary>
    internal long CloseAcknowledges;
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

    /// <summary>The first FIN or RST of this direction.</summary>
    internal CloseKind Close;

    internal bool HasOrigin;

    /// <summary>A segment of this direction was seen.</summary>
    internal bool IsSeen;

    /// <summary>Its SYN carried an ACK.</summary>
    internal bool IsSynAck;

    /// <summary>The peer has acknowledged its FIN.</summary>
    internal bool IsFinAcknowledged;

    /// <summary>The offset behind the last byte sent.</summary>
    internal long End;

    /// <summary>How far the peer has acknowledged.</summary>
    internal long Acknowledged;

    /// <summary>How far it sent for sure: what the peer acknowledged, or what stands before the FIN.</summary>
    internal readonly long Sent => Close == CloseKind.Fin ? Math.Max(End, Acknowledged) : Acknowledged;

    internal readonly long OffsetOf(in TcpSegment segment) =>
        StreamOffset.Of(segment.Sequence + (segment.Has(TcpFlags.Syn) ? 1u : 0u), Origin, End);
}
