using System.Buffers;
using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Ractor;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class RactorProtocolTests
{
    private const string GoldenName =
        "00000000000000340a320a300a106e6f64655f62406c6f63616c686f7374120208011a0e6c6f63616c686f73743a3831393820ef9bafcdf8acd19101";
    private const string GoldenChallenge =
        "000000000000002c0a2a22280a106e6f64655f61406c6f63616c686f737412020801182a220e6c6f63616c686f73743a38313939";

    private static readonly RactorProtocol Protocol = new();

    public static TheoryData<string> Samples => new(
        GoldenName, GoldenChallenge, "00000000000000040a021200", "00000000000000060a0412020802", "00000000000000060a041a020801",
        Convert.ToHexString(RactorBytes.Reply(7, 42, "cookie")), Convert.ToHexString(RactorBytes.Ack(7, "cookie")),
        Convert.ToHexString(RactorBytes.AsOld(RactorBytes.Name("old@host", connectionId: 0))),
            Convert.ToHexString(RactorBytes.As32Bit(RactorBytes.Name("bits@host"))));

    private static MessageContent Parse(byte[] bytes, int captured = int.MaxValue)
    {
        Assert.Equal(OperationStatus.Done, Protocol.TryReadFrame(bytes, out var frame));
        Assert.True(Protocol.TryParse(bytes.AsSpan(frame.Header..Math.Min(bytes.Length, captured)), frame, null, withFields: true,
            out var content));
        return content;
    }

    private static string Fields(MessageContent content) =>
        string.Join(' ', content.Fields.Select(field => $"{field.Name}@{field.Offset}+{field.Length}"));

    [Fact]
    public void The_sample_name_is_decoded_with_each_fields_offset()
    {
        var name = Parse(Convert.FromHexString(GoldenName));
        Assert.Equal((MessageKind.Name, "node_b@localhost", 1, "localhost:8198", "0.16 or later"),
            (name.Kind, name.Node, name.Version, name.ConnectionString, name.Generation));
        Assert.Equal("node@4+18 version@24+2 connectionString@26+16 connectionId@42+10", Fields(name));
        Assert.Contains(name.Fields, field => field.Value is FieldValue.Text { Value: "0x0123456789abcdef" });
    }

    [Fact]
    public void The_sample_challenge_status_and_proofs_are_decoded()
    {
        var challenge = Parse(Convert.FromHexString(GoldenChallenge));
        Assert.Equal(("node_a@localhost", 42u, "localhost:8199"), (challenge.Node, challenge.Challenge, challenge.ConnectionString));
        Assert.Equal(("ok", StatusAnswer.Continue), (Parse(Convert.FromHexString("00000000000000040a021200")).Status,
            Parse(Convert.FromHexString("00000000000000040a021200")).Answer));
        Assert.Equal("not_ok", Parse(Convert.FromHexString("00000000000000060a0412020802")).Status);
        Assert.True(Parse(Convert.FromHexString("00000000000000060a041a020801")).GoesOn);
        Assert.Equal(RactorBytes.Digest(42, "cookie"), Parse(RactorBytes.Reply(7, 42, "cookie")).Digest);
        Assert.Equal(RactorBytes.Digest(7, "cookie"), Parse(RactorBytes.Ack(7, "cookie")).Digest);
    }

    [Fact]
    public void An_absent_proto3_field_has_its_default()
    {
        Assert.Equal(0u, Parse(RactorBytes.Challenge("a@h", 0)).Challenge);
        Assert.False(Parse(RactorBytes.ClientStatus(false)).GoesOn);
        Assert.Empty(Parse(RactorBytes.Reply(7, [])).Digest!);
        Assert.Equal("status@0+0", Fields(Parse(RactorBytes.Status())));
    }

    [Theory]
    [InlineData("0.16 or later", 7)]
    [InlineData("0.14.6 to 0.15", 0)]
    public void The_connection_id_tells_the_generation(string generation, ulong id) =>
        Assert.Equal(generation, Parse(RactorBytes.Name("a@h", connectionId: id)).Generation);

    [Fact]
    public void Older_length_prefixes_are_recognised_by_content()
    {
        var old = Parse(RactorBytes.AsOld(RactorBytes.Name("a@h", connectionId: 0)));
        Assert.Equal(("a@h", "0.14.5 or older", "current releases"), (old.Node, old.Generation, old.UnreadBy));
        Assert.Equal(Parse(RactorBytes.Name("a@h", connectionId: 0)).Fields[0].Offset + 1, old.Fields[0].Offset);
        Assert.Equal("older than 0.16, 32-bit", Parse(RactorBytes.As32Bit(RactorBytes.Name("a@h"))).Generation);
        Assert.Equal(MessageKind.Status, Parse(RactorBytes.AsOld(RactorBytes.Status(4))).Kind);
    }

    [Fact]
    public void Unknown_fields_and_enum_numbers_are_shown()
    {
        var status = Parse(RactorBytes.Frame([0x0A, 0x06, 0x12, 0x04, 0x08, 0x63, 0x48, 0x05]));
        Assert.Equal(("99", StatusAnswer.Unknown), (status.Status, status.Answer));
        Assert.Equal("status@4+2 unknown.9@6+2", Fields(status));
    }

    [Fact]
    public void The_last_copy_of_a_repeated_field_counts() =>
        Assert.Equal(StatusAnswer.Continue, Parse(RactorBytes.Frame([0x0A, 0x06, 0x12, 0x04, 0x08, 0x03, 0x08, 0x00])).Answer);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_sample_is_recognised_and_its_truncations_need_more(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(OperationStatus.Done, Protocol.Probe(bytes, from: null, isAll: false));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, Protocol.Probe(bytes.AsSpan(0, length), from: null, isAll: false));
            if (Protocol.TryReadFrame(bytes.AsSpan(0, length), out var frame) != OperationStatus.Done) continue;
            Protocol.TryParse(bytes.AsSpan(frame.Header, Math.Max(0, length - frame.Header)), frame, null, withFields: true,
                out var content);
            Assert.All(content.Fields, field => Assert.True(field.Offset + field.Length <= length));
        }
    }

    [Theory]
    [InlineData("474554202f20485454502f312e310d0a0d0a")] // HTTP
    [InlineData("16030100c8010000c40303")] // TLS
    [InlineData("505249202a20485454502f322e300d0a")] // HTTP/2
    [InlineData("000000000000000e0a0c0a036b657912050a03766172")] // google.protobuf.Struct
    [InlineData("00000000000000060a0408010801")] // name with a varint where a message is due
    [InlineData("000000000000000a0a080a060a04fffefdfc")] // a name that is no UTF-8
    [InlineData("00000000000000040a020a00")] // a name without a name
    [InlineData("00000000000000080a021200 0a021200")] // two members of one oneof
    [InlineData("00000000000000041a022200")] // control.pong: no handshake
    public void Bytes_that_only_resemble_a_message_are_refused(string hex) =>
        Assert.Equal(OperationStatus.InvalidData,
            Protocol.Probe(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), from: null, isAll: true));

    [Fact]
    public void Empty_messages_before_a_name_are_skipped()
    {
        Assert.Equal(OperationStatus.Done, Protocol.Probe([.. new byte[16], .. RactorBytes.Name("a@h")], from: null, isAll: false));
        Assert.Equal(OperationStatus.InvalidData, Protocol.Probe(new byte[64], from: null, isAll: true));
    }

    [Fact]
    public void A_cut_message_gives_the_fields_before_the_cut()
    {
        var bytes = RactorBytes.Challenge("a@h", 42, "localhost:4400");
        var cut = Parse(bytes, bytes.Length - 3);
        Assert.Equal(("a@h", 42u, (string?)null), (cut.Node, cut.Challenge, cut.ConnectionString));
        Assert.Null(Parse(bytes, bytes.Length - "..localhost:4400".Length - 2).Challenge);
        Assert.Null(Parse(RactorBytes.Reply(7, 42, "cookie"), 40).Digest);
    }

    [Fact]
    public void A_length_beyond_the_limit_allocates_nothing()
    {
        byte[] bytes = [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0A];
        Assert.Equal(OperationStatus.InvalidData, Protocol.TryReadFrame(bytes, out var frame));
        Assert.Equal(long.MaxValue, frame.Body);
        Assert.Equal(OperationStatus.Done, Protocol.TryReadFrame([0, 0, 0, 0, 1, 0, 0, 0], out _));
        Assert.Equal(OperationStatus.InvalidData, Protocol.TryReadFrame([0, 0, 0, 0, 1, 0, 0, 1], out _));
    }

    [Fact]
    public void No_ractor_bytes_throw() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool).Sample((bytes, isAll) =>
    {
        Protocol.Probe(bytes, from: null, isAll);
        byte[] framed = [0, 0, 0, 0, 0, 0, 0, (byte)bytes.Length, .. bytes];
        Protocol.Probe(framed, from: null, isAll);
        Protocol.TryParse(bytes, new MessageFrame(8, bytes.Length), null, withFields: true, out _);
        Protocol.TryParse(bytes, new MessageFrame(8, bytes.Length + 10), null, withFields: true, out _);
    });
}
