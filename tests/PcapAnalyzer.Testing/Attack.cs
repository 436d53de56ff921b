using System.Buffers.Binary;
using System.IO.Compression;
using PcapAnalyzer.Pipeline.Packets;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace PcapAnalyzer.Testing;

/// <summary>Captures that are expensive to analyze, for <c>make bench-attacks</c>. The same name gives the same bytes.</summary>
public sealed class Attack : IDisposable
{
    private const TcpFlags PshAck = TcpFlags.Psh | TcpFlags.Ack;
    private const long Epoch = 1_700_000_000_000_000;

    private readonly PcapFile _file;
    private readonly TcpTemplate _template = new();
    private long _time = Epoch;

    private Attack(Stream output) => _file = new PcapFile(output);

    /// <summary>The writer of each attack, by its name in the table of bounds.</summary>
    public static IReadOnlyDictionary<string, Action<Stream>> All { get; } = new Dictionary<string, Action<Stream>>
    {
        ["syn-flood"] = Frames(attack => attack.SynFlood(10_000_000)),
        ["scan"] = Frames(attack => attack.Scan(10_000_000)),
        ["never-acknowledged"] = Frames(attack => attack.NeverAcknowledged(5_000_000)),
        ["holes"] = Frames(attack => attack.Holes(flows: 100_000, segments: 40)),
        ["one-byte-segments"] = Frames(attack => attack.OneByteSegments(10_000)),
        ["length-2-63"] = Frames(attack => attack.HugeLength(flows: 1000, segments: 4000)),
        ["nested-protobuf"] = Frames(attack => attack.NestedProtobuf(2000)),
        ["open-handshakes"] = Frames(attack => attack.OpenHandshakes(1_000_000)),
        ["half-open-names"] = Frames(attack => attack.HalfOpenNames(800_000)),
        ["fragments"] = Frames(attack => attack.Fragments(5_000_000, fragment => 0)),
        ["late-fragments"] = Frames(attack => attack.Fragments(5_000_000, fragment => 65400)),
        ["colliding-keys"] = Frames(attack => attack.CollidingKeys(1_000_000, rounds: 4)),
        ["pcapng-sections"] = output => WriteSections(output, 3_000_000),
        ["pcapng-comments"] = output => WriteComments(output, 3_000_000),
        ["pcapng-lengths"] = output => WriteLyingLengths(output, 3_000_000),
        ["bomb.gz"] = output => WriteBomb(new GZipStream(output, CompressionLevel.Optimal), 10_000_000_000),
        ["zstd-bomb"] = output => WriteBomb(Zstd(output), 3_000_000_000),
    };

    public void Dispose() => _file.Dispose();

    private static Action<Stream> Frames(Action<Attack> write) => output =>
    {
        using var attack = new Attack(output);
        write(attack);
    };

    /// <summary>Many hosts send one SYN each.</summary>
    private void SynFlood(int flows)
    {
        for (var flow = 0; flow < flows; flow++) Send(Peers(flow, 4400), true, (uint)flow * 77, 0, TcpFlags.Syn);
    }

    /// <summary>One host probes every port of many hosts and is refused.</summary>
    private void Scan(int flows)
    {
        for (var flow = 0; flow < flows; flow++)
        {
            var peers = new TcpPeers(0x0A000001, 40000, 0x0B000000 + (uint)flow / 60000, (ushort)(1 + flow % 60000));
            Send(peers, true, 1, 0, TcpFlags.Syn);
            Send(peers, false, 0, 2, TcpFlags.Rst | TcpFlags.Ack);
        }
    }

    /// <summary>A handshake's first message, then data that the peer never acknowledges.</summary>
    private void NeverAcknowledged(int segments)
    {
        var peers = Peers(0, 4400);
        var next = Open(peers);
        var name = ErlangBytes.Name("a@h");
        Send(peers, true, next, 1, PshAck, name);
        next += (uint)name.Length;
        var data = new byte[64];
        for (var i = 0; i < segments; i++, next += 64) Send(peers, true, next, 1, PshAck, data);
    }

    /// <summary>Streams that continue after a hole, in turns.</summary>
    private void Holes(int flows, int segments)
    {
        var name = RactorBytes.Name("a@h");
        for (var flow = 0; flow < flows; flow++) Send(Peers(flow, 4400), true, Open(Peers(flow, 4400)), 1, PshAck, name.AsSpan(..10));
        var data = new byte[100];
        for (var i = 1; i <= segments; i++)
            for (var flow = 0; flow < flows; flow++)
                Send(Peers(flow, 4400), true, (uint)(i * 150), 1, PshAck, data);
    }

    /// <summary>Complete handshakes, one byte per segment.</summary>
    private void OneByteSegments(int handshakes)
    {
        for (var i = 0; i < handshakes; i++)
        {
            var script = HandshakeScript.Of(HandshakeKind.Erlang, Peers(i, CaptureShape.ErlangPort), "a@h", "b@h", (uint)i,
                CaptureShape.Cookie);
            uint own = 0, other = 0;
            foreach (var line in script.Lines)
            {
                ref var next = ref line.FromInitiator ? ref own : ref other;
                var seen = line.FromInitiator ? other : own;
                for (var at = 0; at < line.Payload.Length; at++)
                    Send(script.Peers, line.FromInitiator, next++, seen, line.Flags, line.Payload.AsSpan(at, 1));
                if (line.Payload.Length > 0) continue;
                Send(script.Peers, line.FromInitiator, next, seen, line.Flags);
                if ((line.Flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0) next++;
            }
        }
    }

    /// <summary>A message that claims a length of 2^63 bytes, and some of its bytes.</summary>
    private void HugeLength(int flows, int segments)
    {
        var name = RactorBytes.Name("a@h");
        var huge = new byte[64];
        huge[0] = 0x80;
        for (var flow = 0; flow < flows; flow++)
        {
            var next = Open(Peers(flow, 4400));
            Send(Peers(flow, 4400), true, next, 1, PshAck, name);
            Send(Peers(flow, 4400), true, next + (uint)name.Length, 1, PshAck, huge);
        }
        for (var i = 1; i <= segments; i++)
            for (var flow = 0; flow < flows; flow++)
                Send(Peers(flow, 4400), true, (uint)(1 + name.Length + 64 * i), 1, PshAck, huge);
    }

    /// <summary>Messages of 60 KB in which each field contains only the next field.</summary>
    private void NestedProtobuf(int flows)
    {
        var body = Array.Empty<byte>();
        while (body.Length < 60_000)
        {
            var length = body.Length;
            body = length < 128 ? [0x0A, (byte)length, .. body]
                : length < 16384 ? [0x0A, (byte)(length | 0x80), (byte)(length >> 7), .. body]
                : [0x0A, (byte)(length | 0x80), (byte)(length >> 7 | 0x80), (byte)(length >> 14), .. body];
        }
        var message = RactorBytes.Frame(body);
        for (var flow = 0; flow < flows; flow++)
        {
            var next = Open(Peers(flow, 4400));
            for (var at = 0; at < message.Length; at += 1400)
                Send(Peers(flow, 4400), true, next + (uint)at, 1, PshAck, message.AsSpan(at, Math.Min(1400, message.Length - at)));
        }
    }

    /// <summary>Handshakes that stop at the challenge, all open at once.</summary>
    private void OpenHandshakes(int count)
    {
        var name = ErlangBytes.Name("a@h");
        byte[] answer = [.. ErlangBytes.Status(), .. ErlangBytes.Challenge("b@h", 7)];
        for (var i = 0; i < count; i++)
        {
            var peers = Peers(i, CaptureShape.ErlangPort);
            var next = Open(peers);
            Send(peers, true, next, 1, PshAck, name);
            Send(peers, false, 1, next + (uint)name.Length, PshAck, answer);
        }
    }

    /// <summary>Many nodes connect, then each sends its name, and nothing more.</summary>
    private void HalfOpenNames(int count)
    {
        var next = new uint[count];
        for (var i = 0; i < count; i++) next[i] = Open(Peers(i, CaptureShape.ErlangPort));
        for (var i = 0; i < count; i++) Send(Peers(i, CaptureShape.ErlangPort), true, next[i], 1, PshAck, ErlangBytes.Name($"n{i}@h"));
    }

    /// <summary>Fragments of datagrams that are never completed.</summary>
    private void Fragments(int count, Func<int, int> offsetOf)
    {
        for (var i = 0; i < count; i++)
        {
            var frame = _file.Next(++_time, TcpTemplate.Headers + 64);
            _template.Fill(frame, Peers(0, 4400), true, 1, 1, PshAck, new byte[64]);
            BinaryPrimitives.WriteUInt16BigEndian(frame[18..], (ushort)i);
            BinaryPrimitives.WriteUInt16BigEndian(frame[20..], (ushort)(0x2000 | offsetOf(i) / 8));
            BinaryPrimitives.WriteUInt32BigEndian(frame[26..], 0x0C000000 + (uint)(i >> 16)); // each sender uses an identification once
            BinaryPrimitives.WriteUInt16BigEndian(frame[16..], 100);
        }
    }

    /// <summary>Flows with equal address sums, address XORs and port sums. A hash over these puts all flows into one bucket.</summary>
    private void CollidingKeys(int flows, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            for (var flow = 0; flow < flows; flow++)
            {
                var bits = (uint)flow;
                var peers = new TcpPeers(0x0A000000 + bits, (ushort)(0x4000 + (bits & 0xFFF)), 0x0B000000 + (0xFFFFF - bits),
                    (ushort)(0x5000 - (bits & 0xFFF)));
                if (round == 0) Send(peers, true, 1, 0, TcpFlags.Syn);
                else Send(peers, true, 2, 1, TcpFlags.Ack);
            }
        }
    }

    /// <returns>The initiator's next sequence number; the acceptor's is 1.</returns>
    private uint Open(in TcpPeers peers)
    {
        Send(peers, true, 0, 0, TcpFlags.Syn);
        Send(peers, false, 0, 1, TcpFlags.Syn | TcpFlags.Ack);
        Send(peers, true, 1, 1, TcpFlags.Ack);
        return 1;
    }

    private static TcpPeers Peers(int flow, ushort port) =>
        new(0x0A000001 + (uint)flow % 250_007, (ushort)(40000 + flow / 250_007), 0x0B000001, port);

    private void Send(in TcpPeers peers, bool fromInitiator, uint sequence, uint acknowledgment, TcpFlags flags,
        ReadOnlySpan<byte> payload = default) =>
        _template.Fill(_file.Next(++_time, TcpTemplate.Headers + payload.Length), peers, fromInitiator, sequence, acknowledgment, flags,
            payload);

    /// <summary>One section and one interface per packet.</summary>
    private static void WriteSections(Stream output, int count)
    {
        using var buffered = new BufferedStream(output, 1 << 20);
        for (var i = 0; i < count; i++)
        {
            buffered.Write(Block(0x0A0D0D0A, [.. U32(0x1A2B3C4D), 1, 0, 0, 0, .. U32(uint.MaxValue), .. U32(uint.MaxValue)]));
            buffered.Write(Block(1, [1, 0, 0, 0, .. U32(0)]));
            buffered.Write(Block(6, [.. U32(0), .. U32(0), .. U32((uint)i), .. U32(0), .. U32(0)]));
        }
    }

    /// <summary>One comment per packet.</summary>
    private static void WriteComments(Stream output, int count)
    {
        using var buffered = new BufferedStream(output, 1 << 20);
        buffered.Write(Block(0x0A0D0D0A, [.. U32(0x1A2B3C4D), 1, 0, 0, 0, .. U32(uint.MaxValue), .. U32(uint.MaxValue)]));
        buffered.Write(Block(1, [1, 0, 0, 0, .. U32(0)]));
        var packet = Block(6, [.. U32(0), .. U32(0), .. U32(0), .. U32(0), .. U32(0), 1, 0, 64, 0, .. new byte[64], .. U32(0)]);
        for (var i = 0; i < count; i++) buffered.Write(packet);
    }

    /// <summary>Options that claim to be longer than their block, then a block that claims to be longer than any file.</summary>
    private static void WriteLyingLengths(Stream output, int count)
    {
        using var buffered = new BufferedStream(output, 1 << 20);
        buffered.Write(Block(0x0A0D0D0A, [.. U32(0x1A2B3C4D), 1, 0, 0, 0, .. U32(uint.MaxValue), .. U32(uint.MaxValue)]));
        buffered.Write(Block(1, [1, 0, 0, 0, .. U32(0), 9, 0, 255, 255]));
        var packet = Block(6, [.. U32(0), .. U32(0), .. U32(0), .. U32(0), .. U32(uint.MaxValue), 1, 0, 255, 255, .. new byte[64]]);
        for (var i = 0; i < count; i++) buffered.Write(packet);
        buffered.Write([.. U32(6), .. U32(uint.MaxValue - 3), .. new byte[64]]);
    }

    /// <summary>Many empty packets, compressed to a thousandth of their size.</summary>
    private static void WriteBomb(Stream output, long bytes)
    {
        using var zip = output;
        using (var head = new MemoryStream())
        {
            new PcapFile(head).Dispose();
            zip.Write(head.ToArray());
        }
        var nothing = new byte[1 << 20];
        for (; bytes > 0; bytes -= nothing.Length) zip.Write(nothing);
    }

    /// <summary>A compressor with the largest window that the analyzer accepts; the decoder must hold all of it.</summary>
    private static CompressionStream Zstd(Stream output)
    {
        var zip = new CompressionStream(output);
        zip.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, 27);
        return zip;
    }

    private static byte[] Block(uint type, byte[] body)
    {
        var length = U32((uint)body.Length + 12);
        return [.. U32(type), .. length, .. body, .. length];
    }

    private static byte[] U32(uint number) => BitConverter.GetBytes(number);
}
