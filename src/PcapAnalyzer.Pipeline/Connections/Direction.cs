using System.Runtime.InteropServices;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>One direction of a connection, as packet headers show it. Offset 0 is the byte after the SYN.</summary>
/// <remarks>There may be a million of them: what few need is in <see cref="DirectionMarks"/>.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4)] // without gaps: two of them, and what is around, fill two cache lines
internal struct Direction
{
    /// <summary>The sequence number of offset 0; a guess while <see cref="Syns"/> is 0.</summary>
    internal uint Origin;

    /// <summary>When its first SYN came, in units of 100 ns after the connection's first packet, seven minutes at most.</summary>
    internal uint SynAfter;

    /// <summary>SYNs seen, copies not counted.</summary>
    internal ushort Syns;

    /// <summary>Its SYN carried an ACK.</summary>
    internal bool IsSynAck;

    internal DirectionState State;

    /// <summary>Offset behind the last byte that was seen.</summary>
    internal long SeenTo;

    /// <summary>Highest offset that the peer acknowledged.</summary>
    internal long AckedTo;

    /// <summary>It is known which sequence number its offset 0 has.</summary>
    internal readonly bool HasOrigin => State is not (DirectionState.Closed or DirectionState.Stray or DirectionState.Refused);

    /// <summary>A segment of it was seen.</summary>
    internal readonly bool IsSeen => State is not (DirectionState.Closed or DirectionState.Unseen);

    internal readonly bool HasFin => State is DirectionState.FinSeen or DirectionState.FinAcknowledged;

    internal readonly bool HasReset => State is DirectionState.Refused or DirectionState.ResetSeen;

    /// <summary>Its FIN or RST was seen.</summary>
    internal readonly bool HasEnded => HasFin || HasReset;

    internal readonly long OffsetOf(in TcpSegment segment) =>
        StreamOffset.Of(segment.Sequence + (segment.Has(TcpFlags.Syn) ? 1u : 0u), Origin, SeenTo);

    internal void Apply(DirectionEvent what) => State = State.After(what);
}

/// <summary>What only readers of a connection want to know of a direction.</summary>
internal sealed class DirectionMarks
{
    /// <summary>Time of the last byte, new or repeated; 0 where there was none.</summary>
    internal long LastByteTime;

    /// <summary>Number of the frame with its FIN or RST.</summary>
    internal long EndFrame;

    internal long EndTime;

    /// <summary>Offset of its FIN, or of what it had sent when its RST came.</summary>
    internal long EndAt;

    /// <summary>
    /// The peer's offset that its FIN acknowledges; one more than there are bytes where that includes a FIN captured later.
    /// </summary>
    internal long EndAcks;

    /// <summary>The peer's offset that its latest segment acknowledges.</summary>
    internal long LastAck;

    /// <summary>Number of the frame with its latest acknowledgement.</summary>
    internal long LastAckFrame;
}
