using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using PcapAnalyzer.Pipeline.Protocols.Protobuf;
using PcapAnalyzer.Pipeline.Protocols.Ractor.Wire;

namespace PcapAnalyzer.Pipeline.Protocols.Ractor;

/// <summary>ractor_cluster behind the handshake: the same frames, with control and node messages.</summary>
/// <param name="protocol">Knows the limits.</param>
internal sealed class RactorSession(RactorProtocol protocol) : ISessionProtocol, ISessionDecoder
{
    private const long MaxProbedLength = 128 * 1024;
    private const long Milliseconds = 1_000_000;
    private const long Seconds = 1_000_000_000;

    /// <summary>A ping's timestamp is the age of its sender's session since 0.14.5, and no session is 30 years old.</summary>
    private const ulong LongestAge = 30UL * 365 * 24 * 3600;

    public int MaxHead => 2048;

    public long MaxMessageLength => protocol.MaxMessageLength;

    public OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame)
    {
        frame = default;
        if (bytes.Length < RactorProtocol.Legacy32Header + 1) return OperationStatus.NeedMoreData;
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (first > 0 && first <= MaxMessageLength && bytes[RactorProtocol.Legacy32Header] is 0x0A or 0x12 or 0x1A)
        {
            frame = new MessageFrame(RactorProtocol.Legacy32Header, first);
            return OperationStatus.Done;
        }
        return protocol.TryReadFrame(bytes, out frame);
    }

    public OperationStatus Probe(ReadOnlySpan<byte> start)
    {
        var status = TryReadFrame(start, out var frame);
        if (status == OperationStatus.NeedMoreData) return start.IsEmpty || start[0] == 0 ? status : OperationStatus.InvalidData;
        if (status != OperationStatus.Done || frame.Body is 0 or > MaxProbedLength) return OperationStatus.InvalidData;
        var body = start[frame.Header..(int)Math.Min(start.Length, frame.Header + frame.Body)];
        if (body.Length < Math.Min(frame.Body, 16)) return OperationStatus.NeedMoreData;
        return Read(body, frame) is { Kind: SessionMessageKind.Message, Operation: not null } ? OperationStatus.Done
            : OperationStatus.InvalidData;
    }

    public ISessionDecoder NewDecoder() => this;

    public void OnGap()
    {
    }

    public SessionMessage Read(ReadOnlySpan<byte> head, MessageFrame frame)
    {
        var message = MessageWalker.Walk(NetworkMessage.Descriptor, head, frame.Body);
        if (message.Fault == WireFault.Broken)
        {
            if (!RactorMessage.TryStripVarint(head, frame.Body, out head, out var length))
                return new SessionMessage(SessionMessageKind.Malformed);
            message = MessageWalker.Walk(NetworkMessage.Descriptor, head, length);
            if (message.Fault == WireFault.Broken) return new SessionMessage(SessionMessageKind.Malformed);
        }
        if (message[NetworkMessage.AuthFieldNumber] != null || frame.Body == 0) return new SessionMessage(SessionMessageKind.Message);
        var inner = (message[NetworkMessage.ControlFieldNumber] ?? message[NetworkMessage.NodeFieldNumber])?.Message;
        var member = inner?.Fields.LastOrDefault(field => field.Field != null);
        if (member?.Message == null) return Unknown(message.Fault, Number(inner ?? message));
        var isKnown = !HasUnknown(message) && !HasUnknown(inner!) && !HasUnknown(member.Message);
        return Of(member.Field!.Name, member.Message, head) with
        {
            Operation = member.Field.Name,
            Notice = isKnown ? NoticeOf(member.Field.Name) : SessionNoticeKind.NotUnderstood,
            Other = isKnown ? null : $"{member.Field.Name} {Number(member.Message)}",
        };
    }

    private static SessionMessage Unknown(WireFault fault, string number) =>
        fault == WireFault.Cut ? new SessionMessage(SessionMessageKind.Message)
        : new(SessionMessageKind.Unknown) { Operation = "unknown", Notice = SessionNoticeKind.NotUnderstood, Other = number };

    private static SessionNoticeKind? NoticeOf(string member) => member is "terminate" or "pg_leave" ? SessionNoticeKind.Shutdown : null;

    private static bool HasUnknown(WireMessage message) => message.Fields.Any(field => field.Field == null);

    private static string Number(WireMessage message) =>
        message.Fields.FirstOrDefault(field => field.Field == null) is { } field ? $"{field.Number}" : "";

    private static SessionMessage Of(string member, WireMessage fields, ReadOnlySpan<byte> head)
    {
        var message = new SessionMessage(SessionMessageKind.Message);
        switch (member)
        {
            case "ping" or "pong":
                var time = fields[Ping.TimestampFieldNumber]?.Message;
                var (seconds, nanoseconds) = (time?[1]?.Varint ?? 0, time?[2]?.Varint ?? 0);
                return message with
                {
                    Exchange = member == "ping" ? SessionExchange.Ping : SessionExchange.Pong,
                    Key = (seconds, nanoseconds),
                    Value = time != null && seconds < LongestAge && nanoseconds < Seconds ? (long)seconds * Seconds + (long)nanoseconds : 0,
                };
            case "call":
                var limit = fields[Call.TimeoutMsFieldNumber]?.Varint ?? 0;
                return message with
                {
                    Exchange = SessionExchange.Call,
                    Key = (fields[Call.ToFieldNumber]?.Varint ?? 0, fields[Call.TagFieldNumber]?.Varint ?? 0),
                    Value = (long)Math.Min(limit, long.MaxValue / 2 / Milliseconds) * Milliseconds,
                    Name = Text(fields[Call.VariantFieldNumber], head),
                };
            case "reply":
                return message with
                {
                    Exchange = SessionExchange.Reply,
                    Key = (fields[CallReply.ToFieldNumber]?.Varint ?? 0, fields[CallReply.TagFieldNumber]?.Varint ?? 0),
                };
            case "enumerate_node_sessions":
                return message with { Sender = Text(fields[NameMessage.NameFieldNumber], head) };
            default:
                return message;
        }
    }

    private static string? Text(WireField? field, ReadOnlySpan<byte> head) =>
        field == null || field.ValueStart > head.Length ? null
            : Encoding.UTF8.GetString(head[field.ValueStart..Math.Min(field.End, head.Length)]);
}
