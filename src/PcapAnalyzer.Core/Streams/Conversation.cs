using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>A flow that somebody reads, or whose end somebody wants to know: its part that few flows have.</summary>
/// <param name="table">Where the flow is.</param>
/// <param name="place">Its place there.</param>
internal sealed class Conversation(ConversationTable table, int place)
{
    private HalfMarks _low;
    private HalfMarks _high;

    /// <summary>Good until it has ended.</summary>
    internal ref Flow Flow => ref table[place];

    /// <summary>Reassembly and reader while somebody reads the bytes; null when detached.</summary>
    internal Reassembly? Reassembly { get; set; }

    /// <summary>Who read the bytes and wants to know the end; kept when detached.</summary>
    internal IStreamReader? Reader { get; set; }

    /// <summary>The frames that are kept of it; null when none are, or not any more.</summary>
    internal Evidence? Evidence { get; set; }

    internal long FirstTime => Flow.FirstTime;

    internal long LastTime => Flow.LastTime;

    internal bool? DialledByLow => Flow.DialledByLow;

    /// <summary>Both FINs are acknowledged and all bytes were read, or need not be: whatever comes now is a copy.</summary>
    internal bool IsDone => Flow.IsFinished && (Reassembly == null || Reassembly.HasDelivered(Half(true).End, Half(false).End));

    /// <summary>When a direction's first SYN came; 0 where it was not seen.</summary>
    internal long SynTime(bool low) => Half(low).Syns == 0 ? 0 : FirstTime + Half(low).SynAfter * TimeSpan.NanosecondsPerTick;

    /// <summary>Bytes may be missing, so that what is seen first need not be what was sent first.</summary>
    internal bool MayHaveMissed =>
        !Flow.HasBothSyns || (Reassembly is { } reassembly && (reassembly.Of(true).MissingBytes > 0 || reassembly.Of(false).MissingBytes > 0));

    internal Endpoint EndpointOf(bool low) => Flow.EndpointOf(low);

    internal ref HalfStream Half(bool low) => ref Flow.Half(low);

    internal ref HalfMarks Marks(bool low) => ref low ? ref _low : ref _high;

    /// <summary>Its bytes are of no use any more.</summary>
    internal void Settle()
    {
        Reassembly = null;
        Flow.IsSettled = true;
        if (Reader != null) return;
        DropEvidence();
        table.Unwatch(place);
    }

    /// <summary>It is no handshake.</summary>
    internal void DropEvidence()
    {
        Evidence?.Drop();
        Evidence = null;
    }

    /// <summary>Offset of a FIN that no data contradicts: no receiver takes what stands behind it. Null where there is none.</summary>
    internal long? FinOffset(bool low) => Half(low).Close == CloseKind.Fin && !IsCloseContradicted(low) ? Half(low).End : null;

    /// <summary>Data in the place of a FIN shows that the FIN was not its sender's.</summary>
    internal bool IsCloseContradicted(bool low) => Half(low).Close == CloseKind.Fin && Half(low).End != Marks(low).CloseOffset;

    /// <summary>A FIN or RST; only the first one of a direction counts, but for a FIN that data contradicts.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="frame">Its frame.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="offset">Its place in the stream.</param>
    /// <param name="acknowledges">The peer's offset that it acknowledges.</param>
    internal void Close(CloseKind kind, in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
        ref var sender = ref Half(segment.FromLow);
        if (sender.Close != CloseKind.None && !IsCloseContradicted(segment.FromLow)) return;
        Evidence?.AddClose(frame, segment);
        sender.Close = kind;
        Flow.IsLeft = true;
        ref var marks = ref Marks(segment.FromLow);
        marks.CloseFrame = frame.Number;
        marks.CloseTime = frame.Time;
        marks.CloseOffset = offset;
        marks.CloseAcknowledges = acknowledges;
    }
}
