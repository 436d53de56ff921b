using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>
/// Reads what two nodes say after the handshake, until their connection is over. It takes segments as they come, without reassembly:
/// only what comes early is held.
/// </summary>
internal sealed class SessionReader : IStreamReader
{
    private const long Second = 1_000_000_000;

    private readonly WatchedConnection _connection;
    private readonly ReaderHost _host;
    private readonly IHandshakeProtocol _protocol;
    private readonly SessionRecorder _recorder = new();
    private readonly SessionDirection _low;
    private readonly SessionDirection _high;
    private readonly SessionStart _start;
    private readonly IStreamReader? _watch;
    private int _number;
    private long _toldTo;
    private long _toldAt;

    /// <param name="connection">Whose segments to read.</param>
    /// <param name="protocol">What the nodes speak.</param>
    /// <param name="start">Where the handshake ended.</param>
    /// <param name="watch">Tells what becomes of the handshake's connection; null without a handshake.</param>
    /// <param name="host">Limits, and who takes the facts.</param>
    internal SessionReader(WatchedConnection connection, IHandshakeProtocol protocol, SessionStart start, IStreamReader? watch,
        ReaderHost host)
    {
        (_connection, _protocol, _start, _watch, _host) = (connection, protocol, start, watch, host);
        var messages = host.SessionsOf(protocol)!;
        _low = new SessionDirection(messages, _recorder, fromLow: true);
        _high = new SessionDirection(messages, _recorder, fromLow: false);
        host.OpenSessions.Add(this);
    }

    public bool IsFollowing => true;

    private bool InitiatorIsLow => _start.InitiatorIsLow ?? _connection.Headers.Key.Low.Port > _connection.Headers.Key.High.Port;

    public void OnBytes(DirectionReassembler stream)
    {
    }

    public void OnGap(DirectionReassembler stream, long length)
    {
    }

    public void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes) => _watch?.OnAgain(fromLow, offset, bytes);

    /// <summary>Takes what came behind the handshake already.</summary>
    public void OnDetached(Reassembly reassembly)
    {
        foreach (var low in (ReadOnlySpan<bool>)[true, false])
        {
            var (stream, direction) = (reassembly.Of(low), Of(low));
            var buffer = stream.Buffer;
            direction.Framer.IsLost = !_start.IsAcknowledged;
            direction.Begin(_start.Time);
            direction.IsLate = true; // one direction is read after the other
            direction.NextOffset = buffer.Position;
            direction.Tracer.Begin(stream.ReceivedTo, _connection.Direction(low).AckedTo, _connection.LastTime);
            foreach (var (end, frame, time) in buffer.Pieces)
            {
                if (end > direction.NextOffset) direction.Feed(buffer.At(direction.NextOffset, end - direction.NextOffset), frame, time);
            }
            // They stay where they are, too: reassembly has yet to see what nothing bears out.
            for (var i = 0; i < stream.Held.Count; i++) direction.Hold(stream.Held[i], stream.Held.BytesOf(stream.Held[i]), _host.Budget);
        }
        NumberOnceCredible();
    }

    public void OnSegment(in Frame frame, in TcpSegment segment, long offset, long acknowledges)
    {
        var (mine, peer) = (Of(segment.FromLow), Of(!segment.FromLow));
        if (segment.Has(TcpFlags.Rst)) NoteEnds(mine, frame, segment); // how TCP stood before it is what matters
        mine.Tracer.Send(frame, segment, offset);
        peer.Tracer.Hear(frame, segment, acknowledges, offset);
        mine.Tracer.Acknowledge(acknowledges);
        if (!segment.Has(TcpFlags.Rst | TcpFlags.Syn) && segment.Length > 0) mine.Take(frame, segment, offset, _host);
        if (mine.IsHolding) mine.Settle(frame.Time, _host.Options.Connections);
        if (peer.IsHolding) peer.Settle(frame.Time, _host.Options.Connections);
        if (!segment.Has(TcpFlags.Rst)) NoteEnds(mine, frame, segment);
        NumberOnceCredible();
    }

    public void OnEnd()
    {
        _host.OpenSessions.Remove(this);
        _low.Finish();
        _high.Finish();
        if (_number > 0 || IsCredible) _host.Tell(Build());
        _watch?.OnEnd();
    }

    /// <summary>Tells how the session stands, where something is new, once a second at most: there may be many.</summary>
    internal void OnTime(long now)
    {
        if (_toldTo == _connection.LastTime || now - _toldAt < Second || !IsCredible) return;
        (_toldTo, _toldAt) = (_connection.LastTime, now);
        _host.Tell(Build());
    }

    /// <summary>A handshake came before it, or both its bytes and their spacing are a session's.</summary>
    private bool IsCredible => _start.IsAcknowledged || _recorder.IsRecognized || (_low.Ticks > 1 && _high.Ticks > 1);

    /// <summary>Packets alone decide the number, so that a live capture and its file number alike.</summary>
    private void NumberOnceCredible()
    {
        if (_number == 0 && IsCredible) _number = _host.NextSession();
    }

    private SessionDirection Of(bool low) => low ? _low : _high;

    private void NoteEnds(SessionDirection mine, in Frame frame, in TcpSegment segment)
    {
        var low = segment.FromLow;
        if (mine.End is { IsReset: false, IsResetLater: false } left && segment.Has(TcpFlags.Rst))
            mine.End = left with { IsResetLater = true };
        if (mine.End is { IsReset: true, WentOn: false } reset && !segment.Has(TcpFlags.Rst)) mine.End = reset with { WentOn = true };
        if (mine.End == null && _connection.Direction(low).HasEnded && _connection.Marks(low).EndFrame == frame.Number)
        {
            var isReset = segment.Has(TcpFlags.Rst);
            mine.Close(frame.Time);
            Of(!low).Close(frame.Time);
            mine.End = new SessionEnd(Role.Initiator, isReset, frame.Number, frame.Time)
            {
                Ttl = segment.Ttl,
                HasAck = segment.Has(TcpFlags.Ack),
                HasOptions = segment.Header.Length > SegmentTracer.OptionsOffset,
            };
        }
        var peer = Of(!low);
        if (peer.End is { IsReset: false, AcknowledgedAt: 0 } fin && _connection.Direction(!low).State == DirectionState.FinAcknowledged)
            peer.End = fin with { AcknowledgedAt = frame.Time };
    }

    private Session Build()
    {
        if (_number == 0) _number = _host.NextSession();
        var initiatorIsLow = InitiatorIsLow;
        var now = _connection.LastTime;
        SessionSide Side(bool low, Role role)
        {
            var side = Of(low).Build(now);
            return side with { End = side.End is { } end ? end with { By = role } : null, UnansweredPing = _recorder.UnansweredPing(low) };
        }
        return new Session
        {
            Number = _number,
            Protocol = _protocol,
            Handshake = _start.Handshake,
            IsAcknowledged = _start.IsAcknowledged,
            IsRecognized = _recorder.IsRecognized,
            IsDialKnown = _start.InitiatorIsLow != null,
            Initiator = _connection.EndpointOf(initiatorIsLow),
            Acceptor = _connection.EndpointOf(!initiatorIsLow),
            Started = _start.IsAcknowledged ? _start.Time : _connection.FirstTime,
            LastTime = now,
            FromInitiator = Side(initiatorIsLow, Role.Initiator),
            FromAcceptor = Side(!initiatorIsLow, Role.Acceptor),
            Notices = _recorder.Notices(initiatorIsLow, now),
            IsGivenUp = _connection.IsGivenUp,
        };
    }
}

/// <summary>Where a session begins.</summary>
/// <param name="IsAcknowledged">Behind an acknowledgement; else in the middle of the traffic.</param>
/// <param name="Handshake">The handshake's number; 0 where there is none.</param>
/// <param name="InitiatorIsLow">Who dialled; null where that is not known.</param>
/// <param name="Time">Of the acknowledgement (ns since 1970); else of the first packet.</param>
internal readonly record struct SessionStart(bool IsAcknowledged, int Handshake, bool? InitiatorIsLow, long Time);
