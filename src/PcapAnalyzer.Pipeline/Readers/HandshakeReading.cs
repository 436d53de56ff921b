using System.Buffers;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Cuts the messages of one handshake out of both directions and records them.</summary>
internal sealed class HandshakeReading
{
    private readonly IHandshakeProtocol _protocol;
    private readonly ReaderLimits _limits;
    private readonly MessageFramer _low = new();
    private readonly MessageFramer _high = new();

    /// <param name="protocol">The protocol that one direction's first bytes are.</param>
    /// <param name="recorder">Takes the messages, and knows what was missing before.</param>
    /// <param name="isOtherRejected">The other direction's first bytes were no protocol's.</param>
    /// <param name="fromLow">The direction that begins with a message.</param>
    /// <param name="limits">How far to look.</param>
    internal HandshakeReading(IHandshakeProtocol protocol, HandshakeRecorder recorder, bool isOtherRejected, bool fromLow,
        ReaderLimits limits)
    {
        (_protocol, Recorder, _limits) = (protocol, recorder, limits);
        Of(fromLow).IsPlaced = true;
        Of(!fromLow).IsRejected = isOtherRejected;
    }

    internal HandshakeRecorder Recorder { get; }

    /// <summary>It is another protocol after all.</summary>
    internal bool IsWithdrawn { get; private set; }

    /// <summary>The bytes are of no use any more.</summary>
    internal bool IsOver => IsWithdrawn || Recorder.IsOver;

    /// <summary>Cuts and takes all the whole messages that stand in the buffer.</summary>
    internal void Read(DirectionReassembler stream, bool isAll = false)
    {
        if (IsWithdrawn) return;
        var framer = Of(stream.FromLow);
        if (framer.IsForeign) stream.Buffer.Advance(stream.Buffer.Unread.Length);
        if (framer.IsOver)
        {
            ReadTraffic(stream);
            return;
        }
        if (!IsAnswer(stream, framer, isAll)) return;
        Place(stream, framer);
        while (!Recorder.IsOver && framer.TryNext(_protocol, stream, isAll, _limits, out var frame, out var fault))
        {
            if (fault is { } kind)
            {
                AddFault(stream, framer, kind, frame);
                return;
            }
            Take(stream, framer, frame, stream.Buffer.Unread[frame.Header..]);
            if (framer.IsOver) ReadTraffic(stream);
        }
    }

    /// <summary>Uses the beginning of a message whose rest is missing.</summary>
    internal void ReadGap(DirectionReassembler stream, long length)
    {
        Read(stream, isAll: true);
        if (!IsWithdrawn) ReadCut(stream, Of(stream.FromLow), length);
        Recorder.AddGap(stream, length);
    }

    private MessageFramer Of(bool low) => low ? _low : _high;

    private void AddFault(DirectionReassembler stream, MessageFramer framer, AnomalyKind kind, MessageFrame frame)
    {
        Recorder.AddFault(stream, kind, frame);
        framer.IsLost = true;
        stream.Buffer.Advance(stream.Buffer.Unread.Length);
    }

    /// <summary>
    /// Another protocol may begin like a name by accident. What its acceptor says first tells: an answer to a name, another program that
    /// answers one, or that protocol.
    /// </summary>
    /// <returns>False when there is nothing to read, or not yet.</returns>
    private bool IsAnswer(DirectionReassembler stream, MessageFramer framer, bool isAll)
    {
        var bytes = stream.Buffer.Unread;
        if (framer.IsAnswer || bytes.IsEmpty || Recorder.FirstSpeaker(stream.FromLow) != Role.Acceptor
            || Recorder.RoleOf(stream.FromLow) != Role.Acceptor) return true;
        if (!isAll && OtherServices.MayBe(bytes)) return false;
        var status = OtherServices.NameOf(bytes) != null ? OperationStatus.InvalidData
            : _protocol.Probe(bytes, Role.Acceptor, isAll || bytes.Length >= _limits.MaxProbeBytes);
        framer.IsAnswer = status == OperationStatus.Done || TlsRecord.IsAt(bytes);
        if (framer.IsAnswer || status != OperationStatus.InvalidData || (!isAll && TlsRecord.MayBeAt(bytes))) return framer.IsAnswer;
        IsWithdrawn = !Recorder.HasWholeName;
        if (IsWithdrawn) return false;
        AddFault(stream, framer, AnomalyKind.OtherService, default);
        framer.IsForeign = true;
        return false;
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
        if (length == 0 || Recorder.IsOver) return;
        Recorder.Add(stream, new MessageContent(MessageKind.Traffic), new MessageFrame(0, length), default, null);
        if (!Recorder.IsOver) stream.Buffer.Advance(length); // else they are the session's
    }

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
        var sender = Recorder.SenderOf(stream.FromLow);
        var isKnown = _protocol.TryParse(body, frame, sender, withFields: false, out var content);
        framer.IsOver = isKnown && _protocol.IsLastOf(content.Kind);
        if (!isKnown && body.Length == frame.Body) Recorder.AddFault(stream, AnomalyKind.MalformedMessage, frame);
        if (isKnown) Recorder.Add(stream, content, frame, body, sender);
        stream.Buffer.Advance(frame.Header + body.Length);
        framer.SkipRest(frame.Body - body.Length);
    }
}
