using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>A connection that is read, or whose end is waited for: what only few connections have.</summary>
/// <param name="table">Holds its <see cref="Connection"/>.</param>
/// <param name="place">Its place there, valid until the connection has ended.</param>
internal sealed class WatchedConnection(ConnectionTable table, int place)
{
    private DirectionMarks? _low;
    private DirectionMarks? _high;

    /// <summary>What the packet headers show.</summary>
    internal ref Connection Headers => ref table[place];

    /// <summary>Null once nobody reads the bytes any more.</summary>
    internal Reassembly? Reassembly { get; set; }

    /// <summary>Takes the bytes, and is told the end; stays when reassembly is over. Null while its end is told.</summary>
    internal IStreamReader? Reader { get; set; }

    /// <summary>The frames that are kept of it; null when none are, or not any more.</summary>
    internal Evidence? Evidence { get; set; }

    internal long FirstTime => Headers.FirstTime;

    internal long LastTime => Headers.LastTime;

    internal bool? DialledByLow => Headers.DialledByLow;

    /// <summary>Both FINs are acknowledged and all bytes were read, or need not be: whatever comes now is a copy.</summary>
    internal bool IsDone => Headers.IsFinished && (Reassembly == null || Reassembly.HasDelivered(Marks(true).EndAt, Marks(false).EndAt));

    /// <summary>Segments claim what nothing else bears out: forged ones, or a capture that lacks what they belong to.</summary>
    internal bool IsContested { get; set; }

    /// <summary>Dropped because a connection limit was reached.</summary>
    internal bool IsGivenUp { get; set; }

    /// <summary>Bytes may be missing, so that what is seen first need not be what was sent first.</summary>
    internal bool MayHaveMissed =>
        !Headers.HasBothSyns || (Reassembly is { } reassembly
            && (reassembly.Of(true).MissingBytes > 0 || reassembly.Of(false).MissingBytes > 0));

    internal Endpoint EndpointOf(bool low) => Headers.EndpointOf(low);

    internal ref Direction Direction(bool low) => ref Headers.Direction(low);

    internal DirectionMarks Marks(bool low) => low ? _low ??= new DirectionMarks() : _high ??= new DirectionMarks();

    /// <summary>Time of a direction's first SYN (ns since 1970); 0 where it was not seen.</summary>
    internal long SynTime(bool low) => Direction(low).Syns == 0 ? 0 : FirstTime + Direction(low).SynAfter * TimeSpan.NanosecondsPerTick;

    /// <summary>Its bytes are of no use any more.</summary>
    internal void Settle()
    {
        Reassembly = null;
        Headers.Settle();
        if (Reader != null) return;
        DropEvidence();
        table.Unwatch(place);
    }

    /// <summary>Another reader takes over, from the next byte on.</summary>
    internal void HandOver(IStreamReader reader)
    {
        if (Reader != null) Reader = reader;
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
        Evidence.Origins = (Direction(true).Origin, Direction(false).Origin);
        Evidence.Identify(key);
    }

    /// <summary>The connection is no handshake.</summary>
    internal void DropEvidence()
    {
        Evidence?.Drop();
        Evidence = null;
    }

    /// <summary>Offset of a FIN; null where there is none. No receiver takes what stands behind it.</summary>
    internal long? FinAt(bool low) => Direction(low).HasFin ? Marks(low).EndAt : null;

    /// <summary>
    /// Offset up to which the peer has a direction's bytes. An acknowledgement of bytes that were not seen counts until the peer
    /// acknowledges less.
    /// </summary>
    internal long ConfirmedTo(bool low) =>
        Math.Min(Direction(low).AckedTo, Math.Max(Direction(low).SeenTo, (low ? _high : _low)?.LastAck ?? 0));

    /// <summary>Offset up to which a direction has no hole that the peer may not have filled.</summary>
    internal long ContiguousTo(bool low) => Math.Max(Reassembly?.Of(low).ReceivedTo ?? Direction(low).SeenTo, ConfirmedTo(low));

    /// <summary>Offset up to which a direction was sent for sure: its FIN, or what the peer has.</summary>
    internal long SentTo(bool low) => BelievedFin(low) ?? ConfirmedTo(low);

    /// <summary>Offset where a direction ends: its FIN, or the last byte that was seen.</summary>
    internal long EndOf(bool low) => BelievedFin(low) ?? Direction(low).SeenTo;

    private long? BelievedFin(bool low) => IsEndDenied(low) ? null : FinAt(low);

    /// <summary>
    /// The peer spoke after this frame and had not received so much: nothing of it happened to the peer, whoever sent it.
    /// </summary>
    internal bool IsDenied(bool low, long offset, long frame) => offset > ConfirmedTo(low) && Marks(!low).LastAckFrame > frame;

    /// <summary>The peer spoke after a FIN or RST that stands ahead of what was seen, and had not received what stands before it.</summary>
    internal bool IsEndDenied(bool low) => IsEndAhead(low) && IsDenied(low, Marks(low).EndAt, Marks(low).EndFrame);

    /// <summary>There is a FIN or RST, and bytes in front of it that were not seen.</summary>
    internal bool IsEndAhead(bool low) => Direction(low).HasEnded && Marks(low).EndAt > ContiguousTo(low);

    /// <summary>
    /// Takes a FIN or RST. Only the first of a direction counts, unless it stands ahead of what was seen, or is an RST before a FIN.
    /// </summary>
    /// <param name="frame">Its frame.</param>
    /// <param name="segment">Its segment, with FIN or RST set.</param>
    /// <param name="offset">Its place in the stream.</param>
    /// <param name="acknowledges">The peer's offset that it acknowledges; 0 for an RST.</param>
    internal void End(in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
        ref var sender = ref Direction(segment.FromLow);
        var isReset = segment.Has(TcpFlags.Rst);
        var marks = Marks(segment.FromLow);
        if (sender.HasEnded)
        {
            var isNearer = IsEndAhead(segment.FromLow) && offset < marks.EndAt;
            if (!isNearer && !(sender.HasReset && !isReset)) return;
        }
        Evidence?.AddClose(frame, segment);
        sender.Apply(isReset ? DirectionEvent.SentReset : DirectionEvent.SentFin);
        Headers.IsLeft = true;
        marks.EndFrame = frame.Number;
        marks.EndTime = frame.Time;
        marks.EndAt = offset;
        marks.EndAcks = acknowledges;
    }
}
