using System.Buffers;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Reads one handshake: cuts its messages out of the bytes and walks them through the table of transitions.</summary>
internal sealed class HandshakeReader : IStreamReader
{
    private readonly WatchedConnection _connection;
    private readonly IHandshakeProtocol _protocol;
    private readonly HandshakeRecorder _recorder;
    private readonly ReaderHost _host;
    private readonly MessageFramer _low = new();
    private readonly MessageFramer _high = new();
    private readonly int _number;
    private long _toldTo = long.MinValue;
    private long _stalledAt = long.MinValue;
    private bool _isWithdrawn;

    /// <param name="connection">Whose bytes to read.</param>
    /// <param name="protocol">The protocol that one direction's first bytes are.</param>
    /// <param name="recorder">Knows what was missing before.</param>
    /// <param name="isOtherRejected">The other direction's first bytes were no protocol's.</param>
    /// <param name="fromLow">The direction that begins with a message.</param>
    /// <param name="host">Limits, and who takes the facts.</param>
    internal HandshakeReader(WatchedConnection connection, IHandshakeProtocol protocol, HandshakeRecorder recorder, bool isOtherRejected,
        bool fromLow, ReaderHost host)
    {
        (_connection, _protocol, _recorder, _host) = (connection, protocol, recorder, host);
        _number = host.NextHandshake();
        connection.Evidence?.Identify(new EvidenceKey(IsTls: false, _number));
        Of(fromLow).IsPlaced = true;
        Of(!fromLow).IsRejected = isOtherRejected;
    }

    public bool IsFollowing => !_isWithdrawn;

    /// <summary>Reads what has come already.</summary>
    internal void Begin(DirectionReassembler stream)
    {
        var other = _connection.Reassembly!.Of(!stream.FromLow);
        Read(stream);
        Read(other);
    }

    public void OnBytes(DirectionReassembler stream) => Read(stream);

    public void OnGap(DirectionReassembler stream, long length)
    {
        Read(stream, isAll: true);
        if (!_isWithdrawn) ReadCut(stream, Of(stream.FromLow), length);
        _recorder.AddGap(stream, length);
    }

    public void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes) => _recorder.Compare(fromLow, offset, bytes);

    public void OnEnd()
    {
        if (_connection.Reassembly is { } reassembly)
        {
            reassembly.Finish();
            foreach (var low in (ReadOnlySpan<bool>)[true, false])
            {
                Read(reassembly.Of(low), isAll: true);
                _recorder.Count(reassembly.Of(low));
            }
            _connection.EndReassembly();
        }
        if (!_isWithdrawn && _recorder.IsCredible) Tell(Build());
        else _connection.DropEvidence();
    }

    /// <summary>
    /// Tells how far the handshake has come, where that is new, and that somebody has been waiting for too long: once for each step.
    /// </summary>
    /// <param name="now">Frame time, in nanoseconds since 1970.</param>
    internal void OnTime(long now)
    {
        if (_isWithdrawn || !_recorder.IsCredible) return;
        var at = _recorder.LastMessage?.StreamTo ?? 0;
        var isStalled = _recorder.LastMessage is { } last && at != _stalledAt
            && now - last.Time >= (_protocol.WaitLimit(_recorder.State) ?? _host.Limits.LongSilence);
        if (!isStalled && at == _toldTo) return;
        _toldTo = at;
        if (isStalled) _stalledAt = at;
        _host.Tell(Build() with { Stage = isStalled ? HandshakeStage.Stalled : HandshakeStage.UnderWay });
    }

    private Handshake Build() => _recorder.Build(_number, _protocol);

    private MessageFramer Of(bool low) => low ? _low : _high;

    /// <summary>The bytes are of no use any more. What is left waits for the end of the connection.</summary>
    private void Detach()
    {
        _recorder.Count();
        _connection.Reassembly?.Detach();
        if (_isWithdrawn || _connection.Reader != this) return;
        _connection.Reader = null;
        if (!_recorder.IsCredible) return;
        var handshake = Build();
        Tell(handshake);
        _connection.Reader = new ConnectionWatch(_connection, _number, _recorder.Ends, handshake.Connection, _recorder.LastMessage, _host);
    }

    private void Tell(Handshake handshake)
    {
        _connection.IdentifyEvidence(handshake.Evidence);
        _host.Tell(handshake);
    }

    /// <summary>Cuts and takes all the whole messages that stand in the buffer.</summary>
    private void Read(DirectionReassembler stream, bool isAll = false)
    {
        if (_isWithdrawn) return;
        var framer = Of(stream.FromLow);
        if (framer.IsOver)
        {
            ReadTraffic(stream);
            return;
        }
        if (!IsAnswer(stream, framer, isAll)) return;
        Place(stream, framer);
        while (!_recorder.IsOver && framer.TryNext(_protocol, stream, isAll, _host.Limits, out var frame, out var fault))
        {
            if (fault is { } kind)
            {
                _recorder.AddFault(stream, kind, frame);
                framer.IsLost = true;
                stream.Buffer.Advance(stream.Buffer.Unread.Length);
                if (_recorder.IsOver) Detach();
                return;
            }
            Take(stream, framer, frame, stream.Buffer.Unread[frame.Header..]);
            if (framer.IsOver) ReadTraffic(stream);
        }
    }

    /// <summary>
    /// Another protocol may begin like a name by accident. What its acceptor says first tells: an answer to a name, or this is that protocol.
    /// </summary>
    /// <returns>False when there is nothing to read, or not yet.</returns>
    private bool IsAnswer(DirectionReassembler stream, MessageFramer framer, bool isAll)
    {
        var bytes = stream.Buffer.Unread;
        if (framer.IsAnswer || bytes.IsEmpty || _recorder.FirstSpeaker(stream.FromLow) != Role.Acceptor
            || _recorder.RoleOf(stream.FromLow) != Role.Acceptor) return true;
        var status = _protocol.Probe(bytes, Role.Acceptor, isAll || bytes.Length >= _host.Limits.MaxProbeBytes);
        framer.IsAnswer = status == OperationStatus.Done || TlsRecord.IsAt(bytes);
        if (!framer.IsAnswer && status == OperationStatus.InvalidData && (isAll || !TlsRecord.MayBeAt(bytes))) Withdraw();
        return framer.IsAnswer;
    }

    /// <summary>It is another protocol after all.</summary>
    private void Withdraw()
    {
        _isWithdrawn = true;
        _connection.Reader = null;
        if (_toldTo != long.MinValue) _host.Tell(Build() with { Stage = HandshakeStage.Withdrawn });
        Detach();
    }

    /// <summary>
    /// Bytes that need not be a direction's first, and by which no protocol was found, may begin in the middle of a message.
    /// </summary>
    private static void Place(DirectionReassembler stream, MessageFramer framer)
    {
        if (framer.IsPlaced || stream.Buffer.Unread.IsEmpty) return;
        framer.IsPlaced = true;
        framer.IsLost |= framer.IsRejected || stream.StartMissing || stream.MissingBytes > 0;
    }

    /// <summary>Bytes behind the last handshake message of a side.</summary>
    private void ReadTraffic(DirectionReassembler stream)
    {
        var length = stream.Buffer.Unread.Length;
        if (length == 0 || _recorder.IsOver) return;
        _recorder.Add(stream, new MessageContent(MessageKind.Traffic), new MessageFrame(0, length), default, null);
        stream.Buffer.Advance(length);
        if (_recorder.IsOver) Detach();
    }

    /// <summary>Uses the beginning of a message whose rest is missing.</summary>
    private void ReadCut(DirectionReassembler stream, MessageFramer framer, long missing)
    {
        var unread = stream.Buffer.Unread;
        if (framer.Skip(ref missing) && unread.IsEmpty) return;
        if (framer.IsLost || unread.IsEmpty || _protocol.TryReadFrame(unread, out var frame) != OperationStatus.Done)
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
    private void Take(DirectionReassembler stream, MessageFramer framer, MessageFrame frame, ReadOnlySpan<byte> body)
    {
        if (body.Length > frame.Body) body = body[..(int)frame.Body];
        var sender = _recorder.SenderOf(stream.FromLow);
        var isKnown = _protocol.TryParse(body, frame, sender, withFields: false, out var content);
        framer.IsOver = isKnown && _protocol.IsLastOf(content.Kind);
        if (!isKnown && body.Length == frame.Body) _recorder.AddFault(stream, AnomalyKind.MalformedMessage, frame);
        if (isKnown) _recorder.Add(stream, content, frame, body, sender);
        stream.Buffer.Advance(frame.Header + body.Length);
        framer.SkipRest(frame.Body - body.Length);
        if (_recorder.IsOver) Detach();
    }
}
