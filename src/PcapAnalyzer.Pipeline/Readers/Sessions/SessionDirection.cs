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
    private NameCounts _operations = new();
    private NameCounts _destinations = new();
    private LongestSilences _silences = new();
    private TickSpacing _spacing;
    private long _lastLife;
    private FragmentCounts? _fragments;
    private EarlySegments? _early;
    private AtClose? _atClose;

    internal SessionDirection(ISessionProtocol protocol, SessionRecorder recorder, bool fromLow)
    {
        (_recorder, _fromLow) = (recorder, fromLow);
        Framer = new SessionFramer(protocol, this);
    }

    /// <summary>Offset of the next byte to read.</summary>
    internal long NextOffset { get; set; }

    internal SessionFramer Framer;

    internal SegmentTracer Tracer;

    internal bool IsHolding => _early is { IsHolding: true };

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
        _atClose ??= new AtClose(Tracer.Trace(now), _lastLife);
    }

    /// <summary>The handshake ended at this time: silence counts from here.</summary>
    internal void Begin(long time) => _lastLife = time;

    /// <summary>Takes a segment's bytes: reads them if they are next, else holds them.</summary>
    internal void Take(in Frame frame, in TcpSegment segment, long offset, ReaderHost host)
    {
        var end = offset + segment.Length;
        if (offset < NextOffset) Bytes += _early?.Fill(offset, Math.Min(end, NextOffset)) ?? 0;
        if (end <= NextOffset) return;
        if (offset > NextOffset && !TrySkipTo(offset, frame))
        {
            (_early ??= new EarlySegments()).Hold(frame, segment.Payload, offset, host.Budget);
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
        _early?.NoteAcknowledged(Tracer.AckedTo > NextOffset, now);
        while (_early is { IsHolding: true } early && early.GivesUp(now, limits)) GiveUp(early, now);
    }

    internal void Hold(in HeldSegment held, ReadOnlySpan<byte> bytes, HeldBudget budget) =>
        (_early ??= new EarlySegments()).Hold(new Frame(held.Frame, held.Time, default, default, 0), bytes, held.Offset, budget);

    /// <summary>Nothing more will come: what the peer acknowledged and was not captured is missing.</summary>
    internal void Finish()
    {
        while (_early is { IsHolding: true } early && Tracer.AckedTo >= early.Held!.First.Offset) GiveUp(early, early.Held.First.Time);
        if (Tracer.AckedTo > NextOffset) Gap(Tracer.AckedTo - NextOffset, LastFrame, Math.Max(_early?.AcknowledgedAt ?? 0, _lastLife));
        _early?.Clear();
        Framer.End();
    }

    private void GiveUp(EarlySegments early, long now)
    {
        IsLate = true;
        var head = early.Held!.First;
        if (head.Offset > NextOffset) Gap(head.Offset - NextOffset, head.Frame, early.AcknowledgedAt == 0 ? now : early.AcknowledgedAt);
        Drain(head.Frame, head.Time);
    }

    private void Drain(long frame, long time)
    {
        while (_early?.Held is { Count: > 0 } held && held.First.Offset <= NextOffset)
        {
            var head = held.First;
            if (head.End > NextOffset) Feed(held.BytesOf(head)[(int)(NextOffset - head.Offset)..], Math.Max(frame, head.Frame),
                Math.Max(time, head.Time));
            held.RemoveFirst();
        }
    }

    /// <summary>Bytes in the middle of a body are skipped anyway: nobody waits for them.</summary>
    private bool TrySkipTo(long offset, in Frame frame)
    {
        var length = offset - NextOffset;
        if (length >= Framer.ToSkip || !(_early ??= new EarlySegments()).AddHole(NextOffset, offset)) return false;
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
        if (message.FragmentsLeft > 0) (_fragments ??= new FragmentCounts()).Note(message, time);
        if (message.Kind == SessionMessageKind.Fragment) return;
        Messages++;
        if (message.Operation != null) _operations.Add(message.Operation, MaxOperations);
        if (message.Destination != null) _destinations.Add(message.Destination, MaxDestinations);
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
            LastLifeTime = _atClose?.Life ?? _lastLife,
            Silences = _silences.InOrder(),
            IsCut = Framer.IsInMessage && Missing == 0,
            Missing = Missing + (_early?.HoleBytes ?? 0),
            MostFragments = _fragments?.Most ?? 0,
            LargestTook = _fragments?.Took(LastFrameTime) ?? 0,
            Transport = _atClose?.Trace ?? Tracer.Trace(now),
            End = End,
        };
    }

    private void Live(long time)
    {
        if (_lastLife != 0) _silences.Add(_lastLife, time);
        _lastLife = Math.Max(_lastLife, time);
    }

    private sealed record AtClose(SegmentTrace Trace, long Life);
}
