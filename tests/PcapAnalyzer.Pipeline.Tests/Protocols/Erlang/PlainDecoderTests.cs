using System.Buffers;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Protocols.Erlang;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Our decoder against <see cref="PlainDecoder"/>: the same fields, or both refuse.</summary>
public sealed class PlainDecoderTests(ITestOutputHelper output)
{
    private static readonly ErlangProtocol Protocol = new();

    public static TheoryData<string> Captures =>
        [.. Repository.AllCaptures.Where(capture => !capture.StartsWith("ractor", StringComparison.Ordinal))];

    /// <summary>What ours says, in the other's words.</summary>
    private static string? Ours(byte[] body, bool isInitiator)
    {
        var frame = Frame(body);
        if (Protocol.TryReadFrame(frame, out var header) != OperationStatus.Done) return null;
        return Protocol.TryParse(body, header, isInitiator ? Role.Initiator : Role.Acceptor, withFields: true, out var content)
            ? InWords(content, body) : null;
    }

    private static string? InWords(MessageContent it, byte[] body)
    {
        // A name is compared as the bytes where it stands.
        string Bytes(string field) => it.Fields.SingleOrDefault(one => one.Name == field) is { } one
            ? Convert.ToHexString(body.AsSpan(one.Offset, one.Length)) : "absent";
        string Field(string field) => it.Fields.SingleOrDefault(one => one.Name == field)?.Value is FieldValue.Number number
            ? $"{number.Value}" : "absent";
        return it.Kind switch
        {
            MessageKind.Name =>
                $"name version={it.Version} flags={it.Flags:x}{(it.Version == 6 ? $" creation={it.Creation}" : "")} node={Bytes("node")}",
            MessageKind.Challenge => $"challenge version={it.Version} flags={it.Flags:x} "
                + $"challenge={it.Challenge}{(it.Version == 6 ? $" creation={it.Creation}" : "")} node={Bytes("node")}",
            MessageKind.Status when it.Fields.Any(one => one.Name == "assignedNode") =>
                $"status status=named assigned={Bytes("assignedNode")} creation={Field("creation")}",
            MessageKind.Status => $"status status={it.Status}",
            MessageKind.ClientStatus => $"client-status goes={it.GoesOn}",
            MessageKind.Complement => $"complement flags={it.Flags:x} creation={it.Creation}",
            MessageKind.ChallengeReply =>
                $"reply challenge={it.Challenge} digest={(it.Digest is { } digest ? Convert.ToHexString(digest) : "absent")}",
            MessageKind.ChallengeAck => $"ack digest={(it.Digest is { } digest ? Convert.ToHexString(digest) : "absent")}",
            _ => null,
        };
    }

    [Fact]
    public void Both_decoders_agree_on_generated_messages()
    {
        var (decoded, refused) = (0, 0);
        for (var seed = 0; seed < 50_000; seed++)
        {
            var random = new Random(seed);
            var body = Message(random);
            for (var changes = random.Next(2) == 0 ? 0 : random.Next(1, 4); changes > 0 && body.Length > 0; changes--)
                body = Change(body, random);
            foreach (var isInitiator in (bool[])[true, false])
            {
                var (plain, ours) = (PlainDecoder.Decode(body, isInitiator), Ours(body, isInitiator));
                Assert.True(plain == ours,
                    $"seed {seed}, {(isInitiator ? "initiator" : "acceptor")}: {Convert.ToHexString(body)}\nplain {plain}\nours  {ours}");
                if (plain == null) refused++;
                else decoded++;
            }
        }
        output.WriteLine($"{decoded} decoded, {refused} refused by both");
        Assert.InRange(decoded, 20_000, 80_000);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Both_decoders_agree_on_captured_messages(string capture)
    {
        foreach (var handshake in Trace.Cluster(Trace.Of(capture)).Handshakes.Where(one => one.Protocol is ErlangProtocol))
        {
            foreach (var message in handshake.Messages.Where(message => !message.IsCut
                && message.Kind is not (MessageKind.Traffic or MessageKind.Empty)))
                Assert.Equal(PlainDecoder.Decode(message.Body, message.From == Role.Initiator),
                    InWords(message.Content with { Fields = handshake.FieldsOf(message) }, message.Body));
        }
    }

    private static byte[] Message(Random random)
    {
        var node = string.Concat(Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)random.Next(0x61, 0x7B))) + "@"
            + (char)random.Next(0x61, 0x7B);
        var number = (uint)random.NextInt64(1L << 32);
        var frame = random.Next(10) switch
        {
            0 => Name(node, (ulong)random.NextInt64(), number),
            1 => Name5(node, number),
            2 => Status(random.Next(6) switch
            {
                0 => "ok",
                1 => "ok_simultaneous",
                2 => "nok",
                3 => "not_allowed",
                4 => "alive",
                _ => node
            }),
            3 => Named(node, number),
            4 => Status(random.Next(2) == 0 ? "true" : "false"),
            5 => Challenge(node, number, (ulong)random.NextInt64(), number / 3),
            6 => Challenge5(node, number, ~number),
            7 => Complement(number, ~number),
            8 => Reply(number, ~number, node),
            _ => Ack(number, node),
        };
        return frame[2..];
    }

    private static byte[] Change(byte[] body, Random random)
    {
        var at = random.Next(body.Length);
        switch (random.Next(5))
        {
            case 0:
                return body[..at];
            case 1:
                return [.. body, (byte)random.Next(256)];
            case 2:
                return [.. body[..at], .. body[(at + 1)..]];
            case 3:
                return [(byte)"nNscra"[random.Next(6)], .. body[1..]];
            default:
                var copy = body.ToArray();
                copy[at] = (byte)random.Next(256);
                return copy;
        }
    }
}
