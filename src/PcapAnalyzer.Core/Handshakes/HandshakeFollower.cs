using System.Buffers;
using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Reads one conversation: finds its protocol by content, cuts its messages, and walks them through the table.</summary>
/// <param name="conversation">What to read.</param>
/// <param name="options">Limits and protocols.</param>
/// <param name="sink">Who takes handshakes, and what begins otherwise.</param>
internal sealed class HandshakeFollower(Conversation conversation, AnalyzerOptions options, IHandshakeSink sink) : IStreamReader
{
    private readonly HandshakeRecorder _recorder = new(conversation, options);
    private readonly MessageFramer _low = new();
    private readonly MessageFramer _high = new();
    private IHandshakeProtocol? _protocol;
    private IStreamReader? _successor;
    private long _rejectedBytes;
    private long _stalledAt = long.MinValue;
    private int _id;

    public bool IsFollowing => _protocol != null;

    /// <summary>There is enough of it to be called a handshake.</summary>
    internal bool IsUnderWay => _protocol != null && _id > 0 && _recorder.IsCredible;

    /// <summary>The first bytes of a direction are no handshake's, nor anything else that is looked at: no follower is needed.</summary>
    internal static bool IsHopeless(in Flow flow, ReadOnlySpan<byte> start, bool fromLow, AnalyzerOptions options, IHandshakeSink sink)
    {
        var from = !flow.HasBothSyns || flow.DialledByLow is not { } low ? (Role?)null : low == fromLow ? Role.Initiator : Role.Acceptor;
        return !TlsRecord.IsAt(start) && !TlsRecord.MayBeAt(start)
            && ProtocolOf(start, from, start.Length >= options.MaxProbeBytes, options, out _) == OperationStatus.InvalidData
            && (from != Role.Initiator || !sink.TakesOver(start));
    }

    public void OnBytes(StreamReassembler stream)
    {
        if (_successor != null)
        {
            _successor.OnBytes(stream);
            return;
        }
        if (_protocol == null) Probe(stream, isAll: stream.Buffer.Unread.Length >= options.MaxProbeBytes);
        if (_protocol != null) Read(stream);
    }

    public void OnGap(StreamReassembler stream, long length)
    {
        if (_successor != null)
        {
            _successor.OnGap(stream, length);
            return;
        }
        if (_protocol == null && !stream.Buffer.Unread.IsEmpty) Probe(stream, isAll: true);
        Of(stream).Tls.IsOver = true; // where the next record begins is not known
        if (_protocol != null) Read(stream, isAll: true);
        if (_protocol != null) ReadCut(stream, Of(stream), length);
        _recorder.AddGap(stream, length);
    }

    public void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes) => _recorder.Compare(fromLow, offset, bytes);

    public void OnEnd()
    {
        if (_successor != null)
        {
            _successor.OnEnd();
            return;
        }
        if (conversation.Reassembly is { } reassembly)
        {
            reassembly.Finish();
            foreach (var low in (ReadOnlySpan<bool>)[true, false])
            {
                var stream = reassembly.Of(low);
                if (_protocol == null && !stream.Buffer.Unread.IsEmpty) Probe(stream, isAll: true);
                if (_protocol != null) Read(stream, isAll: true);
                _recorder.Count(stream);
            }
            reassembly.Dispose();
            conversation.Reassembly = null;
        }
        if (_protocol != null ? _recorder.IsCredible : _low.IsTls || _high.IsTls) Tell(Build());
        else conversation.DropEvidence();
    }

    /// <summary>Somebody has been waiting for longer than the protocol allows, or than is usual. True once for each step.</summary>
    internal bool IsStalled(long now)
    {
        if (_protocol == null || !_recorder.IsCredible || _recorder.LastMessage is not { } last || last.StreamTo == _stalledAt) return false;
        if (now - last.Time < (_protocol.WaitLimit(_recorder.State) ?? options.LongSilence)) return false;
        _stalledAt = last.StreamTo;
        return true;
    }

    internal Handshake Build()
    {
        var handshake = _recorder.Build(_id, _protocol, _low.IsTls, _high.IsTls);
        return (_low.Tls.Alert ?? _high.Tls.Alert) is { } alert ? handshake with { TlsAlert = alert, TlsAlertBy = _recorder.RoleOf(low: _low.Tls.Alert != null) ?? Role.Initiator } : handshake;
    }

    private MessageFramer Of(StreamReassembler stream) => stream.FromLow ? _low : _high;

    /// <summary>Asks each protocol whether such first bytes are its own.</summary>
    private static OperationStatus ProtocolOf(ReadOnlySpan<byte> start, Role? from, bool isAll, AnalyzerOptions options, out IHandshakeProtocol? protocol)
    {
        var answer = OperationStatus.InvalidData;
        protocol = null;
        // Who dials speaks first; where nothing is missing, what an acceptor says first is no answer to a name.
        if (from == Role.Acceptor) return answer;
        for (var i = 0; i < options.Protocols.Count; i++)
        {
            var one = options.Protocols[i];
            var status = one.Probe(start, from, isAll);
            if (status == OperationStatus.NeedMoreData) answer = status;
            if (status != OperationStatus.Done) continue;
            protocol = one;
            return status;
        }
        return answer;
    }

    private void Probe(StreamReassembler stream, bool isAll)
    {
        var framer = Of(stream);
        var bytes = stream.Buffer.Unread;
        if (!framer.IsRejected)
        {
            var from = _recorder.FirstSpeaker(stream.FromLow);
            if (from == Role.Initiator && sink.TakesOver(bytes))
            {
                _successor = sink.TakeOver(conversation, stream.FromLow);
                _successor.OnBytes(stream);
                return;
            }
            var status = ProtocolOf(bytes, from, isAll, options, out var protocol);
            if (protocol != null)
            {
                Follow(protocol, stream);
                return;
            }
            if (status == OperationStatus.NeedMoreData || (!isAll && TlsRecord.MayBeAt(bytes))) return;
            framer.IsRejected = true;
            framer.IsTls = TlsRecord.IsAt(bytes);
        }
        _rejectedBytes += bytes.Length;
        if (framer.IsTls) stream.Buffer.Advance(framer.Tls.Read(bytes));
        else stream.Buffer.Advance(bytes.Length);
        if (IsHopeless(stream)) Detach();
    }

    /// <summary>First bytes that are no handshake's settle it for the whole conversation.</summary>
    private bool IsHopeless(StreamReassembler stream)
    {
        if (_rejectedBytes > options.MaxHeldBytes) return true;
        // Two sides of a TLS session may still say in the clear why they cannot agree.
        if (_low.IsRejected && _high.IsRejected) return !(_low.IsTls && _high.IsTls) || (_low.Tls.IsOver && _high.Tls.IsOver);
        return !stream.StartMissing && stream.MissingBytes == 0 && !Of(stream).IsTls;
    }

    private void Detach()
    {
        if (_protocol == null && !_low.IsTls && !_high.IsTls) conversation.Reader = null;
        if (conversation.Reassembly is not { } reassembly) return;
        _recorder.Count(reassembly.Of(true));
        _recorder.Count(reassembly.Of(false));
        reassembly.Detach();
        if (_protocol == null || conversation.Reader != this) return;
        conversation.Reader = null;
        if (!_recorder.IsCredible) return;
        var handshake = Build();
        Tell(handshake);
        conversation.Reader = new ConnectionWatch(conversation, _id, _recorder.Ends, handshake.Connection, _recorder.LastMessage, sink);
    }

    private void Tell(Handshake handshake)
    {
        if (conversation.Evidence is { } evidence) evidence.Origins = (conversation.Half(true).Origin, conversation.Half(false).Origin);
        if (sink.OnHandshake(handshake) is not 0 and var key) conversation.Evidence?.Identify(key);
        else conversation.DropEvidence();
    }

    private void Follow(IHandshakeProtocol protocol, StreamReassembler stream)
    {
        _protocol = protocol;
        _id = sink.NextId();
        conversation.Evidence?.Identify(_id);
        var other = conversation.Reassembly!.Of(!stream.FromLow);
        Of(stream).IsPlaced = true;
        Read(stream);
        Read(other);
    }

    /// <summary>Cuts and takes all the whole messages that stand in the buffer.</summary>
    private void Read(StreamReassembler stream, bool isAll = false)
    {
        if (_protocol == null) return; // taken back meanwhile
        var framer = Of(stream);
        if (framer.IsOver)
        {
            ReadTraffic(stream);
            return;
        }
        if (!IsAnswer(stream, framer, isAll)) return;
        Place(stream, framer);
        while (!_recorder.IsOver && framer.TryNext(_protocol!, stream, isAll, options, out var frame, out var fault))
        {
            if (fault is { } kind)
            {
                _recorder.AddFault(stream, kind, frame);
                framer.IsLost = true;
                framer.IsTls |= kind == AnomalyKind.TlsRecord;
                stream.Buffer.Advance(stream.Buffer.Unread.Length);
                if (_recorder.IsOver) Detach();
                return;
            }
            Take(stream, framer, frame, stream.Buffer.Unread[frame.Header..]);
            if (framer.IsOver) ReadTraffic(stream);
        }
    }

    /// <summary>
    /// A name may look like one by accident. What its acceptor says first tells: nothing or an answer, else this is another protocol.
    /// </summary>
    /// <returns>False when there is nothing to read, or not yet.</returns>
    private bool IsAnswer(StreamReassembler stream, MessageFramer framer, bool isAll)
    {
        var bytes = stream.Buffer.Unread;
        if (framer.IsAnswer || bytes.IsEmpty || _recorder.FirstSpeaker(stream.FromLow) != Role.Acceptor || _recorder.RoleOf(stream.FromLow) != Role.Acceptor) return true;
        var status = _protocol!.Probe(bytes, Role.Acceptor, isAll || bytes.Length >= options.MaxProbeBytes);
        framer.IsAnswer = status == OperationStatus.Done || TlsRecord.IsAt(bytes);
        if (!framer.IsAnswer && status == OperationStatus.InvalidData && (isAll || !TlsRecord.MayBeAt(bytes)))
        {
            _protocol = null;
            Detach();
        }
        return framer.IsAnswer;
    }

    /// <summary>Bytes that need not be a direction's first, and that no protocol was found by, may begin in the middle of a message.</summary>
    private static void Place(StreamReassembler stream, MessageFramer framer)
    {
        if (framer.IsPlaced || stream.Buffer.Unread.IsEmpty) return;
        framer.IsPlaced = true;
        framer.IsLost |= framer.IsRejected || stream.StartMissing || stream.MissingBytes > 0;
    }

    /// <summary>Bytes behind the last handshake message of a side.</summary>
    private void ReadTraffic(StreamReassembler stream)
    {
        var length = stream.Buffer.Unread.Length;
        if (length == 0 || _recorder.IsOver) return;
        _recorder.Add(stream, new MessageContent(MessageKind.Traffic), new MessageFrame(0, length), default, null);
        stream.Buffer.Advance(length);
        if (_recorder.IsOver) Detach();
    }

    /// <summary>Uses the beginning of a message whose rest is missing.</summary>
    private void ReadCut(StreamReassembler stream, MessageFramer framer, long missing)
    {
        var unread = stream.Buffer.Unread;
        if (framer.Skip(ref missing) && unread.IsEmpty) return;
        if (framer.IsLost || unread.IsEmpty || _protocol!.TryReadFrame(unread, out var frame) != OperationStatus.Done)
        {
            framer.IsLost = true;
            return;
        }
        var rest = frame.Header + frame.Body - unread.Length;
        Take(stream, framer, frame, unread[frame.Header..]);
        framer.SkipRest(rest - missing);
    }

    /// <param name="stream">The direction.</param>
    /// <param name="framer">Its framer.</param>
    /// <param name="frame">The length prefix that was read.</param>
    /// <param name="body">The body, perhaps cut, perhaps with other messages behind it.</param>
    private void Take(StreamReassembler stream, MessageFramer framer, MessageFrame frame, ReadOnlySpan<byte> body)
    {
        if (body.Length > frame.Body) body = body[..(int)frame.Body];
        var sender = _recorder.SenderOf(stream.FromLow);
        var isKnown = _protocol!.TryParse(body, frame, sender, withFields: false, out var content);
        framer.IsOver = isKnown && _protocol.IsLastOf(content.Kind);
        if (!isKnown && body.Length == frame.Body) _recorder.AddFault(stream, AnomalyKind.MalformedMessage, frame);
        if (isKnown) _recorder.Add(stream, content, frame, body, sender);
        var taken = frame.Header + body.Length;
        stream.Buffer.Advance(taken);
        framer.SkipRest(frame.Body - body.Length);
        if (_recorder.IsOver) Detach();
    }
}
