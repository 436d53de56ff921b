using System.Runtime.CompilerServices;
using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>Two endpoints and the two streams between them. Most conversations are <b>detached</b>: only counters move.</summary>
internal sealed class Conversation(in FlowKey key, long time)
{
    /// <summary>What a sender may have under way: the largest window there is (RFC 7323).</summary>
    private const long LargestWindow = 1L << 30;

    /// <summary>An RST further than this from what its sender sent before is not taken for his.</summary>
    private const long ResetSlack = 1L << 20;

    internal HalfStream Low;
    internal HalfStream High;

    internal readonly FlowKey Key = key;

    internal long FirstTime { get; } = time;

    internal long LastTime { get; private set; } = time;

    /// <summary>Reassembly and reader while somebody reads the bytes; null when detached.</summary>
    internal Reassembly? Reassembly { get; set; }

    /// <summary>Who read the bytes and wants to know the end; kept when detached.</summary>
    internal IStreamReader? Reader { get; set; }

    /// <summary>The frames that are kept of it; null when none are, or not any more.</summary>
    internal Evidence? Evidence { get; set; }

    /// <summary>Nobody will read its bytes any more.</summary>
    internal bool IsSettled { get; private set; }

    /// <summary>An ICMP error that quoted a segment of this conversation.</summary>
    internal IcmpCode Icmp { get; set; }

    /// <summary>RSTs outside any window: somebody else's, or very late.</summary>
    internal int StrayResets { get; private set; }

    /// <summary>Whether anybody may still ask when what happened.</summary>
    private bool IsOfInterest => !IsSettled || Reader != null;

    internal bool IsClosed => Low.Close == CloseKind.Rst || High.Close == CloseKind.Rst || (Low.Close != CloseKind.None && High.Close != CloseKind.None);

    /// <summary>Both FINs are acknowledged and all bytes were read, or need not be: whatever comes now is a copy.</summary>
    internal bool IsDone => Low.IsFinAcknowledged && High.IsFinAcknowledged && (Reassembly == null || Reassembly.HasDelivered(Low.End, High.End));

    internal Endpoint EndpointOf(bool low) => low ? Key.Low : Key.High;

    /// <summary>When a direction's first SYN came; 0 where it was not seen.</summary>
    internal long SynTime(bool low) => Half(low).Syns == 0 ? 0 : FirstTime + Half(low).SynAfter * TimeSpan.NanosecondsPerTick;

    internal ref HalfStream Half(bool low) => ref low ? ref Low : ref High;

    /// <summary>Who dialled, as the SYNs tell; null when they do not.</summary>
    internal bool? DialledByLow => (Low, High) switch
    {
        ({ Syns: > 0, IsSynAck: false }, { Syns: 0 } or { IsSynAck: true }) => true,
        ({ Syns: 0 } or { IsSynAck: true }, { Syns: > 0, IsSynAck: false }) => false,
        ({ IsSynAck: true }, _) => false,
        (_, { IsSynAck: true }) => true,
        _ => null,
    };

    /// <summary>Bytes may be missing, so that what is seen first need not be what was sent first.</summary>
    internal bool MayHaveMissed =>
        Low.Syns == 0 || High.Syns == 0 || (Reassembly is { } reassembly && (reassembly.Of(true).MissingBytes > 0 || reassembly.Of(false).MissingBytes > 0));

    /// <summary>True when the segment can only belong to a later connection between the same endpoints.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsReusedBy(in TcpSegment segment)
    {
        if (!segment.Has(TcpFlags.Syn) || segment.Has(TcpFlags.Rst)) return false;
        ref var half = ref Half(segment.FromLow);
        if (!half.HasOrigin) return IsClosed;
        var by = unchecked((int)(segment.Sequence + 1 - half.Origin));
        if (half.Syns > 0) return by != 0 && !segment.Has(TcpFlags.Ack);
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

    /// <summary>Its bytes are of no use any more; from here on only counters move.</summary>
    internal void Settle()
    {
        Reassembly = null;
        IsSettled = true;
        if (IsOfInterest) return;
        Low.Marks = High.Marks = null;
        DropEvidence();
    }

    /// <summary>It is no handshake.</summary>
    internal void DropEvidence()
    {
        Evidence?.Drop();
        Evidence = null;
    }

    internal void Accept(in Frame frame, in TcpSegment segment)
    {
        LastTime = Math.Max(LastTime, frame.Time);
        if (IsOfInterest) Follow(frame, segment);
        else if (segment.Has(TcpFlags.Fin | TcpFlags.Rst)) Half(segment.FromLow).Close = segment.Has(TcpFlags.Rst) ? CloseKind.Rst : CloseKind.Fin;
    }

    private void Follow(in Frame frame, in TcpSegment segment)
    {
        ref var sender = ref Half(segment.FromLow);
        ref var peer = ref Half(!segment.FromLow);
        sender.IsSeen = true;
        Evidence?.Add(frame, segment, isAfter: IsSettled);
        if (segment.Has(TcpFlags.Syn)) AcceptSyn(frame, segment, ref sender);
        if (!sender.HasOrigin && !segment.Has(TcpFlags.Rst))
        {
            sender.Origin = segment.Sequence;
            sender.HasOrigin = true;
        }
        var acknowledges = 0L;
        if (segment.Has(TcpFlags.Ack) && !segment.Has(TcpFlags.Rst)) acknowledges = AcceptAcknowledgment(segment, ref peer, !segment.FromLow);

        var offset = sender.HasOrigin ? sender.OffsetOf(segment) : 0;
        if (segment.Has(TcpFlags.Rst))
        {
            AcceptReset(frame, segment, ref sender, peer, offset);
        }
        else if (Math.Abs(offset - sender.End) < LargestWindow)
        {
            // A FIN stands behind the last byte, seen or not; the number of a later ACK counts the FIN itself.
            var isFin = segment.Has(TcpFlags.Fin);
            if (isFin || segment.Length > 0) sender.End = Math.Max(sender.End, offset + segment.Length);
            if (segment.Length > 0) (sender.Marks ??= new HalfMarks()).LastByteTime = frame.Time;
            if (isFin) Close(ref sender, CloseKind.Fin, frame, segment);
            if (Reassembly != null && segment.Length > 0) Reassembly.Add(frame, segment, offset, acknowledges);
        }
        Reassembly?.Pump(frame.Time);
    }

    private void AcceptSyn(in Frame frame, in TcpSegment segment, ref HalfStream sender)
    {
        var origin = segment.Sequence + 1;
        if (sender.Syns == 0)
        {
            Anchor(ref sender, segment.FromLow, origin);
            sender.IsSynAck = segment.Has(TcpFlags.Ack);
            sender.SynAfter = (uint)Math.Clamp((frame.Time - FirstTime) / TimeSpan.NanosecondsPerTick, 0, uint.MaxValue);
            Reassembly?.Of(segment.FromLow).Start();
        }
        if (origin == sender.Origin && sender.Syns < ushort.MaxValue) sender.Syns++;
    }

    /// <summary>Offset 0 is where the SYN says, wherever it was guessed to be before.</summary>
    private void Anchor(ref HalfStream half, bool low, uint origin)
    {
        if (Reassembly?.Of(low).Started ?? false) return; // bytes were delivered by the guess: it stands
        var by = half.HasOrigin ? unchecked((int)(half.Origin - origin)) : 0;
        half.Origin = origin;
        half.HasOrigin = true;
        half.End += by;
        half.Acknowledged += by;
        Reassembly?.Of(low).Shift(by);
        Reassembly?.Of(!low).ShiftPeer(by);
    }

    /// <returns>The peer's stream offset that the acknowledgment number stands for.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long AcceptAcknowledgment(in TcpSegment segment, ref HalfStream peer, bool peerIsLow)
    {
        // A SYN-ACK tells where the peer's stream begins even if its SYN was not captured, or only later.
        if (!peer.HasOrigin || (peer.Syns == 0 && segment.Has(TcpFlags.Syn))) Anchor(ref peer, peerIsLow, segment.Acknowledgment);
        var offset = StreamOffset.Of(segment.Acknowledgment, peer.Origin, peer.End);
        if (Math.Abs(offset - peer.End) >= LargestWindow) return 0;
        // The FIN takes a sequence number of its own and is no byte.
        if (peer.Close == CloseKind.Fin && offset > peer.End)
        {
            peer.IsFinAcknowledged = true;
            offset = peer.End;
        }
        peer.Acknowledged = Math.Max(peer.Acknowledged, offset);
        return offset;
    }

    private void AcceptReset(in Frame frame, in TcpSegment segment, ref HalfStream sender, in HalfStream peer, long offset)
    {
        var refuses = sender.Syns == 0 && segment.Has(TcpFlags.Ack) && peer.HasOrigin && segment.Acknowledgment - peer.Origin <= peer.End;
        var inWindow = !sender.HasOrigin || (offset >= sender.Acknowledged - 1 && offset <= sender.End + ResetSlack);
        if (refuses || inWindow) Close(ref sender, CloseKind.Rst, frame, segment);
        else StrayResets++;
    }

    private void Close(ref HalfStream sender, CloseKind kind, in Frame frame, in TcpSegment segment)
    {
        if (sender.Close != CloseKind.None) return;
        Evidence?.AddClose(frame, segment);
        sender.Close = kind;
        sender.Marks ??= new HalfMarks();
        sender.Marks.CloseFrame = frame.Number;
        sender.Marks.CloseTime = frame.Time;
    }
}
