using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Both directions of a conversation while somebody reads them, put into the order of cause and effect.</summary>
/// <remarks>
/// A segment is delivered only after the peer's bytes that it acknowledges: captures of several queues, mirror ports and
/// <c>any</c> devices may hold the answer before the question. What never comes is given up on after a while, as a gap.
/// </remarks>
internal sealed class Reassembly : IDisposable
{
    private readonly Conversation _conversation;
    private readonly ConnectionLimits _limits;
    private readonly StreamReassembler _low;
    private readonly StreamReassembler _high;
    private long _stuckSince = long.MinValue;
    private int _stuckSegments;
    private bool _wantsDetach;
    private bool _isLast;

    internal Reassembly(Conversation conversation, IStreamReader reader, ConnectionLimits limits, HeldBudget budget)
    {
        _conversation = conversation;
        Reader = reader;
        _limits = limits;
        _low = new StreamReassembler(true, limits, budget);
        _high = new StreamReassembler(false, limits, budget);
        if (conversation.Half(true).Syns > 0) _low.Start();
        if (conversation.Half(false).Syns > 0) _high.Start();
    }

    /// <summary>Who takes the bytes from here on.</summary>
    internal IStreamReader Reader { get; set; }

    internal StreamReassembler Of(bool low) => low ? _low : _high;

    /// <summary>The reader has all bytes up to these offsets.</summary>
    internal bool HasDelivered(long low, long high) => _low.Next >= low && _high.Next >= high && !Waits(_low) && !Waits(_high);

    /// <summary>The reader has seen enough; carried out once the delivery under way is over.</summary>
    internal void Detach() => _wantsDetach = true;

    internal void Add(in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
        var stream = Of(segment.FromLow);
        stream.Add(Reader, frame, segment, offset, acknowledges, _conversation.Half(segment.FromLow).Acknowledged, Of(!segment.FromLow));
        if (stream.IsOverLimit && !Waits(stream)) Drop(stream);
    }

    /// <summary>Delivers what can be delivered, and gives up on holes that have been waited for long enough.</summary>
    internal void Pump(long now)
    {
        var progress = DeliverAll();
        while (!_wantsDetach && (Waits(_low) || Waits(_high)))
        {
            if (progress || _stuckSince == long.MinValue)
            {
                _stuckSince = now;
                _stuckSegments = 0;
            }
            _stuckSegments++;
            if (!MayGiveUp(now)) return;
            GiveUp();
            progress = DeliverAll();
        }
        if (!_wantsDetach) return;
        Drop(_low);
        Drop(_high);
        _conversation.Settle();
        Dispose();
    }

    /// <summary>Nothing more will come: all holes are gaps now.</summary>
    internal void Finish()
    {
        _isLast = true;
        DeliverAll();
        while (!_wantsDetach && (Waits(_low) || Waits(_high)))
        {
            GiveUp();
            DeliverAll();
        }
        Drop(_low);
        Drop(_high);
        if (_wantsDetach) return;
        // Sent for sure and never seen: the end of a stream can be missing as well as its middle.
        SkipTo(true, _conversation.Sent(true));
        SkipTo(false, _conversation.Sent(false));
    }

    public void Dispose()
    {
        _low.Dispose();
        _high.Dispose();
    }

    private bool DeliverAll()
    {
        var any = false;
        bool again;
        do
        {
            again = _low.Deliver(Reader, _high, _conversation.Half(true).Acknowledged);
            again |= _high.Deliver(Reader, _low, _conversation.Half(false).Acknowledged);
            any |= again;
        }
        while (again);
        return any;
    }

    private bool MayGiveUp(long now)
    {
        if (_low.IsOverLimit || _high.IsOverLimit) return true;
        var waitsForStart = (Waits(_low) && !_low.Started) || (Waits(_high) && !_high.Started);
        return now - _stuckSince >= _limits.HoleTimeout || _stuckSegments > (waitsForStart ? _limits.StartSegments : _limits.HoleSegments);
    }

    /// <summary>Gives up on one kind of wait at a time: what is delivered then may end the others.</summary>
    private void GiveUp()
    {
        var (low, high) = (Waits(_low), Waits(_high));
        _conversation.IsContested |= (low && IsUnproven(_low)) || (high && IsUnproven(_high));
        if ((low && _low.GiveUpStart()) | (high && _high.GiveUpStart())) return;
        if ((low && _low.GiveUpHole(Reader)) | (high && _high.GiveUpHole(Reader))) return;
        if (low) GiveUpPeer(_low);
        if (high) GiveUpPeer(_high);
    }

    /// <summary>The bytes of the peer that are waited for were not captured, unless their acknowledgement was taken back.</summary>
    private void GiveUpPeer(StreamReassembler stream)
    {
        var acknowledges = stream.GiveUpPeer();
        if (acknowledges <= _conversation.Taken(!stream.FromLow)) SkipTo(!stream.FromLow, acknowledges);
    }

    /// <summary>
    /// Something is held that is worth giving something up for. What stands behind a FIN is nobody's, as long as nothing
    /// shows that the FIN is none. A hole that the peer is not known to have filled is none as long as it can be waited
    /// for, nor when the peer went on without it: what stands behind it anybody may have sent.
    /// </summary>
    private bool Waits(StreamReassembler stream) =>
        stream.IsHolding && !IsBehindFin(stream) && (!IsUnproven(stream) || ((_isLast || stream.IsOverLimit) && !WentOnWithout(stream)));

    /// <summary>The peer spoke after what is held and had not taken so much, and no FIN was sent since that stands behind it.</summary>
    private bool WentOnWithout(StreamReassembler stream) =>
        _conversation.IsDenied(stream.FromLow, stream.FirstHeld, stream.FirstHeldFrame) && _conversation.Sent(stream.FromLow) < stream.FirstHeld;

    /// <summary>Leaves aside what is held.</summary>
    private void Drop(StreamReassembler stream)
    {
        if (IsUnproven(stream)) _conversation.Half(stream.FromLow).End = _conversation.Followed(stream.FromLow);
        stream.Drop();
    }

    private bool IsBehindFin(StreamReassembler stream) => _conversation.FinOffset(stream.FromLow) is { } fin && stream.IsBehindHole && stream.FirstHeld > fin;

    private bool IsUnproven(StreamReassembler stream) =>
        stream is { Started: true, IsBehindHole: true } && _conversation.Half(!stream.FromLow).IsSeen && _conversation.Taken(stream.FromLow) < stream.FirstHeld;

    /// <summary>The bytes of a direction up to an acknowledged offset were not captured.</summary>
    private void SkipTo(bool low, long acknowledged)
    {
        if (_conversation.FinOffset(low) is { } fin) acknowledged = Math.Min(acknowledged, fin); // the FIN is no byte
        if (acknowledged > Of(low).Next) Of(low).SkipTo(Reader, acknowledged);
    }
}
