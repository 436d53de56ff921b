using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing;

/// <summary>Captures of what follows the handshake, for <c>make bench</c>. The same name gives the same bytes.</summary>
public sealed class SessionCaptures : IDisposable
{
    private const long Epoch = 1_700_000_000_000_000;
    private const int SegmentBytes = 1400;
    private const TcpFlags PshAck = TcpFlags.Psh | TcpFlags.Ack;

    private readonly PcapFile _file;
    private readonly TcpTemplate _template = new();
    private long _time = Epoch;

    private SessionCaptures(Stream output) => _file = new PcapFile(output);

    /// <summary>
    /// The writer of each capture, by its name. <c>bulk-settled</c> has the packets of <c>bulk-session</c> with other bytes.
    /// </summary>
    public static IReadOnlyDictionary<string, Action<Stream>> All { get; } = new Dictionary<string, Action<Stream>>
    {
        ["bulk-session"] = output => Write(output, one => one.Bulk(300_000_000, isSession: true)),
        ["bulk-settled"] = output => Write(output, one => one.Bulk(300_000_000, isSession: false)),
        ["open-sessions"] = output => Write(output, one => one.Open(100_000, rounds: 4)),
    };

    public void Dispose() => _file.Dispose();

    private static void Write(Stream output, Action<SessionCaptures> write)
    {
        using var one = new SessionCaptures(output);
        write(one);
    }

    /// <summary>One node sends messages of 64 KiB in full segments; the other acknowledges every second one.</summary>
    private void Bulk(long bytes, bool isSession)
    {
        var script = Script(0);
        foreach (var line in script.Lines) Send(script, line, isSession ? line.Payload : Text(line.Payload.Length));
        var message = new byte[64 * 1024];
        TrafficBytes.RegSend("node0@host0", "rabbit_mirror", 106).CopyTo(message, 0);
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length - sizeof(int));
        if (!isSession) message = Text(message.Length);
        var (payload, at) = (new byte[SegmentBytes], 0);
        for (var segment = 0L; segment < bytes / (SegmentBytes + 100); segment++)
        {
            foreach (ref var one in payload.AsSpan()) one = message[at++ % message.Length];
            Send(script, new ScriptLine(true, PshAck, payload), payload);
            if (segment % 2 == 1) Send(script, new ScriptLine(false, TcpFlags.Ack, []), []);
        }
    }

    /// <summary>Sessions that stay open: a handshake each, then ticks in turns.</summary>
    private void Open(int sessions, int rounds)
    {
        var all = Enumerable.Range(0, sessions).Select(Script).ToList();
        foreach (var script in all)
            foreach (var line in script.Lines) Send(script, line, line.Payload);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var script in all)
            {
                foreach (var fromInitiator in (ReadOnlySpan<bool>)[true, false])
                {
                    Send(script, new ScriptLine(fromInitiator, PshAck, TrafficBytes.Tick), TrafficBytes.Tick);
                    Send(script, new ScriptLine(!fromInitiator, TcpFlags.Ack, []), []);
                }
            }
        }
    }

    /// <summary>A handshake, its four ticks, and no end.</summary>
    private static HandshakeScript Script(int number)
    {
        var peers = new TcpPeers(0x0A400001 + (uint)number, 40000, 0x0AC00001 + (uint)number % 5, CaptureShape.ErlangPort);
        var whole = HandshakeScript.Of(HandshakeKind.Erlang, peers, $"node{number}@host{number}", $"hub{number % 5}@host",
            77 + (uint)number, CaptureShape.Cookie);
        return new HandshakeScript(peers, [.. whole.Lines.Where(line => !line.Flags.HasFlag(TcpFlags.Fin)).SkipLast(1)])
        { Next = new TcpNumbers(1000, 2000) };
    }

    private static byte[] Text(int length) => [.. Enumerable.Range(0, length).Select(at => (byte)"etaoin shrdlu\n"[at % 14])];

    private void Send(HandshakeScript script, ScriptLine line, ReadOnlySpan<byte> payload)
    {
        _time += 20;
        ref var own = ref line.FromInitiator ? ref script.Next.Initiator : ref script.Next.Acceptor;
        var other = line.FromInitiator ? script.Next.Acceptor : script.Next.Initiator;
        _template.Fill(_file.Next(_time, TcpTemplate.Headers + payload.Length), script.Peers, line.FromInitiator, own,
            (line.Flags & TcpFlags.Ack) == 0 ? 0 : other, line.Flags, payload);
        own += (uint)payload.Length + (line.Flags.HasFlag(TcpFlags.Syn) ? 1u : 0u);
    }
}
