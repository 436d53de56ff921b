using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

internal enum CloseKind : byte
{
    None,
    Fin,
    Rst,
}

/// <summary>One direction of a conversation as its headers tell it. Offset 0 is the byte after the SYN.</summary>
internal struct HalfStream
{
    /// <summary>The sequence number of offset 0; a guess while <see cref="Syns"/> is 0.</summary>
    internal uint Origin;

    internal bool HasOrigin;

    /// <summary>A segment of this direction was seen.</summary>
    internal bool IsSeen;

    /// <summary>Its SYN carried an ACK.</summary>
    internal bool IsSynAck;

    /// <summary>The first FIN or RST of this direction.</summary>
    internal CloseKind Close;

    internal ushort Syns;

    internal long SynTime;

    /// <summary>The offset behind the last byte sent.</summary>
    internal long End;

    /// <summary>How far the peer has acknowledged.</summary>
    internal long Acknowledged;

    /// <summary>When the last byte, new or repeated, was sent.</summary>
    internal long LastByteTime;

    internal long CloseFrame;

    internal long CloseTime;

    /// <summary>How far it sent for sure: what the peer acknowledged, or what stands before the FIN.</summary>
    internal readonly long Sent => Close == CloseKind.Fin ? Math.Max(End, Acknowledged) : Acknowledged;

    internal readonly long OffsetOf(in TcpSegment segment) =>
        StreamOffset.Of(segment.Sequence + (segment.Has(TcpFlags.Syn) ? 1u : 0u), Origin, End);
}
