using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Records the facts of one handshake as its messages come.</summary>
internal sealed class HandshakeRecorder(WatchedConnection connection, ReaderLimits limits)
{
    private readonly record struct Counters(int Retransmissions, int Copies, int OutOfOrder, int Overlaps, long Missing, bool StartMissing,
        IReadOnlyList<(long From, long To)> Conflicts, IReadOnlyList<SegmentEvent> Events);

    private static readonly Counters Nothing = new(0, 0, 0, 0, 0, false, [], []);

    private readonly List<HandshakeMessage> _messages = [];
    private readonly List<Anomaly> _anomalies = [];
    private readonly List<(bool FromLow, long Bytes, int Before)> _gaps = [];
    private Counters _low = Nothing;
    private Counters _high = Nothing;
    private HandshakeState _state;
    private bool? _initiatorIsLow;
    private bool _hasWrongCopies;
    private bool _isOver;

    internal HandshakeState State => _state;

    internal HandshakeMessage? LastMessage => _messages.Count == 0 ? null : _messages[^1];

    /// <summary>Only the end of the connection can change the facts now.</summary>
    internal bool IsOver => _isOver || _state == HandshakeState.Acknowledged;

    /// <summary>Another protocol would not look like this by accident.</summary>
    internal bool IsCredible => _messages.Count > 1 || _messages.Exists(message => !message.Content.IsTentative)
        || (_messages.Count == 0 && _anomalies.Count > 0);

    /// <summary>No other protocol begins like this: whatever answers it answers a node.</summary>
    internal bool HasWholeName =>
        _messages is [{ Kind: MessageKind.Name, IsCut: false, Content: { IsTentative: false, NameFault: null } }, ..];

    internal Role? RoleOf(bool low) => RoleOf(low, _initiatorIsLow);

    /// <summary>Who sends in this direction; null while it is not known.</summary>
    internal Role? SenderOf(bool low) => RoleOf(low, _initiatorIsLow ?? connection.DialledByLow);

    /// <summary>Who sent a direction's first bytes; null when bytes before them may be missing.</summary>
    internal Role? FirstSpeaker(bool low) => connection.MayHaveMissed ? null : SenderOf(low);

    /// <summary>Copies the counters of a direction before its reassembler is disposed.</summary>
    internal void Count(DirectionReassembler stream)
    {
        var counters = new Counters(stream.Retransmissions, stream.Copies, stream.OutOfOrder, stream.Overlaps, stream.MissingBytes,
            stream.StartMissing, stream.Conflicts, stream.Events);
        if (stream.FromLow) _low = counters;
        else _high = counters;
    }

    /// <summary>How many messages stand outside the ranges that were sent twice with different content, less the anomalies.</summary>
    internal int BorneOut(IReadOnlyList<(long From, long To)> low, IReadOnlyList<(long From, long To)> high)
    {
        var initiatorIsLow = InitiatorIsLow;
        return _messages.Count(message => !Overlaps(message, (message.From == Role.Initiator) == initiatorIsLow ? low : high))
            - _anomalies.Count;
    }

    /// <summary>Copies the counters of both directions. The copies that differ are known to be wrong.</summary>
    internal void CountAsSettled(DirectionReassembler low, DirectionReassembler high)
    {
        Count(low);
        Count(high);
        (_low, _high, _hasWrongCopies) = (_low with { Conflicts = [] }, _high with { Conflicts = [] }, true);
    }

    /// <summary>Copies the counters of both directions, if they are still read.</summary>
    internal void Count()
    {
        if (connection.Reassembly is not { } reassembly) return;
        Count(reassembly.Of(true));
        Count(reassembly.Of(false));
    }

    /// <summary>Bytes came again: a message that differs from them is marked as conflicting.</summary>
    internal void Compare(bool fromLow, long offset, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < _messages.Count; i++)
        {
            var message = _messages[i];
            if (message.From == RoleOf(fromLow) && message.DiffersFrom(offset, bytes)) _messages[i] = message with { IsConflicting = true };
        }
    }

    /// <summary>Bytes of a direction are missing before the next message.</summary>
    internal void AddGap(DirectionReassembler stream, long bytes)
    {
        var at = _gaps.FindIndex(gap => gap.FromLow == stream.FromLow && gap.Before == _messages.Count);
        if (at < 0) _gaps.Add((stream.FromLow, bytes, _messages.Count));
        else _gaps[at] = _gaps[at] with { Bytes = _gaps[at].Bytes + bytes };
    }

    internal void Add(DirectionReassembler stream, MessageContent content, MessageFrame frame, ReadOnlySpan<byte> body, Role? parsedAs)
    {
        if (content.Kind == MessageKind.Empty) return;
        var role = Decide(stream.FromLow, content.Kind);
        var from = stream.Buffer.Position;
        var (frames, time) = stream.Buffer.Brought(from, from + frame.Header + frame.Body, limits.MaxFramesPerMessage);
        if (content.Kind is MessageKind.Traffic or MessageKind.Unknown)
        {
            AddOutOfPlace(role, content, frames[0], time);
            // Where bytes are missing, traffic shows that the handshake is over.
            _isOver |= content.Kind == MessageKind.Traffic && connection.MayHaveMissed;
            return;
        }
        if (_messages.Count >= limits.MaxMessages)
        {
            End(new Anomaly(AnomalyKind.TooManyMessages, role, "the end of the handshake", content.Kind.Word(), frames[0], time));
            return;
        }
        _messages.Add(new HandshakeMessage(content, role, time, frames, frame.Body, from, frame.Header, body.ToArray(),
            parsedAs)
        { IsCut = body.Length < frame.Body });
        var next = HandshakeTransitions.Next(_state, role, content)
            ?? (connection.MayHaveMissed ? HandshakeTransitions.Enter(_state, role, content) : null);
        if (next is { } state) _state = state;
        else AddOutOfPlace(role, content, frames[0], time);
    }

    internal void AddFault(DirectionReassembler stream, AnomalyKind kind, MessageFrame frame) => Note(Fault(stream, kind, frame));

    private Anomaly Fault(DirectionReassembler stream, AnomalyKind kind, MessageFrame frame)
    {
        var from = stream.Buffer.Position;
        var (frames, time) = stream.Buffer.Brought(from, from + 1, 1);
        var role = Decide(stream.FromLow, MessageKind.Unknown);
        var seen = kind switch
        {
            AnomalyKind.TlsRecord => "a TLS record",
            AnomalyKind.FrameTooLarge => $"a length of {frame.Body} bytes",
            AnomalyKind.OtherService => OtherServices.NameOf(stream.Buffer.Unread) ?? "bytes of another protocol",
            _ => $"{frame.Body} bytes that are no message",
        };
        return new Anomaly(kind, role, Due(role), seen, frames.Length > 0 ? frames[0] : 0, time);
    }

    internal Handshake Build(int number, IHandshakeProtocol protocol)
    {
        var low = InitiatorIsLow;
        return new Handshake
        {
            Number = number,
            Protocol = protocol,
            Initiator = connection.EndpointOf(low),
            Acceptor = connection.EndpointOf(!low),
            Started = connection.FirstTime,
            State = _state,
            Messages = [.. _messages.Exists(IsConflicting)
                ? _messages.ConvertAll(message => message with { IsConflicting = IsConflicting(message) }) : _messages],
            Transfer = Transfer(),
            Anomalies = _anomalies.Count == 0 ? [] : [.. _anomalies.Where(odd => !IsTheCapturesFault(odd))],
            Connection = Connection(),
        };
    }

    /// <summary>The lower endpoint dialled. Decided for good once it is asked.</summary>
    internal bool InitiatorIsLow => _initiatorIsLow ??= connection.DialledByLow ?? true;

    internal ConnectionFacts Connection()
    {
        var low = InitiatorIsLow;
        var (initiator, acceptor) = low ? (_low, _high) : (_high, _low);
        var facts = new ConnectionFacts
        {
            Retransmissions = initiator.Retransmissions + acceptor.Retransmissions,
            Copies = initiator.Copies + acceptor.Copies,
            OutOfOrder = initiator.OutOfOrder + acceptor.OutOfOrder,
            Overlaps = initiator.Overlaps + acceptor.Overlaps,
            MissingFromInitiator = initiator.Missing,
            MissingFromAcceptor = acceptor.Missing,
            InitiatorStartMissing = IsStartMissing(low, Role.Initiator, initiator),
            AcceptorStartMissing = IsStartMissing(!low, Role.Acceptor, acceptor),
            IsContested = _hasWrongCopies || initiator.Conflicts.Count + acceptor.Conflicts.Count > 0,
        };
        return Ends.Update(facts, connection);
    }

    internal IReadOnlyList<TransferEvent> Transfer()
    {
        var initiatorIsLow = InitiatorIsLow;
        if (_gaps.Count + _low.Events.Count + _high.Events.Count == 0) return [];
        Role By(bool fromLow) => fromLow == initiatorIsLow ? Role.Initiator : Role.Acceptor;
        TransferEvent Of(SegmentEvent one, bool fromLow) => new(one.Kind, By(fromLow), one.Count, 0, one.Time, one.LastTime, one.Frame);
        return
        [
            .. _gaps.Select(gap => new TransferEvent(TransferEventKind.MissingBytes, By(gap.FromLow), gap.Bytes, gap.Before, 0, 0, 0)),
            .. _low.Events.Select(one => Of(one, fromLow: true)), .. _high.Events.Select(one => Of(one, fromLow: false)),
        ];
    }

    /// <summary>Where the messages end so far.</summary>
    internal HandshakeEnds Ends => new(_initiatorIsLow ?? true, EndOf(Role.Initiator), EndOf(Role.Acceptor));

    /// <summary>The initiator sent the name. Without a name, the initiator sent the SYN. Without both, the kind of message tells.</summary>
    private Role Decide(bool low, MessageKind kind)
    {
        _initiatorIsLow ??= kind switch
        {
            MessageKind.Name => low,
            _ when connection.DialledByLow is { } bySyn => bySyn,
            MessageKind.ChallengeReply or MessageKind.Complement or MessageKind.ClientStatus => low,
            MessageKind.Status or MessageKind.Challenge or MessageKind.ChallengeAck => !low,
            _ => null,
        };
        return RoleOf(low) ?? Role.Initiator;
    }

    private static Role? RoleOf(bool low, bool? initiatorIsLow) => initiatorIsLow is { } initiator ? low == initiator ? Role.Initiator
        : Role.Acceptor : null;

    /// <summary>A direction without its SYN is whole only if its first message is there.</summary>
    private bool IsStartMissing(bool low, Role role, Counters counters)
    {
        if (connection.Direction(low).Syns > 0) return false;
        foreach (var message in _messages)
            if (message.From == role) return message.Kind != (role == Role.Initiator ? MessageKind.Name : MessageKind.Status);
        return counters.StartMissing || !connection.Direction(low).IsSeen;
    }

    private void AddOutOfPlace(Role by, MessageContent content, long frame, long time)
    {
        if (content.Kind == MessageKind.Traffic && connection.MayHaveMissed) return;
        // Once is enough: traffic goes on in any number of pieces.
        if (content.Kind == MessageKind.Traffic && _anomalies.Exists(odd => odd.By == by && odd.Seen == content.Kind.Word())) return;
        Note(new Anomaly(AnomalyKind.OutOfOrderMessage, by, Due(by), content.Kind.Word(), frame, time));
    }

    /// <summary>Notes an anomaly, and stops reading at the limit: there may be millions more.</summary>
    private void Note(Anomaly odd)
    {
        if (_anomalies.Count < limits.MaxMessages) _anomalies.Add(odd);
        else End(odd with { Kind = AnomalyKind.TooManyMessages, Expected = "the end of the handshake" });
    }

    private void End(Anomaly last)
    {
        if (!_isOver) _anomalies.Add(last);
        _isOver = true;
    }

    /// <summary>Where bytes are missing, the capture may be the reason that a known message is out of order, not its sender.</summary>
    private bool IsTheCapturesFault(Anomaly odd) => odd.Kind == AnomalyKind.OutOfOrderMessage && odd.Seen != MessageKind.Unknown.Word()
        && (_low.Missing + _high.Missing > 0 || !connection.Headers.HasBothSyns);

    private string Due(Role by) => HandshakeTransitions.Due(_state) switch
    {
        null => "the end of the connection",
        var (who, what) when who == by => what,
        var (who, what) => $"silence until the {who.Word()}'s {what}",
    };

    private bool IsConflicting(HandshakeMessage message) => message.IsConflicting
        || Overlaps(message, (message.From == Role.Initiator) == _initiatorIsLow ? _low.Conflicts : _high.Conflicts);

    private static bool Overlaps(HandshakeMessage message, IReadOnlyList<(long From, long To)> ranges)
    {
        for (var i = 0; i < ranges.Count; i++)
            if (ranges[i].From < message.StreamTo && ranges[i].To > message.StreamFrom) return true;
        return false;
    }

    private long EndOf(Role role)
    {
        var end = 0L;
        foreach (var message in _messages)
            if (message.From == role) end = message.StreamTo;
        return end;
    }
}
