using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>What one side says in a session: counts, silences, and what is worth a notice.</summary>
internal sealed class SessionDirection : ISessionMessages
{
    private const int MaxOperations = 64;
    private const int MaxDestinations = 32;

    private readonly SessionRecorder _recorder;
    private readonly bool _fromLow;
    private NameCounts _operations = new(MaxOperations);
    private NameCounts _destinations = new(MaxDestinations);
    private LongestSilences _silences = new();
    private TickSpacing _spacing;
    private long _lastLife;
    private (ulong Sequence, long Count, long Since) _fragmented;
    private (long Count, long Took) _largest;
    private SegmentTrace? _traceAtClose;
    private long _lifeAtClose;

    internal SessionDirection(ISessionProtocol protocol, SessionRecorder recorder, bool fromLow)
    {
        (_recorder, _fromLow) = (recorder, fromLow);
        Framer = new SessionFramer(protocol, this);
    }

    internal SessionFramer Framer { get; }

    /// <summary>Offset of the next byte to read.</summary>
    internal long NextOffset { get; set; }

    internal SegmentTracer Tracer;

    private EarlySegments _early;

    internal bool IsHolding => _early.IsHolding;

    /// <summary>What is read now was sent before the last that was read of the peer, or may have been.</summary>
    internal bool IsLate { get; set; }

    internal SessionEnd? End { get; set; }

    internal long Bytes { get; private set; }

    internal long Missing { get; private set; }

    internal long Ticks { get; private set; }

    internal long Messages { get; private set; }

    internal long FirstFrameTime { get; private set; }

    internal long LastFrameTime { get; private set; }

    internal long LastFrame { get; private set; }

    private long Largest { get; set; }

    private string? Node { get; set; }

    /// <summary>A side left: what comes now is no sign of life, and TCP's state is kept as it was.</summary>
    internal void Close(long now)
    {
        if (_traceAtClose != null) return;
        _traceAtClose = Tracer.Trace(now);
        _lifeAtClose = _lastLife;
    }

    /// <summary>The handshake ended at this time: silence counts from here.</summary>
    internal void Begin(long time) => _lastLife = time;

    /// <summary>Takes a segment's bytes: reads them if they are next, else holds them.</summary>
    internal void Take(in Frame frame, in TcpSegment segment, long offset, ReaderHost host)
    {
        var end = offset + segment.Length;
        if (offset < NextOffset) Bytes += _early.Fill(offset, Math.Min(end, NextOffset));
        if (end <= NextOffset) return;
        if (offset > NextOffset && !TrySkipTo(offset, frame))
        {
            _early.Hold(frame, segment.Payload, offset, host.Budget);
            return;
        }
        IsLate = IsHolding || Tracer.AckedTo > NextOffset;
        var known = (int)Math.Min(segment.Payload.Length, NextOffset - offset);
        Feed(segment.Payload[known..], frame.Number, frame.Time);
        if (end > NextOffset) Gap(end - NextOffset, frame.Number, frame.Time); // the snapshot length cut it
        Drain(frame.Number, frame.Time);
    }

    /// <summary>Goes on where what is held is next, or a hole has been waited for long enough.</summary>
    internal void Settle(long now, ConnectionLimits limits)
    {
        _early.NoteAcknowledged(Tracer.AckedTo > NextOffset, now);
        while (_early.IsHolding && _early.GivesUp(now, limits)) GiveUp(now);
    }

    internal void Hold(in HeldSegment held, ReadOnlySpan<byte> bytes, HeldBudget budget) =>
        _early.Hold(new Frame(held.Frame, held.Time, default, default, 0), bytes, held.Offset, budget);

    /// <summary>Nothing more will come: what the peer acknowledged and was not captured is missing.</summary>
    internal void Finish()
    {
        while (_early.IsHolding && Tracer.AckedTo >= _early.Held!.First.Offset) GiveUp(_early.Held.First.Time);
        if (Tracer.AckedTo > NextOffset) Gap(Tracer.AckedTo - NextOffset, LastFrame, Math.Max(_early.AcknowledgedAt, _lastLife));
        _early.Clear();
        Framer.End();
    }

    private void GiveUp(long now)
    {
        IsLate = true;
        var head = _early.Held!.First;
        if (head.Offset > NextOffset) Gap(head.Offset - NextOffset, head.Frame, _early.AcknowledgedAt == 0 ? now : _early.AcknowledgedAt);
        Drain(head.Frame, head.Time);
    }

    private void Drain(long frame, long time)
    {
        while (_early.Held is { Count: > 0 } held && held.First.Offset <= NextOffset)
        {
            var head = held.First;
            if (head.End > NextOffset) Feed(held.BytesOf(head)[(int)(NextOffset - head.Offset)..], Math.Max(frame, head.Frame), Math.Max(time, head.Time));
            held.RemoveFirst();
        }
    }

    /// <summary>Bytes in the middle of a body are skipped anyway: nobody waits for them.</summary>
    private bool TrySkipTo(long offset, in Frame frame)
    {
        var length = offset - NextOffset;
        if (length >= Framer.ToSkip || !_early.AddHole(NextOffset, offset)) return false;
        NextOffset = offset;
        Framer.SkipOver(length);
        return true;
    }

    internal void Feed(ReadOnlySpan<byte> bytes, long frame, long time)
    {
        NextOffset += bytes.Length;
        Bytes += bytes.Length;
        Framer.Feed(bytes, frame, time);
    }

    internal void Gap(long length, long frame, long time)
    {
        NextOffset += length;
        Missing += length;
        Framer.Gap(length, frame, time);
    }

    public void OnMessage(in SessionMessage message, long length, long frame, long time)
    {
        if (message.Kind == SessionMessageKind.Malformed)
        {
            if (Missing == 0) _recorder.Note(SessionNoticeKind.Malformed, _fromLow, time, frame, value: length);
            OnUnread(frame, time);
            return;
        }
        if (FirstFrameTime == 0) FirstFrameTime = time;
        (LastFrameTime, LastFrame) = (time, frame);
        Live(time);
        Largest = Math.Max(Largest, length);
        if (message.Kind == SessionMessageKind.Tick)
        {
            Ticks++;
            _spacing.Tick(time);
            return;
        }
        _spacing.Interrupt();
        NoteFragment(message, time);
        if (message.Kind == SessionMessageKind.Fragment) return;
        Messages++;
        if (message.Operation != null) _operations.Add(message.Operation);
        if (message.Destination != null) _destinations.Add(message.Destination);
        Node ??= message.Sender;
        _recorder.Take(message, _fromLow, IsLate, frame, time);
    }

    public void OnTooLong(long length, long frame, long time)
    {
        if (Missing == 0) _recorder.Note(SessionNoticeKind.FrameTooLarge, _fromLow, time, frame, value: length);
        Live(time);
    }

    /// <summary>Bytes that cannot be followed are a sign of life all the same.</summary>
    public void OnUnread(long frame, long time) => Live(time);

    internal SessionSide Build(long now)
    {
        var (spacing, times) = _spacing.Best;
        return new SessionSide
        {
            Node = Node,
            Ticks = Ticks,
            Messages = Messages,
            Bytes = Bytes,
            Largest = Largest,
            Operations = _operations.ToDictionary(),
            Destinations = _destinations.ToDictionary(),
            TickSpacing = spacing,
            TickSpacings = times,
            FirstFrameTime = FirstFrameTime,
            LastFrameTime = LastFrameTime,
            LastFrame = LastFrame,
            LastLifeTime = _traceAtClose == null ? _lastLife : _lifeAtClose,
            Silences = _silences.InOrder(),
            IsCut = Framer.IsInMessage && Missing == 0,
            Missing = Missing + _early.HoleBytes,
            MostFragments = Math.Max(_largest.Count, _fragmented.Count),
            LargestTook = Math.Max(_largest.Took, _fragmented.Count == 0 ? 0 : LastFrameTime - _fragmented.Since),
            Transport = _traceAtClose ?? Tracer.Trace(now),
            End = End,
        };
    }

    private void Live(long time)
    {
        if (_lastLife != 0) _silences.Add(_lastLife, time);
        _lastLife = Math.Max(_lastLife, time);
    }

    /// <summary>The first fragment tells how many there are; others of the same message count down to 1.</summary>
    private void NoteFragment(in SessionMessage message, long time)
    {
        if (message.FragmentsLeft == 0) return;
        if (message.Kind == SessionMessageKind.Message)
        {
            if (message.FragmentsLeft > _fragmented.Count) _fragmented = (message.Sequence, message.FragmentsLeft, time);
            return;
        }
        if (message.Sequence != _fragmented.Sequence || message.FragmentsLeft != 1) return;
        if (_fragmented.Count > _largest.Count) _largest = (_fragmented.Count, time - _fragmented.Since);
        _fragmented = default;
    }
}
