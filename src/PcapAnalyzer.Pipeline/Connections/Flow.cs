using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Two endpoints and what the headers of their packets tell. There may be a million: a structure, without a reference.</summary>
/// <remarks>What only few need is in its <see cref="Conversation"/>, of which most flows have none: they are <b>detached</b>.</remarks>
internal struct Flow
{
    /// <summary>What a sender may have under way: the largest window there is (RFC 7323).</summary>
    private const long LargestWindow = 1L << 30;

    /// <summary>An RST further than this from what its sender sent before is not taken for his.</summary>
    private const long ResetSlack = 1L << 20;

    /// <summary>
    /// What comes again within a millisecond was captured twice: mirror ports, bridges and <c>any</c> devices hold copies
    /// microseconds apart. A stack waits longer, but for acknowledgements of later data, which a handshake has not.
    /// </summary>
    private const long Moment = 1_000_000;

    // What each packet of a detached flow touches stands together: 48 bytes, of one cache line or two.
    internal FlowKey Key;

    /// <summary>Its place in the table is taken.</summary>
    internal bool IsOpen;

    /// <summary>Nobody will read its bytes any more; from here on only counters move.</summary>
    internal bool IsSettled;

    /// <summary>There is a <see cref="Conversation"/> for it.</summary>
    internal bool IsWatched;

    /// <summary>A side has closed it: what comes may belong to the next one between these endpoints.</summary>
    internal bool IsLeft;

    internal long LastTime;

    internal readonly bool IsDetached => IsSettled && !IsWatched;

    /// <summary>An ICMP error that quoted a segment of this conversation.</summary>
    internal IcmpCode Icmp;

    /// <summary>RSTs outside any window: somebody else's, or very late.</summary>
    internal ushort StrayResets;

    internal HalfStream Low;
    internal HalfStream High;

    internal long FirstTime;

    /// <summary>Two times (ns) so close that a packet and its like are one packet.</summary>
    internal static bool IsSameMoment(long time, long other) => unchecked((ulong)(time - other + Moment)) < 2 * Moment;

    internal readonly bool IsClosed => Low.Close == CloseKind.Rst || High.Close == CloseKind.Rst || (Low.Close != CloseKind.None && High.Close != CloseKind.None);

    /// <summary>Both FINs are acknowledged.</summary>
    internal readonly bool IsFinished => Low.IsFinAcknowledged && High.IsFinAcknowledged;

    /// <summary>Both sides were seen, somebody reads along, and nobody has left.</summary>
    internal readonly bool IsConnected => Low.IsSeen && High.IsSeen && !IsDetached && !IsLeft;

    internal readonly Endpoint EndpointOf(bool low) => low ? Key.Low : Key.High;

    [UnscopedRef]
    internal ref HalfStream Half(bool low) => ref low ? ref Low : ref High;

    /// <summary>Who dialled, as the SYNs tell; null when they do not.</summary>
    internal readonly bool? DialledByLow => (Low, High) switch
    {
        ({ Syns: > 0, IsSynAck: false }, { Syns: 0 } or { IsSynAck: true }) => true,
        ({ Syns: 0 } or { IsSynAck: true }, { Syns: > 0, IsSynAck: false }) => false,
        ({ IsSynAck: true }, _) => false,
        (_, { IsSynAck: true }) => true,
        _ => null,
    };

    internal readonly bool HasBothSyns => Low.Syns > 0 && High.Syns > 0;

    /// <summary>True when the segment can only belong to a later connection between the same endpoints.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsReusedBy(in TcpSegment segment)
    {
        if (!segment.Has(TcpFlags.Syn) || segment.Has(TcpFlags.Rst)) return false;
        ref var half = ref Half(segment.FromLow);
        if (!half.HasOrigin) return IsClosed;
        var by = unchecked((int)(segment.Sequence + 1 - half.Origin));
        // Who asked for the connection that a SYN-ACK grants may not have been captured.
        if (half.Syns > 0) return by != 0 && (IsFinished || !segment.Has(TcpFlags.Ack) || (IsLeft && !Half(!segment.FromLow).IsSeen));
        // The SYN of a conversation picked up midstream stands a little before what was seen first.
        return by > 0 || by < -(int)ResetSlack;
    }

    /// <summary>True when the segment holds the first bytes of its direction, all that it had on the wire, and answers nothing.</summary>
    internal bool IsFirst(in TcpSegment segment)
    {
        ref var sender = ref Half(segment.FromLow);
        ref var peer = ref Half(!segment.FromLow);
        return sender.Syns > 0 && segment.Sequence == sender.Origin && !segment.Has(TcpFlags.Syn) && segment.Payload.Length == segment.Length
            && peer.Syns > 0 && segment.Has(TcpFlags.Ack) && segment.Acknowledgment == peer.Origin;
    }

    /// <summary>A segment of a detached conversation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Count(in Frame frame, in TcpSegment segment)
    {
        LastTime = Math.Max(LastTime, frame.Time);
        if (!segment.Has(TcpFlags.Fin | TcpFlags.Rst)) return;
        Half(segment.FromLow).Close = segment.Has(TcpFlags.Rst) ? CloseKind.Rst : CloseKind.Fin;
        IsLeft = true;
    }

    /// <param name="frame">The frame.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="conversation">Null as long as there is none, which a segment that closes must not find.</param>
    internal void Follow(in Frame frame, in TcpSegment segment, Conversation? conversation)
    {
        ref var sender = ref Half(segment.FromLow);
        ref var peer = ref Half(!segment.FromLow);
        sender.IsSeen = true;
        conversation?.Evidence?.Add(frame, segment, isAfter: IsSettled);
        if (segment.Has(TcpFlags.Syn)) AcceptSyn(frame, segment, ref sender, conversation);
        LastTime = Math.Max(LastTime, frame.Time);
        if (!sender.HasOrigin && !segment.Has(TcpFlags.Rst))
        {
            sender.Origin = segment.Sequence;
            sender.HasOrigin = true;
        }
        var acknowledges = 0L;
        if (segment.Has(TcpFlags.Ack) && !segment.Has(TcpFlags.Rst)) acknowledges = AcceptAcknowledgment(frame, segment, ref peer, conversation);

        var offset = sender.HasOrigin ? sender.OffsetOf(segment) : 0;
        if (segment.Has(TcpFlags.Rst))
        {
            // What was under way when a side was reset stands ahead of what it resets with.
            if (IsReset(segment, sender, peer, offset, conversation!)) conversation!.Close(CloseKind.Rst, frame, segment, Math.Max(offset, sender.End), acknowledges: 0);
            else if (StrayResets < ushort.MaxValue) StrayResets++;
        }
        else if (Math.Abs(offset - sender.End) < LargestWindow)
        {
            // What stands behind a FIN is held all the same: what comes next may show that the FIN was not its sender's.
            if (!(offset > conversation?.FinOffset(segment.FromLow))) Extend(frame, segment, ref sender, conversation, offset, acknowledges);
            if (segment.Length > 0 && conversation is { Reassembly: { } reassembly }) reassembly.Add(frame, segment, offset, acknowledges);
            else if (segment.Length > 1) conversation?.Reader?.OnAgain(segment.FromLow, offset, segment.Payload);
        }
        conversation?.Reassembly?.Pump(frame.Time);
    }

    /// <param name="frame">The frame.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="sender">Who sent it.</param>
    /// <param name="conversation">Null where there is none.</param>
    /// <param name="offset">Stream offset of the segment's first byte.</param>
    /// <param name="acknowledges">The peer's stream offset that it acknowledges.</param>
    private static void Extend(in Frame frame, in TcpSegment segment, ref HalfStream sender, Conversation? conversation, long offset, long acknowledges)
    {
        var end = offset + segment.Length;
        if (segment.Length > 0) sender.End = Math.Max(sender.End, end);
        if (conversation == null || (segment.Length == 0 && sender.Close == CloseKind.None && !segment.Has(TcpFlags.Fin))) return;
        var marks = conversation.Marks(segment.FromLow);
        if (segment.Length > 0) marks.LastByteTime = frame.Time;
        if (sender.Close != CloseKind.None && IsContradicted(segment, sender, marks, offset, acknowledges))
        {
            conversation.Reopen(segment.FromLow);
            if (conversation.Reassembly is { } reassembly) sender.End = Math.Max(sender.End, reassembly.Of(segment.FromLow).Highest);
        }
        if (segment.Has(TcpFlags.Fin) && end >= conversation.Seen(segment.FromLow)) conversation.Close(CloseKind.Fin, frame, segment, end, acknowledges);
    }

    /// <summary>Who has closed sends no more bytes; and once he has sent a FIN, his acknowledgements of later bytes stand behind it, but for those that come with old bytes.</summary>
    private static bool IsContradicted(in TcpSegment segment, in HalfStream sender, HalfMarks marks, long offset, long acknowledges) => segment.Length > 0
        ? offset + segment.Length > marks.CloseOffset
        : sender.Close == CloseKind.Fin && !segment.Has(TcpFlags.Fin | TcpFlags.Syn) && !sender.IsFinAcknowledged && offset == marks.CloseOffset && acknowledges > marks.CloseAcknowledges;

    private readonly void AcceptSyn(in Frame frame, in TcpSegment segment, ref HalfStream sender, Conversation? conversation)
    {
        var origin = segment.Sequence + 1;
        if (sender.Syns == 0)
        {
            Anchor(ref sender, segment.FromLow, origin, conversation);
            sender.IsSynAck = segment.Has(TcpFlags.Ack);
            sender.SynAfter = (uint)Math.Clamp((frame.Time - FirstTime) / TimeSpan.NanosecondsPerTick, 0, uint.MaxValue);
            conversation?.Reassembly?.Of(segment.FromLow).Start();
        }
        var isCopy = sender.Syns > 0 && IsSameMoment(frame.Time, LastTime);
        if (origin == sender.Origin && !isCopy && sender.Syns < ushort.MaxValue) sender.Syns++;
    }

    /// <summary>Offset 0 is where the SYN says, wherever it was guessed to be before.</summary>
    private static void Anchor(ref HalfStream half, bool low, uint origin, Conversation? conversation)
    {
        var reassembly = conversation?.Reassembly;
        if (reassembly?.Of(low).Started ?? false) return; // bytes were delivered by the guess: it stands
        var by = half.HasOrigin ? unchecked((int)(half.Origin - origin)) : 0;
        half.Origin = origin;
        half.HasOrigin = true;
        half.End += by;
        half.Acknowledged += by;
        reassembly?.Of(low).Shift(by);
        reassembly?.Of(!low).ShiftPeer(by);
        if (conversation == null || by == 0) return;
        conversation.Marks(low).CloseOffset += by;
        conversation.Marks(!low).CloseAcknowledges += by;
        conversation.Marks(!low).LastAcknowledges += by;
    }

    /// <returns>The peer's stream offset that the acknowledgment number stands for.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long AcceptAcknowledgment(in Frame frame, in TcpSegment segment, ref HalfStream peer, Conversation? conversation)
    {
        // A SYN-ACK tells where the peer's stream begins even if its SYN was not captured, or only later.
        // Of a peer that was not seen yet the lowest acknowledgment tells: what came first need not have been sent first.
        if (!peer.HasOrigin || (peer.Syns == 0 && segment.Has(TcpFlags.Syn)) || (!peer.IsSeen && unchecked((int)(segment.Acknowledgment - peer.Origin)) is < 0 and > -(int)ResetSlack)) Anchor(ref peer, !segment.FromLow, segment.Acknowledgment, conversation);
        var offset = StreamOffset.Of(segment.Acknowledgment, peer.Origin, peer.End);
        if (Math.Abs(offset - peer.End) >= LargestWindow) return 0;
        // The FIN takes a sequence number of its own and is no byte.
        if (conversation?.FinOffset(!segment.FromLow) is { } fin && offset == fin + 1)
        {
            peer.IsFinAcknowledged = true;
            offset = fin;
        }
        peer.Acknowledged = Math.Max(peer.Acknowledged, offset);
        if (conversation == null) return offset;
        conversation.Marks(segment.FromLow).LastAcknowledges = offset;
        conversation.Marks(segment.FromLow).LastFrame = frame.Number;
        return offset;
    }

    private static bool IsReset(in TcpSegment segment, in HalfStream sender, in HalfStream peer, long offset, Conversation conversation)
    {
        var refuses = sender.Syns == 0 && segment.Has(TcpFlags.Ack) && peer.HasOrigin && segment.Acknowledgment - peer.Origin <= peer.End;
        // Whose SYN awaits an answer takes only what acknowledges it (RFC 9293, 3.10.7.3).
        var inWindow = sender.HasOrigin ? offset >= Math.Min(conversation.Taken(segment.FromLow), sender.End) - 1 && offset <= sender.End + ResetSlack : peer.Syns == 0;
        return refuses || inWindow;
    }
}
