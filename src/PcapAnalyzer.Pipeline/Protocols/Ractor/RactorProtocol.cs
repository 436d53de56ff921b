using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace PcapAnalyzer.Pipeline.Protocols.Ractor;

/// <summary>ractor_cluster: a u64 length, then one protobuf <c>meta.NetworkMessage</c>; two older forms of the same.</summary>
public sealed class RactorProtocol : IHandshakeProtocol
{
    private const int Header = 8;
    internal const int Legacy32Header = 4;
    private const long Milliseconds = 1_000_000;

    /// <summary>The tag of <c>NetworkMessage.auth</c>, the first byte of every handshake body.</summary>
    private const byte AuthTag = 0x0A;

    /// <summary>A length beyond the limit is still taken for a ractor frame up to here: further up it is another protocol's text.</summary>
    private const long LargestCredibleLength = 1L << 40;

    private const int LongestCredible32 = 4096;

    public string Name => "ractor";

    public string Title => "ractor_cluster";

    public long MaxMessageLength => 16 * 1024 * 1024;

    public Encoding CookieEncoding => CookieEncodings.Utf8;

    public IReadOnlyList<DigestScheme> DigestSchemes { get; } = [Digests.Sha256Ractor, Digests.Md5Ractor, Digests.Md5Erlang];

    public IReadOnlyList<DigestScheme> NearSchemes { get; } = [Digests.Md5ErlangSigned];

    public ProtocolWords Words { get; } = new(
        "the cookie given to its NodeServer",
        "restart it",
        "ractor_cluster refuses so by its own rules",
        null,
        "it gives up when its node server does not answer within 500 ms",
        "ractor waits",
        "A release up to 0.14.5 cannot read the name of a later one, and says nothing.")
    {
        FrameLimit = "with_max_inbound_frame_size",
    };

    /// <summary>Looking the name up has 500 ms; no other step has a limit in any release.</summary>
    public long? WaitLimit(HandshakeState state) => state == HandshakeState.NameSent ? 500 * Milliseconds : null;

    public ISessionProtocol OpenSessions() => new RactorSession(this);

    public OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame)
    {
        frame = default;
        if (bytes.Length < Legacy32Header + 1) return OperationStatus.NeedMoreData;
        var first = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (first is > 0 and <= 16 * 1024 * 1024 && bytes[Legacy32Header] == AuthTag)
        {
            frame = new MessageFrame(Legacy32Header, first);
            return OperationStatus.Done;
        }
        if (bytes.Length < Header) return OperationStatus.NeedMoreData;
        var length = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        frame = new MessageFrame(Header, (long)Math.Min(length, long.MaxValue));
        return length <= (ulong)MaxMessageLength ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    /// <summary>Every message has the same prefix, those after the handshake too.</summary>
    public bool IsLastOf(MessageKind kind) => false;

    public OperationStatus Probe(ReadOnlySpan<byte> start, Role? from, bool isAll)
    {
        // A ractor name is not met by chance: whatever answers it answers a node.
        if (from == Role.Acceptor) return OperationStatus.Done;
        // A zero-length frame is a valid empty message: it tells nothing, the next one may.
        while (start.Length > Header && !start[..Header].ContainsAnyExcept((byte)0)) start = start[Header..];
        var needMore = isAll ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        var status = TryReadFrame(start, out var frame);
        if (status == OperationStatus.NeedMoreData) return MayBeLength(start) ? needMore : OperationStatus.InvalidData;
        if (status == OperationStatus.InvalidData && frame.Body > LargestCredibleLength) return OperationStatus.InvalidData;
        // So few bytes tell the 32-bit form that other protocols' longer messages begin with them by chance.
        if (frame.Header == Legacy32Header && frame.Body > LongestCredible32) return OperationStatus.InvalidData;
        var body = start[frame.Header..];
        if (body.Length > frame.Body) body = body[..(int)frame.Body];
        var isWhole = body.Length == frame.Body;
        if (!isWhole && !isAll)
            return RactorMessage.IsPossible(body, frame.Body) ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        if (!RactorMessage.TryDecode(body, frame, withFields: false, out var content)) return OperationStatus.InvalidData;
        return content.Kind switch
        {
            MessageKind.Empty => needMore,
            MessageKind.Traffic or MessageKind.Unknown => OperationStatus.InvalidData,
            _ => OperationStatus.Done,
        };
    }

    public bool TryParse(ReadOnlySpan<byte> body, MessageFrame frame, Role? from, bool withFields, out MessageContent content) =>
        RactorMessage.TryDecode(body, frame, withFields, out content);

    /// <summary>True while the bytes can become a length: they begin with zeros, or with the small length of a 32-bit peer.</summary>
    private static bool MayBeLength(ReadOnlySpan<byte> start) => start.Length == 0 || start[0] == 0;
}
