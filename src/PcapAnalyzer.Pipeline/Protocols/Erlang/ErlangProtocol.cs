using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using PcapAnalyzer.Pipeline.Protocols.Tls;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>The Erlang distribution handshake, versions 5 and 6: a u16 length, then a tag and its fields.</summary>
/// <remarks>Erlang/OTP, "Distribution Protocol", and <c>lib/kernel/src/dist_util.erl</c>.</remarks>
public sealed class ErlangProtocol : IHandshakeProtocol
{
    private const int Header = 2;
    private const long Second = 1_000_000_000;

    public string Name => "erlang";

    public string Title => "Erlang distribution";

    /// <summary>A node's name is an atom of at most 255 characters. A far longer message belongs to another protocol.</summary>
    public long MaxMessageLength => 4096;

    /// <summary>A cookie with characters above 255 cannot be encoded, and crashes the node that uses it.</summary>
    public Encoding CookieEncoding => CookieEncodings.Latin1;

    public IReadOnlyList<DigestScheme> DigestSchemes { get; } = [Digests.Md5Erlang];

    public IReadOnlyList<DigestScheme> NearSchemes { get; } = [Digests.Md5Ractor, Digests.Md5ErlangSigned];

    public ICapabilityFlags Flags => ErlangFlags.Meaning;

    public ProtocolWords Words { get; } = new(
        "the file .erlang.cookie or -setcookie",
        "restart it: a node reads its cookie only when it starts",
        "net_kernel:allow/1 was called there with a list that lacks this name",
        "long names against short ones, a host alias, or another node at that address",
        null,
        "net_setuptime is",
        null)
    {
        StatusOnly = "A node whose process auth hangs answers so, while its old connections live on: restart that node.",
        PeerCookies = "A cookie for one peer (erlang:set_cookie/2) counts before the node's own: look for such calls on both.",
        ForeignDigest = "A client library that computes the digest wrongly looks the same: compare its MD5 with a known one.",
        DisconnectCalls = "erlang:disconnect_node/1 or net_kernel:disconnect/1",
        LargerBuffer = "a larger +zdbbl",
        HiddenNodes = "erl_call or a CLI tool",
    };

    public IReadOnlyDictionary<ushort, string> OtherPorts { get; } = new Dictionary<ushort, string>
    {
        [1883] = "the client port of MQTT brokers such as EMQX",
        [5222] = "ejabberd's client port",
        [5671] = "RabbitMQ's client port with TLS",
        [5672] = "RabbitMQ's client port",
        [5984] = "CouchDB's client port",
        [15672] = "RabbitMQ's management port",
    };

    /// <summary>Kernel's <c>net_setuptime</c>.</summary>
    public long SetupTime => 7 * Second;

    /// <summary><c>net_setuptime</c> starts again at each step.</summary>
    public long? WaitLimit(HandshakeState state) => SetupTime;

    /// <summary>Nodes have sent version 6 since OTP 23.</summary>
    public bool MayBeForeign(MessageContent name) => name.Version == 5;

    public string? ProductOf(string node) => node.StartsWith("rabbit", StringComparison.Ordinal) ? "rabbitmq" : null;

    /// <summary>Behind these a side sends distribution messages with a u32 length, and ticks.</summary>
    public bool IsLastOf(MessageKind kind) => kind is MessageKind.ChallengeReply or MessageKind.ChallengeAck;

    public bool HasTicks => true;

    public ISessionProtocol OpenSessions() => new ErlangSession();

    public bool EndsWithReply(IReadOnlyList<SealedRecord> records) => ErlangTls.EndsWithReply(records);

    public OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame)
    {
        frame = default;
        if (bytes.Length < Header) return OperationStatus.NeedMoreData;
        frame = new MessageFrame(Header, BinaryPrimitives.ReadUInt16BigEndian(bytes));
        return frame.Body <= MaxMessageLength ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    public OperationStatus Probe(ReadOnlySpan<byte> start, Role? from, bool isAll)
    {
        var needMore = isAll ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        if (start.Length < Header) return start.IsEmpty || start[0] <= MaxMessageLength >> 8 ? needMore : OperationStatus.InvalidData;
        if (TryReadFrame(start, out var frame) != OperationStatus.Done || frame.Body == 0) return OperationStatus.InvalidData;
        var body = start[Header..];
        if (body.Length > frame.Body) body = body[..(int)frame.Body];
        if (body.IsEmpty) return needMore;
        if (!ErlangMessage.MayBeFirst(body, frame.Body, from)) return OperationStatus.InvalidData;
        if (body.Length < frame.Body && !isAll) return OperationStatus.NeedMoreData;
        return ErlangMessage.TryDecode(body, frame.Body, from, withFields: false, out var content)
            && ErlangMessage.IsCredible(content, from)
            ? OperationStatus.Done
            : OperationStatus.InvalidData;
    }

    public bool TryParse(ReadOnlySpan<byte> body, MessageFrame frame, Role? from, bool withFields, out MessageContent content) =>
        ErlangMessage.TryDecode(body, frame.Body, from, withFields, out content);
}
