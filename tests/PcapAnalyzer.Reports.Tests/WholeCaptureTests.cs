using CsCheck;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>The report does not depend on how the network or the capture splits, repeats and reorders a handshake's bytes.</summary>
public sealed class WholeCaptureTests
{
    private const int Window = 4;

    public static TheoryData<string> Captures =>
    [
        "ractor/01_formats_new.pcap", "ractor/02_wrong_cookie_new.pcap", "ractor/02_wrong_cookie_old.pcap",
        "ractor/03_client_rejects_ack_new.pcap",
        "ractor/04_alive_old.pcap", "ractor/04_self_name_new.pcap", "ractor/06_mesh_new.pcap", "ractor/07_ipv6_new.pcap",
        "ractor/13_mixed_old_to_new.pcap",
        "ractor/04_alive_new.pcap", "ractor/05_simultaneous_new.pcap",
        "erlang/wrong_cookie.pcap", "erlang/v5_name_v6_challenge.pcap", "erlang/alive_false.pcap", "erlang/dynamic_name.pcap",
        "erlang/duplicate_name.pcap",
    ];

    private static CookieRing Ring(string capture) => Analysis.TrueCookies(capture);

    [Theory]
    [MemberData(nameof(Captures))]
    [HardCase("segments out of order")]
    [HardCase("retransmission, exact and partial")]
    public void Any_chunking_duplication_overlap_and_reordering_gives_the_same_report(string capture)
    {
        var original = Trace.Of(capture);
        var expected = Trace.Essence(Trace.Report(original, Ring(capture)));
        Gen.ULong.Sample(
            seed =>
            {
                var random = new Random((int)seed);
                var mangled = Shuffle(Repeat(Split(original, random), random), random);
                var actual = Trace.Essence(Trace.Report(mangled, Ring(capture)));
                Assert.True(expected == actual, $"expected\n{expected}\nactual\n{actual}\n{string.Join('\n', mangled)}");
            },
            iter: 60);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    [HardCase("a byte a segment")]
    public void One_byte_a_segment_gives_the_same_report(string capture)
    {
        var original = Trace.Of(capture);
        var single = original.SelectMany(packet => packet.Payload.Length <= 1
            ? [packet]
            : Enumerable.Range(0, packet.Payload.Length).Select(i => Part(packet, i, 1, isLast: i == packet.Payload.Length - 1)));
        Assert.Equal(Trace.Essence(Trace.Report(original, Ring(capture))), Trace.Essence(Trace.Report(single, Ring(capture))));
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    [HardCase("gap: acknowledged and not captured")]
    public void A_lost_packet_never_makes_a_handshake_verified_or_failed_that_was_not(string capture)
    {
        var original = Trace.Of(capture);
        var whole = Trace.Report(original, Ring(capture));
        for (var lost = 0; lost < original.Count; lost++)
        {
            var report = Trace.Report(original.Where((_, index) => index != lost), Ring(capture));
            foreach (var handshake in report.Handshakes)
            {
                var before = whole.Handshakes.Single(other => other.Initiator.Endpoint == handshake.Initiator.Endpoint
                    && other.Acceptor.Endpoint == handshake.Acceptor.Endpoint);
                foreach (var digest in handshake.Proofs.Where(digest => digest.Verdict is Verdict.Verified or Verdict.Mismatch))
                    Assert.Contains(Trace.Essence(digest), before.Proofs.Select(Trace.Essence));
                if (before.Outcome == Outcome.Established) Assert.True(handshake.Outcome is Outcome.Established or Outcome.Incomplete,
                    $"packet {lost + 1} lost: {handshake.Outcome.Kebab()} {handshake.Diagnosis}");
                if (before.Outcome != Outcome.ProtocolViolation)
                    Assert.True(handshake.Outcome != Outcome.ProtocolViolation, $"packet {lost + 1} lost: {handshake.Diagnosis}");
                if (handshake.Diagnosis.Code == DiagnosisCode.Ok) Assert.True(before.Outcome == Outcome.Established,
                    $"packet {lost + 1} lost: {handshake.Outcome.Kebab()} {handshake.Diagnosis}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    [HardCase("sequence numbers that wrap, in every place")]
    public void Sequence_numbers_that_wrap_change_nothing(string capture)
    {
        var original = Trace.Of(capture);
        var expected = Trace.Essence(Trace.Report(original, Ring(capture)));
        foreach (var before in (uint[])[1, 7, 30, 100, 200])
        {
            // Shift each direction so that its first byte is shortly before the sequence number wraps.
            var moves = original.Where(packet => (packet.Flags & TcpFlags.Syn) != 0)
                .GroupBy(packet => (packet.Source, packet.Destination))
                .ToDictionary(group => group.Key, group => unchecked(0u - before - group.First().Sequence));
            var moved = original.Select(packet => packet with
            {
                Sequence = unchecked(packet.Sequence + moves[(packet.Source, packet.Destination)]),
                Acknowledgment = (packet.Flags & TcpFlags.Ack) == 0 ? 0
                    : unchecked(packet.Acknowledgment + moves[(packet.Destination, packet.Source)]),
            });
            Assert.Equal(expected, Trace.Essence(Trace.Report(moved, Ring(capture))));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    [HardCase("equal times")]
    [HardCase("time that runs backwards")]
    public void The_order_is_the_files_whatever_the_times(string capture)
    {
        var original = Trace.Of(capture);
        foreach (var step in (long[])[0, -1, -1_000_000])
        {
            var told = Trace.Report(original.Select((packet, index) => packet with { Time = original[0].Time + index * step }),
                Ring(capture));
            var expected = Trace.Report(original, Ring(capture));
            Assert.Equal(expected.Handshakes.Select(Order), told.Handshakes.Select(Order));
        }

        static string Order(JudgedHandshake one) => string.Join(' ', [
            one.Initiator.Endpoint.ToString(), one.Status ?? "",
            .. one.Messages.Select(message => $"{message.From} {message.Kind.Word()} {string.Join(',', message.Frames)}"),
            .. one.Proofs.Select(Trace.Essence)]);
    }

    [Fact]
    public void A_changed_byte_in_proof_challenge_or_cookie_is_never_verified()
    {
        var original = Trace.Of("ractor/01_formats_new.pcap");
        var ring = Ring("ractor/01_formats_new.pcap");
        var whole = Trace.Report(original, ring).Handshakes[0];
        foreach (var type in (string[])["challenge", "challenge-reply", "challenge-ack"])
        {
            var frame = (int)whole.Messages.Single(message => message.Kind.Word() == type).Frames[0] - 1;
            for (var at = 0; at < original[frame].Payload.Length; at++)
            {
                var payload = original[frame].Payload.ToArray();
                payload[at] ^= 0x10;
                var report = Trace.Report(original.Select((packet, index) => index == frame ? packet with { Payload = payload } : packet),
                    ring);
                foreach (var handshake in report.Handshakes)
                    foreach (var digest in handshake.Proofs.Where(digest => digest.Verdict == Verdict.Verified))
                        Assert.Contains(Trace.Essence(digest), whole.Proofs.Select(Trace.Essence));
            }
        }
    }

    /// <summary>Splits payloads at random offsets; some parts overlap the part before.</summary>
    private static List<TracePacket> Split(IReadOnlyList<TracePacket> packets, Random random)
    {
        var parts = new List<TracePacket>();
        foreach (var packet in packets)
        {
            var at = 0;
            while (at < packet.Payload.Length)
            {
                var back = random.Next(4) == 0 ? random.Next(at + 1) : 0;
                var length = random.Next(1, packet.Payload.Length - at + 1);
                parts.Add(Part(packet, at - back, length + back, isLast: at + length == packet.Payload.Length));
                at += length;
            }
            if (packet.Payload.Length == 0) parts.Add(packet);
        }
        return parts;
    }

    private static TracePacket Part(TracePacket packet, int at, int length, bool isLast) => packet with
    {
        Sequence = unchecked(packet.Sequence + (uint)at),
        Payload = packet.Payload.AsSpan(at, length).ToArray(),
        Flags = isLast ? packet.Flags : packet.Flags & ~TcpFlags.Fin,
    };

    private static List<TracePacket> Repeat(List<TracePacket> packets, Random random) =>
        [.. packets.SelectMany(packet => random.Next(4) == 0 && !packet.IsClose ? (TracePacket[])[packet, packet] : [packet])];

    /// <summary>
    /// Moves packets by a few positions, within and across directions. FIN and RST stay, because their position is a fact.
    /// </summary>
    private static List<TracePacket> Shuffle(List<TracePacket> packets, Random random)
    {
        var times = packets.Select(packet => packet.Time).ToList();
        for (var i = packets.Count - 1; i > 0; i--)
        {
            var j = Math.Max(0, i - random.Next(Window));
            if (packets[j..(i + 1)].Any(packet => packet.IsClose)) continue;
            (packets[i], packets[j]) = (packets[j], packets[i]);
        }
        return [.. packets.Zip(times, (packet, time) => packet with { Time = time })];
    }
}
