using CsCheck;
using Google.Protobuf;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols.Protobuf;
using PcapAnalyzer.Pipeline.Protocols.Ractor.Wire;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>The generated parser is the oracle: what the walker calls whole it parses, to the same values.</summary>
public sealed class MessageWalkerTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char['a', 'z'], 1, 20];

    private static readonly Gen<AuthenticationMessage> Messages = Gen.OneOf(
        Gen.Select(Text, Text, Gen.ULong, Gen.UInt, (name, at, id, version) => new AuthenticationMessage
        {
            Name =
            new NameMessage { Name = name, ConnectionString = at, ConnectionId = id, Flags = new NodeFlags { Version = version } }
        }),
        Gen.Int[0, 9]
            .Select(status => new AuthenticationMessage { ServerStatus = new ServerStatus { Status = (ServerStatus.Types.Status)status } }),
        Gen.Bool.Select(status => new AuthenticationMessage { ClientStatus = new ClientStatus { Status = status } }),
        Gen.Select(Text, Gen.UInt, Text, (name, challenge, at) =>
            new AuthenticationMessage { ServerChallenge = new Challenge { Name = name, Challenge_ = challenge, ConnectionString = at } }),
        Gen.Select(Gen.UInt, Gen.Byte.Array[0, 40], (challenge, digest) => new AuthenticationMessage
        {
            ClientChallenge =
            new ChallengeReply { Challenge = challenge, Digest = ByteString.CopyFrom(digest) }
        }),
        Gen.Byte.Array[0, 40]
            .Select(digest => new AuthenticationMessage { ServerAck = new ChallengeAck { Digest = ByteString.CopyFrom(digest) } }));

    private static WireMessage Walk(ReadOnlySpan<byte> body, long? declared = null) =>
        MessageWalker.Walk(NetworkMessage.Descriptor, body, declared ?? body.Length);

    [Fact]
    public void A_complete_message_gives_the_values_of_the_generated_parser() => Messages.Sample(auth =>
    {
        var bytes = new NetworkMessage { Auth = auth }.ToByteArray();
        var walked = Walk(bytes);
        Assert.Equal(WireFault.None, walked.Fault);
        AssertSame(auth, walked[NetworkMessage.AuthFieldNumber]!.Message!, bytes);
    });

    [Fact]
    public void The_generated_parser_accepts_what_the_walker_calls_complete() =>
        Gen.Select(Messages, Gen.Int[0, 60], Gen.Byte).Sample((auth, at, value) =>
    {
        var bytes = new NetworkMessage { Auth = auth }.ToByteArray();
        bytes[at % bytes.Length] = value;
        if (Walk(bytes).Fault != WireFault.None) return;
        var parsed = NetworkMessage.Parser.ParseFrom(bytes);
        if (parsed.Auth != null) AssertSame(parsed.Auth, Walk(bytes)[NetworkMessage.AuthFieldNumber]!.Message!, bytes);
    });

    [Fact]
    public void A_cut_keeps_the_fields_before_it_at_their_offsets() => Messages.Sample(auth =>
    {
        var bytes = new NetworkMessage { Auth = auth }.ToByteArray();
        var whole = Flatten(Walk(bytes)).ToList();
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = Walk(bytes.AsSpan(0, length), bytes.Length);
            Assert.Equal(WireFault.Cut, cut.Fault);
            Assert.Equal(whole.Where(field => field.End <= length), Flatten(cut, isCut: false));
            Assert.All(Flatten(cut, isCut: true), beginning =>
                Assert.Contains(whole, field => field.Start == beginning.Start && field.End > length && beginning.End == length));
        }
    });

    [Fact]
    public void Nesting_beyond_any_message_type_is_refused()
    {
        byte[] bytes = [];
        for (var i = 0; i < 40; i++) bytes = [0x0A, (byte)bytes.Length, .. bytes];
        Assert.NotNull(Walk(bytes));
        Assert.Equal(WireFault.Broken, Walk([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]).Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1200")] // node, empty
    [InlineData("0a0412021209")] // inner length beyond the outer one
    public void Odd_bodies_are_decoded_or_refused(string hex) => Assert.NotNull(Walk(Convert.FromHexString(hex)));

    private static IEnumerable<(string, int Start, int End)> Flatten(WireMessage message, bool isCut = false) =>
        message.Fields.SelectMany(field =>
        field.Message is { } inner ? Flatten(inner, isCut) : field.IsCut != isCut ? []
            : (IEnumerable<(string, int, int)>)[(field.Field?.Name ?? $"{field.Number}", field.Start, field.End)]);

    private static void AssertSame(IMessage expected, WireMessage actual, byte[] bytes)
    {
        foreach (var field in expected.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(expected);
            var walked = actual[field.FieldNumber];
            switch (value)
            {
                case null:
                    Assert.Null(walked);
                    break;
                case IMessage inner:
                    AssertSame(inner, walked!.Message!, bytes);
                    break;
                case string text:
                    Assert.Equal(text, walked == null ? ""
                        : System.Text.Encoding.UTF8.GetString(bytes, walked.ValueStart, walked.End - walked.ValueStart));
                    break;
                case ByteString content:
                    Assert.Equal(content,
                        walked == null ? ByteString.Empty : ByteString.CopyFrom(bytes, walked.ValueStart, walked.End - walked.ValueStart));
                    break;
                case uint number:
                    Assert.Equal(number, (uint)(walked?.Varint ?? 0));
                    break;
                case ulong number:
                    Assert.Equal(number, walked?.Varint ?? 0);
                    break;
                case bool flag:
                    Assert.Equal(flag, (walked?.Varint ?? 0) != 0);
                    break;
                default:
                    Assert.Equal(Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture), (int)(walked?.Varint ?? 0));
                    break;
            }
        }
    }
}
