using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>A TCP connection as packet headers show it. There may be a million: a structure without a reference.</summary>
/// <remarks>What only few need is in their <see cref="WatchedConnection"/>. Most have none: they are <b>detached</b>.</remarks>
internal struct Connection
{
    /// <summary>The largest window that a sender may have under way (RFC 7323).</summary>
    private const long LargestWindow = 1L << 30;

    /// <summary>An RST further than this from what its sender sent before is not taken for the sender's.</summary>
    private const long ResetSlack = 1L << 20;

    /// <summary>What comes again within a millisecond was captured twice, as on mirror ports: a stack waits longer.</summary>
    private const long Moment = 1_000_000;

    // Each packet of a detached connection touches what stands together here: 56 bytes, in one or two cache lines.
    internal FlowKey Key;

    /// <summary>Its place in the table is taken.</summary>
    internal bool IsOpen;

    /// <summary>Nobody will read its bytes any more; from here on only counters move.</summary>
    internal bool IsSettled { get; private set; }

    /// <summary>There is a <see cref="WatchedConnection"/> for it.</summary>
    internal bool IsWatched;

    /// <summary>A FIN or RST was seen: what comes may belong to the next connection between these endpoints.</summary>
    internal bool IsLeft;

    internal long LastTime;

    /// <summary>The place, from 1, of the next connection with the same key: all of them form a ring. 0 while there is no other.</summary>
    internal int Twin;

    /// <summary>The sum of both sides' origins, once it is settled: the first bytes that come again have both numbers.</summary>
    private uint _origins;

    /// <summary>The ICMP error that quoted a segment of this connection.</summary>
    internal IcmpCode Icmp;

    /// <summary>RSTs outside any window: somebody else's, or very late.</summary>
    internal ushort StrayResets;

    internal Direction Low;
    internal Direction High;

    /// <summary>Its chain of <see cref="SegmentsAside"/>; 0 where it has none.</summary>
    internal int Aside;

    internal long FirstTime;

    internal readonly bool IsDetached => IsSettled && !IsWatched;

    internal readonly bool IsClosed => Low.HasReset || High.HasReset || (Low.HasEnded && High.HasEnded);

    /// <summary>Both FINs are acknowledged.</summary>
    internal readonly bool IsFinished => Low.State == DirectionState.FinAcknowledged && High.State == DirectionState.FinAcknowledged;

    /// <summary>Both sides were seen, the connection is watched, and neither side has left.</summary>
    internal readonly bool IsConnected => Low.IsSeen && High.IsSeen && !IsDetached && !IsLeft;

    internal readonly bool HasBothSyns => Low.Syns > 0 && High.Syns > 0;

    /// <summary>Who dialled, as the SYNs tell; null when they do not.</summary>
    internal readonly bool? DialledByLow => (Low, High) switch
    {
        ({ Syns: > 0, IsSynAck: false }, { Syns: 0 } or { IsSynAck: true }) => true,
        ({ Syns: 0 } or { IsSynAck: true }, { Syns: > 0, IsSynAck: false }) => false,
        ({ IsSynAck: true }, _) => false,
        (_, { IsSynAck: true }) => true,
        _ => null,
    };

    /// <summary>Two times (ns) so close that a packet and its like are one packet.</summary>
    internal static bool IsSameMoment(long time, long other) => unchecked((ulong)(time - other + Moment)) < 2 * Moment;

    internal readonly Endpoint EndpointOf(bool low) => low ? Key.Low : Key.High;

    [UnscopedRef]
    internal ref Direction Direction(bool low) => ref low ? ref Low : ref High;

    /// <summary>True when the segment can only belong to a later connection between the same endpoints.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsReusedBy(in TcpSegment segment)
    {
        if (!segment.Has(TcpFlags.Syn) || segment.Has(TcpFlags.Rst)) return false;
        ref var sender = ref Direction(segment.FromLow);
        if (!sender.HasOrigin) return IsClosed;
        var by = unchecked((int)(segment.Sequence + 1 - sender.Origin));
        // The SYN that a SYN-ACK answers may not have been captured.
        if (sender.Syns > 0) return by != 0
            && (IsFinished || !segment.Has(TcpFlags.Ack) || (IsLeft && !Direction(!segment.FromLow).IsSeen));
        // The SYN of a connection picked up midstream stands a little before what was seen first.
        return by > 0 || by < -(int)ResetSlack;
    }

    /// <summary>True for a copy of this connection's own SYN, however late: another host's clock may have stamped it.</summary>
    internal bool IsSynAgain(in TcpSegment segment)
    {
        ref var sender = ref Direction(segment.FromLow);
        return segment.Has(TcpFlags.Syn) && sender.Syns > 0 && segment.Sequence + 1 == sender.Origin;
    }

    /// <summary>
    /// How far from where the connection stands a segment's numbers are. What two networks with equal addresses send can be told apart
    /// only by them.
    /// </summary>
    internal readonly long DistanceOf(in TcpSegment segment)
    {
        var (sender, peer) = segment.FromLow ? (Low, High) : (High, Low);
        if (segment.Has(TcpFlags.Syn) && sender.Syns > 0 && segment.Sequence + 1 != sender.Origin) return long.MaxValue;
        if (IsDetached) return ResetSlack; // nobody counted how far it has come: it takes what is no other's
        var distance = sender.HasOrigin ? Math.Abs(sender.OffsetOf(segment) - sender.SeenTo) : 0;
        if (!segment.Has(TcpFlags.Ack) || !peer.HasOrigin) return distance;
        return Math.Max(distance, Math.Abs(StreamOffset.Of(segment.Acknowledgment, peer.Origin, peer.SeenTo) - peer.SeenTo));
    }

    /// <summary>True when the segment holds the first bytes of its direction, whole, and answers nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsFirst(in TcpSegment segment)
    {
        if (IsSettled && segment.Sequence + segment.Acknowledgment != _origins) return false;
        ref var sender = ref Direction(segment.FromLow);
        ref var peer = ref Direction(!segment.FromLow);
        return segment.Sequence == sender.Origin && sender.Syns > 0 && segment.Length > 0 && !segment.Has(TcpFlags.Syn)
            && segment.Payload.Length == segment.Length
            && peer.Syns > 0 && segment.Has(TcpFlags.Ack) && segment.Acknowledgment == peer.Origin;
    }

    /// <summary>
    /// True when the segment only goes on with a connection that began before the capture: no byte before it or twice, none cut off.
    /// </summary>
    internal bool IsMidstream(in TcpSegment segment)
    {
        ref var sender = ref Direction(segment.FromLow);
        return Low.Syns == 0 && High.Syns == 0 && !segment.Has(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)
            && segment.Payload.Length == segment.Length
            && (segment.Length == 0 || !sender.HasOrigin || sender.OffsetOf(segment) == sender.SeenTo);
    }

    /// <summary>Nobody will read its bytes.</summary>
    internal void Settle() => (IsSettled, _origins) = (true, Low.Origin + High.Origin);

    /// <summary>Its bytes are worth reading after all.</summary>
    internal void Unsettle() => IsSettled = false;

    /// <summary>Takes a segment of a detached connection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Count(in Frame frame, in TcpSegment segment)
    {
        LastTime = Math.Max(LastTime, frame.Time);
        if (!segment.Has(TcpFlags.Fin | TcpFlags.Rst)) return;
        Direction(segment.FromLow).Apply(segment.Has(TcpFlags.Rst) ? DirectionEvent.SentReset : DirectionEvent.SentFin);
        IsLeft = true;
    }

    /// <summary>Takes a segment of a connection that is not detached.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="watched">Null while there is none; a segment with FIN or RST needs one.</param>
    internal void Follow(in Frame frame, in TcpSegment segment, WatchedConnection? watched)
    {
        ref var sender = ref Direction(segment.FromLow);
        ref var peer = ref Direction(!segment.FromLow);
        watched?.Evidence?.Add(frame, segment, isAfter: IsSettled);
        if (segment.Has(TcpFlags.Syn)) AcceptSyn(frame, segment, ref sender, watched);
        LastTime = Math.Max(LastTime, frame.Time);
        var isReset = segment.Has(TcpFlags.Rst);
        if (!isReset)
        {
            if (!sender.HasOrigin) sender.Origin = segment.Sequence;
            sender.Apply(DirectionEvent.Sent);
        }
        var acknowledges = segment.Has(TcpFlags.Ack) && !isReset ? AcceptAcknowledgment(frame, segment, ref peer, watched) : 0;
        var offset = sender.HasOrigin ? sender.OffsetOf(segment) : 0;
        if (isReset) AcceptReset(frame, segment, ref sender, peer, offset, watched!);
        else if (Math.Abs(offset - sender.SeenTo) < LargestWindow)
        {
            // What stands behind a FIN is held all the same: later segments may show that the FIN was forged.
            if (!(offset > watched?.FinAt(segment.FromLow))) Extend(frame, segment, ref sender, watched, offset, acknowledges);
            if (segment.Length > 0 && watched is { Reassembly: { } reassembly }) reassembly.Add(frame, segment, offset, acknowledges);
            else if (segment.Length > 1) watched?.Reader?.OnAgain(segment.FromLow, offset, segment.Payload);
        }
        watched?.Reassembly?.Pump(frame.Time);
        watched?.Reader?.OnSegment(frame, segment, offset, acknowledges);
    }

    /// <summary>Takes the place of a segment's bytes and of its FIN.</summary>
    private static void Extend(
        in Frame frame, in TcpSegment segment, ref Direction sender, WatchedConnection? watched, long offset, long acknowledges)
    {
        var end = offset + segment.Length;
        if (segment.Length > 0) sender.SeenTo = Math.Max(sender.SeenTo, end);
        if (watched == null || (segment.Length == 0 && !sender.HasEnded && !segment.Has(TcpFlags.Fin))) return;
        var low = segment.FromLow;
        var marks = watched.Marks(low);
        if (segment.Length > 0) marks.LastByteTime = frame.Time;
        if (sender.HasEnded && IsContradicted(segment, sender, marks, offset, acknowledges))
        {
            sender.Apply(DirectionEvent.EndWasForged);
            if (watched.Reassembly is { } reassembly) sender.SeenTo = Math.Max(sender.SeenTo, reassembly.Of(low).HighestTo);
        }
        // A FIN further back than what was seen is not its sender's.
        if (segment.Has(TcpFlags.Fin) && end >= Math.Min(watched.ContiguousTo(low), sender.SeenTo))
            watched.End(frame, segment, end, acknowledges);
    }

    /// <summary>
    /// A sender that has closed sends no more bytes. Once it has sent a FIN, its acknowledgements of later bytes stand behind the
    /// FIN, unless they come with old bytes.
    /// </summary>
    private static bool IsContradicted(in TcpSegment segment, in Direction sender, DirectionMarks marks, long offset, long acknowledges) =>
        segment.Length > 0
            ? offset + segment.Length > marks.EndAt
            : sender.State == DirectionState.FinSeen && !segment.Has(TcpFlags.Fin | TcpFlags.Syn) && offset == marks.EndAt
            && acknowledges > marks.EndAcks;

    private readonly void AcceptSyn(in Frame frame, in TcpSegment segment, ref Direction sender, WatchedConnection? watched)
    {
        var origin = segment.Sequence + 1;
        if (sender.Syns == 0)
        {
            Locate(ref sender, segment.FromLow, origin, watched);
            sender.IsSynAck = segment.Has(TcpFlags.Ack);
            sender.SynAfter = (uint)Math.Clamp((frame.Time - FirstTime) / TimeSpan.NanosecondsPerTick, 0, uint.MaxValue);
            watched?.Reassembly?.Of(segment.FromLow).Start();
        }
        var isCopy = sender.Syns > 0 && IsSameMoment(frame.Time, LastTime);
        if (origin == sender.Origin && !isCopy && sender.Syns < ushort.MaxValue) sender.Syns++;
    }

    /// <summary>Moves offset 0 to where a SYN or an acknowledgement says, wherever it was guessed to be before.</summary>
    private static void Locate(ref Direction direction, bool low, uint origin, WatchedConnection? watched)
    {
        var reassembly = watched?.Reassembly;
        if (reassembly?.Of(low).Started ?? false) return; // bytes were delivered by the guess: it stands
        var by = direction.HasOrigin ? unchecked((int)(direction.Origin - origin)) : 0;
        direction.Origin = origin;
        direction.Apply(DirectionEvent.Located);
        direction.SeenTo += by;
        direction.AckedTo += by;
        reassembly?.Of(low).Shift(by);
        reassembly?.Of(!low).ShiftPeer(by);
        if (watched == null || by == 0) return;
        watched.Marks(low).EndAt += by;
        watched.Marks(!low).EndAcks += by;
        watched.Marks(!low).LastAck += by;
    }

    /// <returns>The peer's stream offset that the acknowledgment number stands for.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long AcceptAcknowledgment(in Frame frame, in TcpSegment segment, ref Direction peer, WatchedConnection? watched)
    {
        // A SYN-ACK tells where the peer's stream begins even if its SYN was captured later or not at all.
        // For a peer that was not seen yet the lowest acknowledgment counts: what came first need not have been sent first.
        if (!peer.HasOrigin || (peer.Syns == 0 && segment.Has(TcpFlags.Syn))
            || (!peer.IsSeen && unchecked((int)(segment.Acknowledgment - peer.Origin)) is < 0 and > -(int)ResetSlack))
            Locate(ref peer, !segment.FromLow, segment.Acknowledgment, watched);
        var offset = StreamOffset.Of(segment.Acknowledgment, peer.Origin, peer.SeenTo);
        if (Math.Abs(offset - peer.SeenTo) >= LargestWindow) return 0;
        // The FIN takes a sequence number of its own and is no byte.
        if (watched?.FinAt(!segment.FromLow) is { } fin && offset == fin + 1)
        {
            peer.Apply(DirectionEvent.FinWasAcknowledged);
            offset = fin;
        }
        peer.AckedTo = Math.Max(peer.AckedTo, offset);
        if (watched == null) return offset;
        var marks = watched.Marks(segment.FromLow);
        marks.LastAck = offset;
        marks.LastAckFrame = frame.Number;
        return offset;
    }

    private void AcceptReset(in Frame frame, in TcpSegment segment, ref Direction sender, in Direction peer, long offset,
        WatchedConnection watched)
    {
        var refuses = sender.Syns == 0 && segment.Has(TcpFlags.Ack) && peer.HasOrigin
            && segment.Acknowledgment - peer.Origin <= peer.SeenTo;
        // A side whose SYN awaits an answer takes only an RST that acknowledges the SYN (RFC 9293, 3.10.7.3).
        var isInWindow = sender.HasOrigin
            ? offset >= Math.Min(watched.ConfirmedTo(segment.FromLow), sender.SeenTo) - 1 && offset <= sender.SeenTo + ResetSlack
            : peer.Syns == 0;
        if (refuses || isInWindow)
        {
            // What was under way when a side was reset stands ahead of what it resets with.
            watched.End(frame, segment, Math.Max(offset, sender.SeenTo), acknowledges: 0);
            return;
        }
        sender.Apply(DirectionEvent.SentStrayReset);
        if (StrayResets < ushort.MaxValue) StrayResets++;
    }
}
