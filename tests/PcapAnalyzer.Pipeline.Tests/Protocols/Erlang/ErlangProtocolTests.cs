using System.Buffers;
using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Erlang;
using Xunit;
using static PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Pipeline.Tests;

public sealed class ErlangProtocolTests
{
    private const string Node = "a@h";

    private static readonly ErlangProtocol Protocol = new();

    private static readonly byte[][] Samples =
    [
        Name(Node), Name5(Node), Status(), Status("alive"), Named("3I5BC8TTABMBQ@vm", 0xF3F83CB5), Challenge(Node, 42),
        Challenge5(Node, 42), Complement(), Reply(7, 42, "c"), Ack(7, "c"),
    ];

    private static MessageContent? Parse(byte[] frame, Role? from = null) =>
        Protocol.TryReadFrame(frame, out var header) == OperationStatus.Done
            && Protocol.TryParse(frame.AsSpan(header.Header), header, from, withFields: true, out var content) ? content : null;

    [Fact]
    public void Each_message_decodes_to_what_was_encoded()
    {
        var name = Parse(Name(Node, Flags, 9), Role.Initiator)!;
        Assert.Equal((MessageKind.Name, Node, 6, Flags, 9u), (name.Kind, name.Node, name.Version, name.Flags, name.Creation));
        var challenge = Parse(Challenge(Node, uint.MaxValue, Flags, 5), Role.Acceptor)!;
        Assert.Equal((MessageKind.Challenge, Node, uint.MaxValue, 5u),
            (challenge.Kind, challenge.Node, challenge.Challenge, challenge.Creation));
        var old = Parse(Challenge5(Node, 42), Role.Acceptor)!;
        Assert.Equal((MessageKind.Challenge, Node, 5, 42u), (old.Kind, old.Node, old.Version, old.Challenge));
        Assert.Equal((MessageKind.Complement, 0xDUL << 32, 1u),
            (Parse(Complement())!.Kind, Parse(Complement())!.Flags, Parse(Complement())!.Creation));
        Assert.Equal(7u, Parse(Reply(7, 42, "c"))!.Challenge);
        Assert.Equal(Digest(42, "c"), Parse(Reply(7, 42, "c"))!.Digest);
        Assert.Equal(Digest(7, "c"), Parse(Ack(7, "c"))!.Digest);
    }

    [Theory]
    [InlineData("ok", StatusAnswer.Continue)]
    [InlineData("ok_simultaneous", StatusAnswer.ContinueAndGiveWay)]
    [InlineData("nok", StatusAnswer.RefusedAsPending)]
    [InlineData("not_allowed", StatusAnswer.Refused)]
    [InlineData("alive", StatusAnswer.Alive)]
    [InlineData("perhaps", StatusAnswer.Unknown)]
    public void Each_status_is_decoded(string text, StatusAnswer answer) =>
        Assert.Equal((text, answer), (Parse(Status(text), Role.Acceptor)!.Status, Parse(Status(text), Role.Acceptor)!.Answer));

    [Fact]
    public void A_dynamic_name_is_decoded_with_its_creation()
    {
        var status = Parse(Named("3I5BC8TTABMBQ@vm", 0xF3F83CB5), Role.Acceptor)!;
        Assert.Equal("named", status.Status);
        Assert.Contains(status.Fields, field => field is { Name: "assignedNode", Value: FieldValue.Text { Value: "3I5BC8TTABMBQ@vm" } });
        Assert.Contains(status.Fields, field => field is { Name: "creation", Value: FieldValue.Number { Value: 0xF3F83CB5 } });
        // a node that gets it without its creation closes
        Assert.Null(Parse(Frame([.. Named("3I5BC8TTABMBQ@vm", 0)[2..^1]]), Role.Acceptor));
        Assert.Null(Parse(Name("vm", 0xF07DF7FBC, 0), Role.Initiator)!.NameFault);
        Assert.NotNull(Parse(Name("vm"), Role.Initiator)!.NameFault);
    }

    [Fact]
    public void Without_a_role_content_distinguishes_name_and_challenge()
    {
        Assert.Equal([MessageKind.Name, MessageKind.Name, MessageKind.Challenge, MessageKind.Challenge],
            new[] { Name(Node), Name5(Node), Challenge(Node, 42), Challenge5(Node, 42) }.Select(bytes => Parse(bytes)!.Kind));
        Assert.Equal((MessageKind.ClientStatus, true), (Parse(Status("true"))!.Kind, Parse(Status("true"))!.GoesOn));
    }

    [Fact]
    public void An_initiator_begins_with_a_name_an_acceptor_with_a_status()
    {
        Assert.Equal(OperationStatus.Done, Protocol.Probe(Name(Node), Role.Initiator, false));
        Assert.Equal(OperationStatus.Done, Protocol.Probe(Status("perhaps"), Role.Acceptor, false));
        foreach (var other in Samples.Skip(2)) Assert.Equal(OperationStatus.InvalidData, Protocol.Probe(other, Role.Initiator, true));
        foreach (var any in Samples) Assert.Equal(OperationStatus.Done, Protocol.Probe(any, null, true));
    }

    [Theory]
    [InlineData(4096, OperationStatus.Done)]
    [InlineData(4097, OperationStatus.InvalidData)]
    public void A_length_is_accepted_up_to_the_limit(int length, OperationStatus status) =>
        Assert.Equal(status, Protocol.TryReadFrame([(byte)(length >> 8), (byte)length], out _));

    [Fact]
    public void No_truncation_of_any_message_throws()
    {
        foreach (var sample in Samples)
        {
            for (var length = 0; length < sample.Length; length++)
            {
                Assert.NotEqual(OperationStatus.Done, Protocol.Probe(sample.AsSpan(0, length), null, isAll: false));
                if (length < 2) continue;
                var isKnown = Protocol.TryParse(sample.AsSpan(2, length - 2), new MessageFrame(2, sample.Length - 2), null,
                    withFields: true, out var content);
                if (isKnown) Assert.All(content.Fields, field => Assert.True(field.Offset + field.Length <= length - 2));
            }
        }
    }

    [Fact]
    public void No_Erlang_bytes_throw() => Gen.Select(Gen.Byte.Array[1, 80], Gen.Int[0, 200], Gen.Int[0, 2], Gen.Int[0, 5])
        .Sample((bytes, more, side, tag) =>
        {
            var from = side switch { 0 => Role.Initiator, 1 => Role.Acceptor, _ => (Role?)null };
            bytes[0] = "nNscra"u8[tag];
            Protocol.TryParse(bytes, new MessageFrame(2, bytes.Length + more), from, withFields: true, out _);
            Protocol.Probe(Frame(bytes), from, true);
        });

    [Fact]
    public void Flags_have_names_and_indicate_a_release()
    {
        var flags = new ErlangFlags();
        Assert.Equal(["PUBLISHED", "BIT_27", "SPAWN", "BIT_63"], new CapabilityBits(1 | 1 << 27 | 1UL << 32 | 1UL << 63, flags).Names);
        Assert.Equal(["OTP 29 or later", "OTP 28", "OTP 25 to 27", "OTP 24", "OTP 23", "OTP 22 or older, or a foreign implementation"],
            new[] { 0x6D07DF7FBDUL, 0x2D07DF7FBDUL, 0xD07DF7FBDUL, 0xC00001000UL, 0x100001000UL,
                0x7F7FBDUL & ~(1UL << 24) }.Select(flags.ReleaseOf));
        // A C node (erl_call of OTP 27 and 29) and one in Java send a library's flags, which no release can be told from.
        Assert.All(new[] { 0x407074F9CUL, 0x70F94UL, 0UL }, bits => Assert.Null(flags.ReleaseOf(bits)));
        Assert.Equal("NATIVE_RECORDS", flags.NameOf(38));
    }

    [Fact]
    public void Missing_flags_are_grouped_by_the_release_that_demands_them()
    {
        var flags = new ErlangFlags();
        Assert.Empty(flags.MissingOf(Flags, null));
        Assert.Equal(["OTP 26"], flags.MissingOf(1 << 26, null).Select(missing => missing.Since)); // bit 26 stands for all of OTP 25's
        // bit 36 does not tell a release
        Assert.Equal(["OTP 25", "OTP 26"], flags.MissingOf(1UL << 36 | ErlangFlags.BigCreation, null).Select(missing => missing.Since));
        Assert.Equal([("OTP 23", "BIG_CREATION")],
            flags.MissingOf(0, ErlangFlags.BigCreation).Select(missing => (missing.Since, string.Join(' ', missing.Names))));
    }
}
