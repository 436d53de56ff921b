using System.Text;
using System.Text.Json.Nodes;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>However a capture's frames are changed, every report can be written, and lost packets prove nothing.</summary>
public sealed class MangledCaptureTests
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("MANGLED_ROUNDS") ?? "12",
        System.Globalization.CultureInfo.InvariantCulture);

    private readonly record struct Packet(long Time, LinkLayer Link, byte[] Bytes, int Length);

    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    [HardCase("bytes of any kind")]
    public void Mangled_captures_throw_nothing_and_always_give_one_report(string capture)
    {
        var original = Read(capture);
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(HashOf(capture) + round);
            var packets = Disturb(original, random, mostLost: 20);
            for (var i = 0; i < packets.Count; i++)
                if (random.Next(1 + round % 8) == 0) packets[i] = Damage(packets[i], random);
            Report(packets, Analysis.TrueCookies(capture), random.Next(4) == 0, $"{capture} {round}");
        }
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    public void Lost_repeated_cut_and_late_frames_prove_nothing_that_was_not(string capture)
    {
        var original = Read(capture);
        var ring = Analysis.TrueCookies(capture);
        var whole = Report(original, ring, false, capture);
        var digests = whole.Handshakes.SelectMany(handshake => handshake.Proofs).Select(Trace.Essence).ToHashSet();
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random(HashOf(capture) - round);
            var report = Report(Disturb(original, random, mostLost: 2 + random.Next(60)), ring, false, $"{capture} {round}");
            foreach (var handshake in report.Handshakes)
            {
                Assert.All(handshake.Proofs.Where(digest => digest.Verdict is Verdict.Verified or Verdict.Mismatch),
                    digest => Assert.True(digests.Contains(Trace.Essence(digest)), $"{round}: {digest}"));
                if (handshake.Outcome is not (Outcome.AuthenticationFailed or Outcome.ProtocolViolation)) continue;
                Assert.True(whole.Outcomes.ContainsKey(handshake.Outcome),
                    $"{round}: {handshake.Id} {handshake.Outcome.Kebab()} {handshake.Diagnosis.Summary}");
            }
        }
    }

    private static List<Packet> Read(string capture)
    {
        var packets = new List<Packet>();
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture), null);
        source.Read((in frame) => packets.Add(new Packet(frame.Time, frame.Link, frame.Bytes.ToArray(), frame.OriginalLength)),
            CancellationToken.None);
        return packets;
    }

    /// <summary>Disturbs packets as a network or a capture does; changes no byte.</summary>
    private static List<Packet> Disturb(List<Packet> packets, Random random, int mostLost)
    {
        var lost = random.Next(3) == 0 ? 0 : random.Next(mostLost);
        var snap = random.Next(4) == 0 ? random.Next(40, 200) : int.MaxValue;
        var window = lost == 0 ? 4 : 0; // with losses, reordering would hide cause and effect
        var disturbed = packets.Where(_ => random.Next(100) >= lost)
            .SelectMany(packet => Enumerable.Repeat(Cut(packet, snap), random.Next(20) == 0 ? random.Next(1, 4) : 1)).ToList();
        var times = disturbed.Select(packet => packet.Time).ToList();
        for (var i = disturbed.Count - 1; i > 0 && window > 0; i--)
        {
            var j = Math.Max(0, i - random.Next(window));
            if (disturbed[j..(i + 1)].Any(IsClose)) continue; // the position of a FIN or RST is a fact
            (disturbed[i], disturbed[j]) = (disturbed[j], disturbed[i]);
        }
        return [.. disturbed.Zip(times, (packet, time) => packet with { Time = time })];
    }

    private static bool IsClose(Packet packet) =>
        new FrameParser().Parse(new Frame(1, 0, packet.Link, packet.Bytes, packet.Length), out var segment, out _) == FrameKind.Tcp
            && segment.Has(TcpFlags.Fin | TcpFlags.Rst);

    private static Packet Cut(Packet packet, int length) =>
        packet.Bytes.Length <= length ? packet : packet with { Bytes = packet.Bytes[..length] };

    /// <summary>Changes bytes as an attacker does.</summary>
    private static Packet Damage(Packet packet, Random random)
    {
        var bytes = packet.Bytes.ToArray();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            // Parsers read headers more than payload.
            var at = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 80) : bytes.Length);
            bytes[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(bytes[at] ^ 1 << random.Next(8)),
                _ => (byte)(random.Next(2) * 255)
            };
        }
        packet = packet with { Bytes = bytes };
        return random.Next(12) switch
        {
            0 => Cut(packet, random.Next(bytes.Length + 1)),
            1 => packet with { Time = random.NextInt64(long.MinValue, long.MaxValue) },
            2 => packet with { Length = random.Next(bytes.Length, 1 << 20) },
            3 => packet with { Time = packet.Time + random.NextInt64(-1_000_000_000_000, 1_000_000_000_000) },
            _ => packet,
        };
    }

    private static CaptureReport Report(List<Packet> packets, CookieRing ring, bool generalOnly, string what)
    {
        using var lines = new MemoryStream();
        try
        {
            var general = new PacketDotNetParser();
            var analyzer = new CaptureAnalysis(Analysis.Options, ring, generalOnly ? general : new FrameParser(),
                generalOnly ? null : general);
            var output = new JsonLines(analyzer.Cluster, lines);
            analyzer.HandshakeKnown = output.Accept;
            var number = 0L;
            foreach (var packet in packets) analyzer.Accept(new Frame(++number, packet.Time, packet.Link, packet.Bytes, packet.Length));
            analyzer.Finish();
            var report = ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, null)]);
            output.Finish(report);
            Assert.Equal(analyzer.Cluster.Handshakes.Count, analyzer.Cluster.Handshakes.Count());
            foreach (var detail in Enum.GetValues<TextDetail>()) Analysis.Text(report, detail);

            var whole = JsonNode.Parse(Analysis.Json(report))!["handshakes"]!.AsArray();
            var last = Encoding.UTF8.GetString(lines.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!).Where(line => line["id"] != null).GroupBy(line => (int)line["id"]!)
                .ToDictionary(group => group.Key, group => group.Last());
            Assert.Equal(whole.Count, last.Count);
            foreach (var handshake in whole)
            {
                var line = last[(int)handshake!["id"]!];
                line["revision"] = 1;
                Assert.True(JsonNode.DeepEquals(handshake, line), $"#{handshake["id"]}");
            }
            return report;
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            throw new InvalidOperationException($"{what}: {problem.Message}", problem);
        }
    }

    /// <summary>A hash that is the same in every process.</summary>
    private static int HashOf(string text) => text.Aggregate(17, (hash, letter) => unchecked(hash * 31 + letter));
}
