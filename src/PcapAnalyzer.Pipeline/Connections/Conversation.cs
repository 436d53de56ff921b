using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>A flow that somebody reads, or whose end somebody wants to know: its part that few flows have.</summary>
/// <param name="table">Where the flow is.</param>
/// <param name="place">Its place there.</param>
internal sealed class Conversation(ConversationTable table, int place)
{
    private HalfMarks? _low;
    private HalfMarks? _high;

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
    internal bool IsDone => Flow.IsFinished && (Reassembly == null || Reassembly.HasDelivered(Marks(true).CloseOffset, Marks(false).CloseOffset));

    /// <summary>Segments were left aside, or believed, that nothing else bears out: forged ones, or a capture that lacks what they go with.</summary>
    internal bool IsContested { get; set; }

    /// <summary>There were more of them than are followed at once.</summary>
    internal bool IsGivenUp { get; set; }

    /// <summary>When a direction's first SYN came; 0 where it was not seen.</summary>
    internal long SynTime(bool low) => Half(low).Syns == 0 ? 0 : FirstTime + Half(low).SynAfter * TimeSpan.NanosecondsPerTick;

    /// <summary>Bytes may be missing, so that what is seen first need not be what was sent first.</summary>
    internal bool MayHaveMissed =>
        !Flow.HasBothSyns || (Reassembly is { } reassembly && (reassembly.Of(true).MissingBytes > 0 || reassembly.Of(false).MissingBytes > 0));

    internal Endpoint EndpointOf(bool low) => Flow.EndpointOf(low);

    internal ref HalfStream Half(bool low) => ref Flow.Half(low);

    internal HalfMarks Marks(bool low) => low ? _low ??= new HalfMarks() : _high ??= new HalfMarks();

    /// <summary>Its bytes are of no use any more.</summary>
    internal void Settle()
    {
        Reassembly = null;
        Flow.IsSettled = true;
        if (Reader != null) return;
        DropEvidence();
        table.Unwatch(place);
    }

    /// <summary>Another reader takes over, from the next byte on.</summary>
    internal void HandOver(IStreamReader reader)
    {
        if (Reader != null) Reader = reader; // null while its end is told
        Reassembly?.Reader = reader;
    }

    /// <summary>Nothing more will come, and every byte was delivered.</summary>
    internal void EndReassembly()
    {
        Reassembly?.Dispose();
        Reassembly = null;
    }

    /// <summary>The frames that are kept are those of a handshake or TLS session.</summary>
    internal void IdentifyEvidence(EvidenceKey key)
    {
        if (Evidence == null) return;
        Evidence.Origins = (Half(true).Origin, Half(false).Origin);
        Evidence.Identify(key);
    }

    /// <summary>It is no handshake.</summary>
    internal void DropEvidence()
    {
        Evidence?.Drop();
        Evidence = null;
    }

    /// <summary>Offset of a FIN: no receiver takes what stands behind it. Null where there is none.</summary>
    internal long? FinOffset(bool low) => Half(low).Close == CloseKind.Fin ? Marks(low).CloseOffset : null;

    /// <summary>How far the peer has taken a direction's bytes: an acknowledgment of what nobody saw counts until the peer acknowledges less.</summary>
    internal long Taken(bool low) => Math.Min(Half(low).Acknowledged, Math.Max(Half(low).End, (low ? _high : _low)?.LastAcknowledges ?? 0));

    /// <summary>How far a direction is known without a hole that the peer may not have filled.</summary>
    internal long Followed(bool low) => Math.Max(Reassembly?.Of(low).Next ?? Half(low).End, Taken(low));

    /// <summary>The same of the bytes that were seen: a FIN or RST further back is not its sender's.</summary>
    internal long Seen(bool low) => Math.Min(Followed(low), Half(low).End);

    /// <summary>Where a direction ends as far as it was seen, or where its FIN says.</summary>
    internal long LastOffset(bool low) => BelievedFin(low) ?? Half(low).End;

    /// <summary>How far a direction was sent for sure: what the peer has taken, or what stands before a FIN.</summary>
    internal long Sent(bool low) => BelievedFin(low) ?? Taken(low);

    /// <summary>
    /// Something stands ahead of all bytes that were seen, and the peer spoke later and had not taken so much: then nothing of
    /// it happened to the peer, whoever sent it.
    /// </summary>
    internal bool IsDenied(bool low, long offset, long frame) => offset > Taken(low) && Marks(!low).LastFrame > frame;

    /// <summary>The same of the direction's FIN or RST.</summary>
    internal bool IsCloseDenied(bool low) => IsCloseAhead(low) && IsDenied(low, Marks(low).CloseOffset, Marks(low).CloseFrame);

    private long? BelievedFin(bool low) => IsCloseDenied(low) ? null : FinOffset(low);

    /// <summary>There is a FIN or RST, and bytes in front of it that were not seen.</summary>
    internal bool IsCloseAhead(bool low) => Half(low).Close != CloseKind.None && Marks(low).CloseOffset > Followed(low);

    /// <summary>What its sender sent later shows that a FIN or RST was not his.</summary>
    internal void Reopen(bool low)
    {
        Half(low).Close = CloseKind.None;
        Half(low).IsFinAcknowledged = false;
    }

    /// <summary>A FIN or RST; only the first one of a direction counts, but for one ahead of what was seen, or of an RST before a FIN.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="frame">Its frame.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="offset">Its place in the stream.</param>
    /// <param name="acknowledges">The peer's offset that it acknowledges.</param>
    internal void Close(CloseKind kind, in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
        ref var sender = ref Half(segment.FromLow);
        if (sender.Close != CloseKind.None)
        {
            var isNearer = IsCloseAhead(segment.FromLow) && offset < Marks(segment.FromLow).CloseOffset;
            if (!isNearer && (sender.Close, kind) != (CloseKind.Rst, CloseKind.Fin)) return;
        }
        Evidence?.AddClose(frame, segment);
        sender.Close = kind;
        Flow.IsLeft = true;
        var marks = Marks(segment.FromLow);
        marks.CloseFrame = frame.Number;
        marks.CloseTime = frame.Time;
        marks.CloseOffset = offset;
        marks.CloseAcknowledges = acknowledges;
    }
}
