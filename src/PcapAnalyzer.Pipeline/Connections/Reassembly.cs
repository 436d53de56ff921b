using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Both directions of a connection while they are read, in the order of cause and effect.</summary>
/// <remarks>
/// A segment is delivered only after the peer's bytes that it acknowledges: captures of several queues, mirror ports and
/// <c>any</c> devices may hold the answer before the question. What never comes is given up after a while, as a gap.
/// </remarks>
internal sealed class Reassembly : IDisposable
{
    private readonly WatchedConnection _connection;
    private readonly ConnectionLimits _limits;
    private readonly DirectionReassembler _low;
    private readonly DirectionReassembler _high;
    private long _stuckSince = long.MinValue;
    private int _stuckSegments;
    private bool _hasDelivered;
    private bool _wantsDetach;
    private bool _isLast;

    internal Reassembly(WatchedConnection connection, IStreamReader reader, ConnectionLimits limits, HeldBudget budget)
    {
        _connection = connection;
        _limits = limits;
        Reader = reader;
        _low = new DirectionReassembler(true, limits, budget);
        _high = new DirectionReassembler(false, limits, budget);
        if (connection.Direction(true).Syns > 0) _low.Start();
        if (connection.Direction(false).Syns > 0) _high.Start();
    }

    /// <summary>Takes the bytes from here on.</summary>
    internal IStreamReader Reader { get; set; }

    internal DirectionReassembler Of(bool low) => low ? _low : _high;

    /// <summary>The reader has all bytes up to these offsets.</summary>
    internal bool HasDelivered(long low, long high) => _low.ReceivedTo >= low && _high.ReceivedTo >= high && !Waits(_low) && !Waits(_high);

    /// <summary>The reader has seen enough. Carried out once the delivery under way is over.</summary>
    internal void Detach() => _wantsDetach = true;

    internal void Add(in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
        var stream = Of(segment.FromLow);
        _hasDelivered |= stream.Add(Reader, frame, segment, offset, acknowledges, _connection.Direction(segment.FromLow).AckedTo,
            Of(!segment.FromLow));
        if (stream.IsOverLimit && !Waits(stream)) Drop(stream);
    }

    /// <summary>Delivers what can be delivered, and gives up holes that have been waited for long enough.</summary>
    internal void Pump(long now)
    {
        var progress = DeliverAll() | _hasDelivered;
        _hasDelivered = false;
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
        Reader.OnDetached(this);
        Drop(_low);
        Drop(_high);
        _connection.Settle();
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
        if (_wantsDetach) Reader.OnDetached(this);
        Drop(_low);
        Drop(_high);
        if (_wantsDetach) return;
        // The end of a stream can be missing as well as its middle.
        SkipTo(true, _connection.SentTo(true));
        SkipTo(false, _connection.SentTo(false));
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
            again = _low.Deliver(Reader, _high, _connection.Direction(true).AckedTo);
            again |= _high.Deliver(Reader, _low, _connection.Direction(false).AckedTo);
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

    /// <summary>Gives up one kind of wait at a time: what is delivered then may end the others.</summary>
    private void GiveUp()
    {
        var (low, high) = (Waits(_low), Waits(_high));
        _connection.IsContested |= (low && IsUnproven(_low)) || (high && IsUnproven(_high));
        if ((low && _low.GiveUpStart()) | (high && _high.GiveUpStart())) return;
        if ((low && _low.GiveUpHole(Reader)) | (high && _high.GiveUpHole(Reader))) return;
        if (low) GiveUpPeer(_low);
        if (high) GiveUpPeer(_high);
    }

    /// <summary>The peer's bytes that are waited for were not captured, unless the acknowledgement of them was taken back.</summary>
    private void GiveUpPeer(DirectionReassembler stream)
    {
        var acknowledges = stream.GiveUpPeer();
        if (acknowledges <= _connection.ConfirmedTo(!stream.FromLow)) SkipTo(!stream.FromLow, acknowledges);
    }

    /// <summary>Something is held that is worth giving something up for.</summary>
    /// <remarks>
    /// Bytes behind a FIN are ignored unless the FIN proves to be forged. A hole that the peer is not known to have
    /// filled is waited for as long as possible, and is none when the peer went on without it: anybody may have sent what
    /// stands behind it.
    /// </remarks>
    private bool Waits(DirectionReassembler stream) =>
        stream.IsHolding && !IsBehindFin(stream) && (!IsUnproven(stream) || ((_isLast || stream.IsOverLimit) && !WentOnWithout(stream)));

    /// <summary>The peer spoke after what is held and had not received so much, and no FIN was sent since that stands behind it.</summary>
    private bool WentOnWithout(DirectionReassembler stream) =>
        _connection.IsDenied(stream.FromLow, stream.FirstHeld, stream.FirstHeldFrame)
            && _connection.SentTo(stream.FromLow) < stream.FirstHeld;

    /// <summary>Leaves aside what is held.</summary>
    private void Drop(DirectionReassembler stream)
    {
        if (IsUnproven(stream)) _connection.Direction(stream.FromLow).SeenTo = _connection.ContiguousTo(stream.FromLow);
        stream.Drop();
    }

    private bool IsBehindFin(DirectionReassembler stream) => _connection.FinAt(stream.FromLow) is { } fin && stream.IsBehindHole
        && stream.FirstHeld > fin;

    private bool IsUnproven(DirectionReassembler stream) =>
        stream is { Started: true, IsBehindHole: true } && _connection.Direction(!stream.FromLow).IsSeen
            && _connection.ConfirmedTo(stream.FromLow) < stream.FirstHeld;

    /// <summary>The bytes of a direction up to an acknowledged offset were not captured.</summary>
    private void SkipTo(bool low, long acknowledged)
    {
        if (_connection.FinAt(low) is { } fin) acknowledged = Math.Min(acknowledged, fin); // the FIN is no byte
        if (acknowledged > Of(low).ReceivedTo) Of(low).SkipTo(Reader, acknowledged);
    }
}
