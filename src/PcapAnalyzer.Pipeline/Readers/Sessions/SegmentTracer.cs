using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>Follows what TCP does with one direction's bytes: sent, sent again, acknowledged; windows; lifetimes of its packets.</summary>
internal struct SegmentTracer
{
    /// <summary>A stack waits longer before it sends again because nothing was acknowledged: 200 ms in Linux, 1 s by RFC 6298.</summary>
    private const long ShortestTimeout = 100_000_000;

    private const int WindowOffset = 14;
    internal const int OptionsOffset = 20;
    private const int SackOption = 5;

    private (long From, long To, long Time) _last;
    private long _highestTo;
    private long _ackedTo;
    private long _unackedSince;
    private long _zeroSince;
    private long _zeroWindow;
    private long _lastTime;
    private long _lastDataTime;
    private long _peerDataTo;
    private int _retransmissions;
    private int _timeouts;
    private int _resends;
    private int _resentLength;
    private int _healedResends;
    private int _peerDataMeanwhile;
    private byte _lowestTtl;
    private byte _highestTtl;
    private bool _hasLaterBytes;

    /// <summary>Offset up to which the peer acknowledged this direction.</summary>
    internal readonly long AckedTo => _ackedTo;

    /// <summary>Begins behind the handshake.</summary>
    internal void Begin(long highestTo, long ackedTo, long time) => (_highestTo, _ackedTo, _lastDataTime) = (highestTo, Math.Min(highestTo, ackedTo), time);

    /// <summary>Takes a segment that this direction sent.</summary>
    internal void Send(in Frame frame, in TcpSegment segment, long offset)
    {
        if (segment.Has(TcpFlags.Rst)) return;
        _lastTime = frame.Time;
        if (segment.Ttl != 0)
        {
            _lowestTtl = _lowestTtl == 0 ? segment.Ttl : Math.Min(_lowestTtl, segment.Ttl);
            _highestTtl = Math.Max(_highestTtl, segment.Ttl);
        }
        NoteWindow(frame, segment);
        if (segment.Length > 0 && !segment.Has(TcpFlags.Syn)) NoteBytes(frame, segment, offset);
    }

    /// <summary>Takes what the peer says of this direction's bytes.</summary>
    /// <param name="frame">The frame of its segment.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="acknowledges">The offset of this direction that it acknowledges.</param>
    /// <param name="offset">Where its own bytes stand.</param>
    internal void Hear(in Frame frame, in TcpSegment segment, long acknowledges, long offset)
    {
        if (segment.Has(TcpFlags.Rst)) return;
        if (segment.Has(TcpFlags.Ack) && acknowledges > _ackedTo)
        {
            _healedResends = Math.Max(_healedResends, _resends);
            _ackedTo = acknowledges;
            _unackedSince = _ackedTo < _highestTo ? frame.Time : 0;
            (_resends, _resentLength, _peerDataMeanwhile, _peerDataTo, _hasLaterBytes) = (0, 0, 0, 0, false);
        }
        else if (segment.Header.Length > OptionsOffset && HasSackBeyond(segment)) _hasLaterBytes = true;
        if (_resends > 0 && segment.Length > 1) _peerDataTo = Math.Max(_peerDataTo, offset + segment.Length);
    }

    /// <summary>This direction acknowledges the peer's bytes.</summary>
    internal void Acknowledge(long to)
    {
        if (_peerDataTo == 0 || to < _peerDataTo) return;
        _peerDataMeanwhile++;
        _peerDataTo = 0;
    }

    internal readonly SegmentTrace Trace(long now) => new()
    {
        Retransmissions = _retransmissions,
        Timeouts = _timeouts,
        Unacknowledged = Math.Max(0, _highestTo - _ackedTo),
        UnacknowledgedSince = _highestTo > _ackedTo ? _unackedSince : 0,
        Resends = _resends,
        ResentLength = _resentLength,
        HealedResends = _healedResends,
        PeerDataMeanwhile = _peerDataMeanwhile,
        HasLaterBytes = _hasLaterBytes,
        ZeroWindow = _zeroWindow + (_zeroSince == 0 ? 0 : Math.Max(0, now - _zeroSince)),
        ZeroWindowSince = _zeroSince,
        LastTime = _lastTime,
        LowestTtl = _lowestTtl,
        HighestTtl = _highestTtl,
    };

    private void NoteWindow(in Frame frame, in TcpSegment segment)
    {
        if (segment.Header.Length < WindowOffset + 2 || segment.Has(TcpFlags.Syn)) return;
        var isZero = BinaryPrimitives.ReadUInt16BigEndian(segment.Header[WindowOffset..]) == 0;
        if (isZero && _zeroSince == 0) _zeroSince = frame.Time;
        if (isZero || _zeroSince == 0) return;
        _zeroWindow += Math.Max(0, frame.Time - _zeroSince);
        _zeroSince = 0;
    }

    private void NoteBytes(in Frame frame, in TcpSegment segment, long offset)
    {
        var end = offset + segment.Length;
        if (end > _highestTo)
        {
            if (_unackedSince == 0 || _ackedTo >= _highestTo) _unackedSince = frame.Time;
            _highestTo = end;
            _lastDataTime = frame.Time;
            _last = (offset, end, frame.Time);
            return;
        }
        // A keep-alive repeats the last byte, or garbage in its place (RFC 9293, 3.8.4).
        if (segment.Length == 1 && end == _ackedTo) return;
        if (_last.From == offset && _last.To == end && Connection.IsSameMoment(frame.Time, _last.Time)) return;
        _last = (offset, end, frame.Time);
        _retransmissions++;
        if (frame.Time - _lastDataTime >= ShortestTimeout) _timeouts++;
        if (offset > _ackedTo || end <= _ackedTo) return;
        _resends++;
        _resentLength = segment.Length;
    }

    private static bool HasSackBeyond(in TcpSegment segment)
    {
        var options = segment.Header[OptionsOffset..];
        while (options.Length >= 2)
        {
            if (options[0] == 1)
            {
                options = options[1..];
                continue;
            }
            if (options[0] == 0 || options[1] < 2 || options[1] > options.Length) return false;
            // A block before the acknowledged byte reports a duplicate (RFC 2883).
            if (options[0] == SackOption && options[1] >= 10)
                return unchecked((int)(BinaryPrimitives.ReadUInt32BigEndian(options[2..]) - segment.Acknowledgment)) > 0;
            options = options[options[1]..];
        }
        return false;
    }
}
