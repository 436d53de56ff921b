using System.Buffers;
using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Reads one conversation: finds its protocol by content, cuts its messages, and walks them through the table.</summary>
internal sealed class HandshakeFollower(Conversation conversation, AnalyzerOptions options, Action<Handshake> onEnded) : IStreamReader
{
    private readonly HandshakeRecorder _recorder = new(conversation, options);
    private readonly MessageFramer _low = new();
    private readonly MessageFramer _high = new();
    private IHandshakeProtocol? _protocol;
    private long _rejectedBytes;

    public bool IsFollowing => _protocol != null;

    public void OnBytes(StreamReassembler stream)
    {
        if (_protocol == null) Probe(stream, isAll: stream.Buffer.Unread.Length >= options.MaxProbeBytes);
        if (_protocol != null) Read(stream);
    }

    public void OnGap(StreamReassembler stream, long length)
    {
        if (_protocol == null && !stream.Buffer.Unread.IsEmpty) Probe(stream, isAll: true);
        if (_protocol == null) return;
        Read(stream);
        ReadCut(stream, Of(stream), length);
    }

    public void OnEnd()
    {
        if (conversation.Reassembly is { } reassembly)
        {
            reassembly.Finish();
            foreach (var low in (ReadOnlySpan<bool>)[true, false])
            {
                var stream = reassembly.Of(low);
                if (_protocol == null && !stream.Buffer.Unread.IsEmpty) Probe(stream, isAll: true);
                if (_protocol != null) Read(stream);
                _recorder.Count(stream);
            }
            reassembly.Dispose();
            conversation.Reassembly = null;
        }
        if (_protocol != null || _low.IsTls || _high.IsTls) onEnded(_recorder.Build(_protocol, _low.IsTls, _high.IsTls));
    }

    private MessageFramer Of(StreamReassembler stream) => stream.FromLow ? _low : _high;

    private void Probe(StreamReassembler stream, bool isAll)
    {
        var framer = Of(stream);
        var bytes = stream.Buffer.Unread;
        if (!framer.IsRejected)
        {
            var mayBe = !isAll && TlsRecord.MayBeAt(bytes);
            foreach (var protocol in options.Protocols)
            {
                var status = protocol.Probe(bytes, isAll);
                if (status == OperationStatus.Done)
                {
                    Follow(protocol, stream);
                    return;
                }
                mayBe |= status == OperationStatus.NeedMoreData;
            }
            if (mayBe) return;
            framer.IsRejected = true;
            framer.IsTls = TlsRecord.IsAt(bytes);
        }
        _rejectedBytes += bytes.Length;
        stream.Buffer.Advance(bytes.Length);
        if (IsHopeless(stream)) Detach();
    }

    /// <summary>Who dials speaks first: a first byte that is no handshake's settles it for the whole conversation.</summary>
    private bool IsHopeless(StreamReassembler stream)
    {
        if ((_low.IsRejected && _high.IsRejected) || _rejectedBytes > options.MaxHeldBytes) return true;
        return !stream.StartMissing && stream.MissingBytes == 0 && !Of(stream).IsTls;
    }

    private void Detach()
    {
        if (_protocol == null && !_low.IsTls && !_high.IsTls) conversation.Reader = null;
        if (conversation.Reassembly is not { } reassembly) return;
        _recorder.Count(reassembly.Of(true));
        _recorder.Count(reassembly.Of(false));
        reassembly.Detach();
    }

    private void Follow(IHandshakeProtocol protocol, StreamReassembler stream)
    {
        _protocol = protocol;
        var other = conversation.Reassembly!.Of(!stream.FromLow);
        if (Of(other).IsRejected) Of(other).IsLost = true;
        Read(stream);
        Read(other);
    }

    /// <summary>Cuts and takes all the whole messages that stand in the buffer.</summary>
    private void Read(StreamReassembler stream)
    {
        var framer = Of(stream);
        while (!_recorder.IsOver && framer.TryNext(_protocol!, stream, options, out var frame, out var fault))
        {
            if (fault is { } kind)
            {
                _recorder.AddFault(stream, kind, frame);
                framer.IsLost = true;
                framer.IsTls |= kind == AnomalyKind.TlsRecord;
                stream.Buffer.Advance(stream.Buffer.Unread.Length);
                return;
            }
            Take(stream, framer, frame, stream.Buffer.Unread[frame.Header..]);
        }
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
        var isKnown = _protocol!.TryParse(body, frame, _recorder.RoleOf(stream.FromLow), out var content);
        if (!isKnown && body.Length == frame.Body) _recorder.AddFault(stream, AnomalyKind.MalformedMessage, frame);
        if (isKnown) _recorder.Add(stream, content, frame, body.Length < frame.Body);
        var taken = frame.Header + body.Length;
        stream.Buffer.Advance(taken);
        framer.SkipRest(frame.Body - body.Length);
        if (_recorder.IsOver) Detach();
    }
}
