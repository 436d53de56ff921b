using System.Text;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Tests;
using PcapAnalyzer.Testing;
using PcapAnalyzer.Testing.Fuzzing;

namespace PcapAnalyzer.Fuzz;

/// <summary>What fuzzing begins with: small inputs of every sort, from captures and builders.</summary>
internal static class Seeds
{
    private const int Most = 4096;

    private static readonly string[] Expressions =
    [
        "outcome == closed and node ~ web2", "problem", "not (cookie or proof != verified)", "duration>5ms duration <= 1m",
        "ip == 10.0.0.0/8 || ip == ::1", "code in {ok, cookie-mismatch}",
        "node ~ /^b[0-9]+@h/", "started > -5m and started < 20:14", "started >= 2026-07-12T20:14:03Z", "\"b1@h\" !~ x",
        "port == 4369 or messages.length >= 22", "marked and not open", "!node == \"a\\\"b\"", "生産 or é",
    ];

    internal static void Write(string corpus)
    {
        foreach (var expression in Expressions) Put(corpus, "where", Encoding.UTF8.GetBytes(expression));
        File.WriteAllLines(Path.Combine(corpus, "where.dict"),
            WhereTarget.Words.Select(word => $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal)}\""));
        foreach (var row in FailureRow.All)
            for (var play = 0; play < row.Plays.Length; play++)
                Put(corpus, row.Row == "E17" ? "epmd" : row.Row[0] == 'E' ? "erlang" : "ractor", TurnsOf(row.Plays[play].Packets),
                    $"{row.Row}-{play + 1}");
        Put(corpus, "epmd", TurnsOf(new Playbook().Connect().Initiator(ErlangBytes.Lookup("hare")).Acceptor(ErlangBytes.Found("hare", 9100))
            .AcceptorCloses().Packets), "found");
        Put(corpus, "epmd", TurnsOf(new Playbook().Connect().Initiator(ErlangBytes.Frame([110]))
            .Acceptor([0, 0, 0x11, 0x11, .. "name hare at port 9100\nname b at port 9101\n"u8]).AcceptorCloses().Packets), "names");
        Put(corpus, "epmd", TurnsOf(new Playbook().Connect().Initiator(ErlangBytes.Frame([120, 0x23, 0x8C, 77, 0, 0, 6, 0, 5, 0, 4,
            .. "hare"u8, 0, 0])).Acceptor([118, 0, 0, 0, 0, 1]).Packets), "registered");
        foreach (var (name, play) in Sessions())
            foreach (var isMid in (bool[])[false, true])
                Put(corpus, name.Split(' ')[0], [0, (byte)(isMid ? 1 : 0), .. TurnsOf(play.Packets)[1..]],
                    $"{name.Split(' ')[1]}{(isMid ? "-midstream" : "")}");
        foreach (var content in (byte[])[0, 1, 2, 3])
            Put(corpus, "stream", [(byte)(16 + content), .. Script(content)], $"{content}-in-order");
        Put(corpus, "stream", [16, .. Script(0).Chunk(4).Reverse().SelectMany(line => line)], "0-reversed");
        Put(corpus, "stream", [9, .. Script(1)], "1-midstream");
        Put(corpus, "stream", [20, .. Script(0), 6, 3, 20, 0, 8, 10, 30, 5, 10, 60, 1, 40, 11, 80, 17, 60, 14, 50, 0, 0, 12, 9, 0, 0,
            .. Script(0), 4, 1, 200, 0, 4, 255, 255, 0], "0-everything");
        foreach (var capture in Repository.AllCaptures) FromCapture(corpus, capture);
        foreach (var group in LinkSamples.All.Values.Concat(LinkSamples.Closed.Values).Concat(LinkSamples.Others.Values)
            .GroupBy(sample => sample.Link))
            foreach (var (frames, part) in group.Select(sample => sample.Bytes).Chunk(16).Select((frames, at) => (frames, at)))
                Put(corpus, "frame", FrameTarget.Input(group.Key, frames), $"links-{(int)group.Key}-{part}");
        foreach (var bigEndian in (bool[])[false, true])
        {
            foreach (var magic in (uint[])[CaptureBuilder.Microseconds, CaptureBuilder.Nanoseconds, CaptureBuilder.Modified])
                Put(corpus, "pcap", new CaptureBuilder(bigEndian).Pcap(magic).Record(1, 2, new byte[20]).Record(3, 999_999, [])
                    .Record(1_700_000_000, 5, new byte[40], original: 1500).Bytes, $"{magic:x}-{(bigEndian ? "big" : "little")}");
            Put(corpus, "pcapng", Pcapng(bigEndian), bigEndian ? "big" : "little");
        }
    }

    /// <summary>For <see cref="SessionTarget"/>: what nodes say behind the handshake.</summary>
    private static IEnumerable<(string Name, Playbook Play)> Sessions()
    {
        byte[] nothing = [106];
        yield return ("erlang-session talk",
            new Playbook().Initiator(TrafficBytes.RegSend("a@h1", "rex", nothing), TrafficBytes.RegSendCached(nothing))
            .Acceptor(TrafficBytes.RegSend("b@h2", "net_kernel", nothing)).Wait(9000).Initiator(TrafficBytes.Tick)
            .Acceptor(TrafficBytes.Tick)
            .Initiator(TrafficBytes.Tick).Acceptor(TrafficBytes.DownByShutdown("b@h2")).AcceptorCloses().InitiatorCloses());
        yield return ("erlang-session global", new Playbook().Initiator(TrafficBytes.Tick).Acceptor(TrafficBytes.LostConnection("b@h2",
            "c@h3"), TrafficBytes.RemoveConnection("b@h2")).InitiatorCloses().AcceptorCloses());
        yield return ("erlang-session fragments",
            new Playbook().Initiator(TrafficBytes.Fragment(3, true, 200)).Initiator(TrafficBytes.Tick, TrafficBytes.Fragment(2, false, 200))
            .Wait(9000).Initiator(TrafficBytes.Fragment(1, false, 10)).Acceptor(TrafficBytes.PassThrough("b@h2", "rex")).AcceptorResets());
        yield return ("ractor-session pings", new Playbook().Initiator(RactorBytes.Ready()).Acceptor(RactorBytes.Ready())
            .Initiator(TrafficBytes.Ping(1000)).Acceptor(TrafficBytes.Pong(1000))
            .Wait(9000).Acceptor(TrafficBytes.Ping(10_000)).Initiator(TrafficBytes.Pong(10_000)).InitiatorCloses().AcceptorCloses());
        yield return ("ractor-session calls",
            new Playbook().Initiator(TrafficBytes.Call(4, 1, 300), TrafficBytes.Call(4, 2, 300)).Acceptor(TrafficBytes.CallReply(4, 2))
            .Initiator(TrafficBytes.Cast(300)).Wait(9000).Acceptor(TrafficBytes.Terminate(1, 2)).AcceptorResets());
    }

    /// <summary>The small ones as they are, and the first frames of those with links of their own.</summary>
    private static void FromCapture(string corpus, string capture)
    {
        var path = Path.Combine(Repository.Captures, capture);
        var name = Path.GetFileNameWithoutExtension(capture);
        var format = Path.GetExtension(capture)[1..];
        if (new FileInfo(path).Length <= 1500 || (format == "pcapng" && new FileInfo(path).Length <= 2 * Most))
            Put(corpus, format, File.ReadAllBytes(path), name);
        if (format == "pcap" && new FileInfo(path).Length <= 1500) Put(corpus, "pcapng", AsPcapng(path), name);
        var isOfInterest = name.Contains("any_sll", StringComparison.Ordinal) || name.Contains("encap", StringComparison.Ordinal)
            || name.Contains("rawip", StringComparison.Ordinal) || name.Contains("frag", StringComparison.Ordinal) || name is "ok" or "ipv6"
            || name.Contains("vlan", StringComparison.Ordinal) || name.Contains("unreach", StringComparison.Ordinal);
        if (!isOfInterest) return;
        var frames = new List<byte>();
        var link = 0;
        using var source = new CaptureFileSource(path);
        source.Read((in frame) =>
        {
            link = Math.Max(0, Array.IndexOf((int[])[1, 101, 113, 276, 0, 108, 228, 229], (int)frame.Link));
            if (frames.Count + frame.Bytes.Length < 2000)
                frames.AddRange([(byte)(frame.Bytes.Length >> 8), (byte)frame.Bytes.Length, .. frame.Bytes]);
        }, CancellationToken.None);
        Put(corpus, "frame", [(byte)(0x40 | link), .. frames], name);
    }

    private static byte[] AsPcapng(string path)
    {
        var to = new CaptureBuilder();
        to.Section();
        using var source = new CaptureFileSource(path);
        source.Read((in frame) =>
        {
            if (frame.Number == 1) to.Interface((ushort)frame.Link);
            to.Enhanced(0, (ulong)frame.Time / 1000, frame.Bytes.ToArray());
        }, CancellationToken.None);
        return to.Bytes;
    }

    private static byte[] Pcapng(bool bigEndian)
    {
        var to = new CaptureBuilder(bigEndian);
        to.Section(options: [.. to.Option(1, "of the file"u8.ToArray()), .. to.Option(0)]);
        to.Interface(1, 0, [.. to.Option(2, "eth0"u8.ToArray()), .. to.Option(9, 9)])
            .Interface(101, 30, [.. to.Option(9, 0x80 | 20), .. to.Number(14, 100)]);
        to.Enhanced(0, 1_700_000_000_123_456_789, new byte[30], original: 1500,
            options: [.. to.Option(1, "of a packet"u8.ToArray()), .. to.Number(4, 3)]);
        to.Obsolete(1, (5 << 20) + (1 << 19), new byte[10], options: to.Option(1, "of an old packet"u8.ToArray())).Simple(new byte[5])
            .Block(0x0BAD, new byte[8]);
        return to.Statistics(0, [.. to.Number(5, 7), .. to.Number(7, 2)]).Section(!bigEndian).Interface()
            .Enhanced(0, 1, new byte[14]).Bytes;
    }

    /// <summary>For <see cref="TalkTarget"/>; it opens the connection itself.</summary>
    private static byte[] TurnsOf(IReadOnlyList<TracePacket> packets)
    {
        var turns = new List<byte> { 0 };
        var last = packets[0].Time;
        foreach (var packet in packets.Where(packet => (packet.Flags & TcpFlags.Syn) == 0 && (packet.Payload.Length > 0 || packet.IsClose)))
        {
            var control = packet.Payload.Length | (packet.Source == packets[0].Source ? 0 : 0x8000) | (packet.Time - last > 5_000_000_000
                ? 0x4000 : 0)
                | ((packet.Flags & TcpFlags.Fin) != 0 ? 0x2000 : 0) | ((packet.Flags & TcpFlags.Rst) != 0 ? 0x1000 : 0);
            last = packet.Time;
            turns.AddRange([(byte)(control >> 8), (byte)control, .. packet.Payload]);
        }
        return [.. turns];
    }

    /// <summary>For <see cref="StreamTarget"/>: the whole of it in order, a few bytes at a time.</summary>
    private static byte[] Script(byte content)
    {
        var script = new List<byte>();
        for (byte at = 0; at < 100; at += 20)
            foreach (var sender in (byte[])[0, 1])
                script.AddRange([sender, at, 20, (byte)(at + (sender * 20))]);
        return content == 2 ? [0, 0, 7, 0, 1, 0, 22, 7] : [.. script];
    }

    private static void Put(string corpus, string target, byte[] input, string? name = null)
    {
        if (input.Length > 2 * Most) throw new InvalidOperationException($"{target} {name} is too long: {input.Length}");
        Directory.CreateDirectory(Path.Combine(corpus, target));
        File.WriteAllBytes(Path.Combine(corpus, target,
            $"seed-{name ?? Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(input))[..8]}"), input);
    }
}
