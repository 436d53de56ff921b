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

    private (long To, long Time) _last;
    private int _lastLength;
    private int _retransmissions;
    private long _highestTo;
    private long _ackedTo;
    private long _unackedSince;
    private long _lastTime;
    private long _lastDataTime;
    private Trouble? _trouble;
    private int _timeouts;
    private byte _lowestTtl;
    private byte _highestTtl;

    /// <summary>What most sessions never have.</summary>
    private sealed class Trouble
    {
        internal long ZeroSince;
        internal long ZeroWindow;
        internal long PeerDataTo;
        internal int Resends;
        internal int ResentLength;
        internal int HealedResends;
        internal int PeerDataMeanwhile;
        internal bool HasLaterBytes;
    }

    /// <summary>Offset up to which the peer acknowledged this direction.</summary>
    internal readonly long AckedTo => _ackedTo;

    /// <summary>Begins behind the handshake. Its last segment comes here, too.</summary>
    internal void Begin(long highestTo, long ackedTo, long time) =>
        (_highestTo, _ackedTo, _lastDataTime, _last) = (highestTo, Math.Min(highestTo, ackedTo), time, (highestTo, time));

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
            _ackedTo = acknowledges;
            _unackedSince = _ackedTo < _highestTo ? frame.Time : 0;
            if (_trouble is { } over)
            {
                over.HealedResends = Math.Max(over.HealedResends, over.Resends);
                (over.Resends, over.ResentLength, over.PeerDataMeanwhile, over.PeerDataTo, over.HasLaterBytes) = (0, 0, 0, 0, false);
            }
        }
        else if (segment.Header.Length > OptionsOffset && HasSackBeyond(segment)) (_trouble ??= new Trouble()).HasLaterBytes = true;
        if (_trouble is { Resends: > 0 } trouble && segment.Length > 1)
            trouble.PeerDataTo = Math.Max(trouble.PeerDataTo, offset + segment.Length);
    }

    /// <summary>This direction acknowledges the peer's bytes.</summary>
    internal readonly void Acknowledge(long to)
    {
        if (_trouble is not { PeerDataTo: > 0 } trouble || to < trouble.PeerDataTo) return;
        trouble.PeerDataMeanwhile++;
        trouble.PeerDataTo = 0;
    }

    internal readonly SegmentTrace Trace(long now) => new()
    {
        Retransmissions = _retransmissions,
        Timeouts = _timeouts,
        Unacknowledged = Math.Max(0, _highestTo - _ackedTo),
        UnacknowledgedSince = _highestTo > _ackedTo ? _unackedSince : 0,
        Resends = _trouble?.Resends ?? 0,
        ResentLength = _trouble?.ResentLength ?? 0,
        HealedResends = _trouble?.HealedResends ?? 0,
        PeerDataMeanwhile = _trouble?.PeerDataMeanwhile ?? 0,
        HasLaterBytes = _trouble?.HasLaterBytes ?? false,
        ZeroWindow = _trouble is not { } trouble ? 0
            : trouble.ZeroWindow + (trouble.ZeroSince == 0 ? 0 : Math.Max(0, now - trouble.ZeroSince)),
        ZeroWindowSince = _trouble?.ZeroSince ?? 0,
        LastTime = _lastTime,
        LowestTtl = _lowestTtl,
        HighestTtl = _highestTtl,
    };

    private void NoteWindow(in Frame frame, in TcpSegment segment)
    {
        if (segment.Header.Length < WindowOffset + 2 || segment.Has(TcpFlags.Syn)) return;
        var isZero = BinaryPrimitives.ReadUInt16BigEndian(segment.Header[WindowOffset..]) == 0;
        if (!isZero && _trouble == null) return;
        var trouble = _trouble ??= new Trouble();
        if (isZero && trouble.ZeroSince == 0) trouble.ZeroSince = frame.Time;
        if (isZero || trouble.ZeroSince == 0) return;
        trouble.ZeroWindow += Math.Max(0, frame.Time - trouble.ZeroSince);
        trouble.ZeroSince = 0;
    }

    private void NoteBytes(in Frame frame, in TcpSegment segment, long offset)
    {
        var end = offset + segment.Length;
        if (end > _highestTo)
        {
            if (_unackedSince == 0 || _ackedTo >= _highestTo) _unackedSince = frame.Time;
            _highestTo = end;
            _lastDataTime = frame.Time;
            (_last, _lastLength) = ((end, frame.Time), segment.Length);
            return;
        }
        // A keep-alive repeats the last byte, or garbage in its place (RFC 9293, 3.8.4).
        if (segment.Length == 1 && end == _ackedTo) return;
        if ((_lastLength == 0 || _lastLength == segment.Length) && _last.To == end && Connection.IsSameMoment(frame.Time, _last.Time))
            return;
        (_last, _lastLength) = ((end, frame.Time), segment.Length);
        _retransmissions++;
        if (frame.Time - _lastDataTime >= ShortestTimeout) _timeouts++;
        if (offset > _ackedTo || end <= _ackedTo) return;
        var trouble = _trouble ??= new Trouble();
        trouble.Resends++;
        trouble.ResentLength = segment.Length;
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
