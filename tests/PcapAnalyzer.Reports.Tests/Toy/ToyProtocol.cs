using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports.Tests.Toy;

/// <summary>A protocol that no real node uses: a length byte, "toy", a letter, and up to 36 bytes of content.</summary>
internal sealed class ToyProtocol : IHandshakeProtocol
{
    private const int Header = 1;
    private const int Tag = 3;
    private const int Text = 4;

    public string Name => "toy";

    public long MaxMessageLength => byte.MaxValue;

    public Encoding CookieEncoding => Encoding.UTF8;

    public IReadOnlyList<DigestScheme> DigestSchemes { get; } = [new Sha256()];

    public OperationStatus Probe(ReadOnlySpan<byte> start, Role? from, bool isAll) =>
        start.Length < Header + Text ? (isAll ? OperationStatus.InvalidData : OperationStatus.NeedMoreData)
        : start[Header..].StartsWith("toy"u8) ? OperationStatus.Done : OperationStatus.InvalidData;

    public OperationStatus TryReadFrame(ReadOnlySpan<byte> bytes, out MessageFrame frame)
    {
        frame = bytes.IsEmpty ? default : new MessageFrame(Header, bytes[0]);
        return bytes.IsEmpty ? OperationStatus.NeedMoreData : OperationStatus.Done;
    }

    public bool TryParse(ReadOnlySpan<byte> body, MessageFrame frame, Role? from, bool withFields, out MessageContent content)
    {
        var text = body.Length < Text ? default : body[Text..];
        content = (body.Length < Text || body.Length < frame.Body ? 0 : (char)body[Tag]) switch
        {
            'n' => new MessageContent(MessageKind.Name) { Node = Encoding.UTF8.GetString(text) },
            's' => new MessageContent(MessageKind.Status) { Answer = StatusAnswer.Continue, Status = "ok" },
            'c' => new MessageContent(MessageKind.Challenge)
            {
                Challenge = BinaryPrimitives.ReadUInt32BigEndian(text),
                Node = Encoding.UTF8.GetString(text[4..])
            },
            'r' => new MessageContent(MessageKind.ChallengeReply)
            {
                Challenge = BinaryPrimitives.ReadUInt32BigEndian(text),
                Digest = text[4..].ToArray()
            },
            'a' => new MessageContent(MessageKind.ChallengeAck) { Digest = text.ToArray() },
            _ => new MessageContent(MessageKind.Unknown),
        };
        return content.Kind != MessageKind.Unknown;
    }

    private sealed record Sha256() : DigestScheme("sha256-toy", SHA256.HashSizeInBytes)
    {
        public override void Compute(uint challenge, ReadOnlySpan<byte> cookie, Span<byte> digest) =>
            SHA256.HashData([.. Bytes(challenge), .. cookie], digest);
    }

    /// <summary>Builds a message for the tests.</summary>
    internal static byte[] Message(char tag, params byte[] text) => [(byte)(Text + text.Length), .. "toy"u8, (byte)tag, .. text];

    internal static byte[] Bytes(uint challenge) => [(byte)(challenge >> 24), (byte)(challenge >> 16), (byte)(challenge >> 8),
        (byte)challenge];

    internal static byte[] Digest(uint challenge, string cookie) =>
        SHA256.HashData([.. Bytes(challenge), .. Encoding.UTF8.GetBytes(cookie)]);
}
