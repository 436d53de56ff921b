using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>
/// Whoever changes a byte of a proof or its challenge, in every copy, in one copy, or by leaving it out, gets no
/// <c>verified</c> for it. A digest covers cookie and challenge only: of a name that was changed the proofs may still
/// fit, and then the changed name is what is told.
/// </summary>
public sealed class AlteredBytesTests
{
    /// <summary>Its handshake's bytes are in IP fragments, where this test cannot find them.</summary>
    private const string InFragments = "operators/ipv4_fragments.pcap";

    /// <param name="Start">Where in the bytes the TCP payload begins.</param>
    /// <param name="Count">Payload bytes.</param>
    /// <param name="Sequence">Of the first payload byte.</param>
    private readonly record struct Packet(long Time, LinkLayer Link, byte[] Bytes, int Length, bool IsSyn, Endpoint Source,
        Endpoint Destination, uint Sequence, int Start, int Count);

    /// <summary>A byte of a message: where it is in its direction, and which side's proof depends on it, if one does.</summary>
    /// <param name="Bits">
    /// How many of its lower bits say something: of a varint for 32 bits the fifth byte has four, and decoders drop the others.
    /// </param>
    private readonly record struct Place(Role From, long Offset, Role? Proves, bool IsName, bool IsLast, int Bits);

    public static TheoryData<string> Captures =>
        [.. Repository.AllCaptures.Where(capture => capture != InFragments && Whole(capture) != null)];

    [Fact]
    public void The_captures_cover_every_version_of_both_protocols()
    {
        var versions = Captures.Select(row => row.Data).Select(capture => Whole(capture)!)
            .Select(handshake => $"{handshake.Protocol!.Name} {handshake.First(MessageKind.Name)!.Content.Version} "
            + $"{handshake.First(MessageKind.Name)!.Content.Generation}").Distinct().Order();
        Assert.Equal(["erlang 5 ", "erlang 6 ", "ractor 1 0.14.5 or older", "ractor 1 0.16 or later"], versions);
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    public void No_proof_over_an_altered_byte_stays_verified(string capture)
    {
        var ((handshake, packets, origins), ring) = (CaseOf(capture), Analysis.TrueCookies(capture));
        var places = Places(handshake).ToList();
        Assert.Equal(2, places.Where(place => place.Proves != null).Select(place => place.Proves).Distinct().Count());
        foreach (var place in places)
        {
            var change = (byte)(1 << (int)(place.Offset % place.Bits));
            var altered = Altered(packets, handshake, origins, place, change);
            Assert.True(altered != null, $"{place} is in no packet");
            var what = $"{capture} #{handshake.Number} {place} ^ {change}";
            foreach (var report in Analyze(altered, ring).Handshakes)
            {
                if (place.Proves is { } proves) Assert.True(VerdictOf(report, proves) != Verdict.Verified, what);
                if (place.Proves != null) Assert.True(report.Diagnosis.Code != DiagnosisCode.Ok, what);
                if (!place.IsName) continue;
                Assert.True((place.From == Role.Initiator ? report.Initiator : report.Acceptor).Node != handshake.NodeOf(place.From), what);
                Assert.False($" {report.Diagnosis.Summary} ".Contains($" {handshake.NodeOf(place.From)} ", StringComparison.Ordinal),
                    $"{what}: {report.Diagnosis.Summary}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_missing_or_contradicted_byte_makes_its_proof_not_verifiable(string capture)
    {
        var ((handshake, packets, origins), ring) = (CaseOf(capture), Analysis.TrueCookies(capture));
        foreach (var place in Places(handshake).Where(place => place.Proves != null))
        {
            foreach (var (how, changed) in new[] { ("missing", Cut(packets, handshake, origins, place)),
                ("conflicting", place.IsLast ? null : Copied(packets, handshake, origins, place)) })
            {
                if (changed == null) continue;
                foreach (var report in Analyze(changed, ring).Handshakes)
                {
                    var verdict = VerdictOf(report, place.Proves!.Value);
                    // Where the whole message is lost with it there is no digest, or no challenge.
                    Assert.True(verdict is null or Verdict.NotVerifiable or Verdict.NoChallenge,
                        $"{capture} #{handshake.Number} {place} {how}: {verdict}");
                }
            }
        }
    }

    private static Verdict? VerdictOf(JudgedHandshake report, Role by) => report.ProofBy(by)?.Verdict;

    /// <summary>The first handshake that was established with both proofs verified; null where there is none.</summary>
    private static Handshake? Whole(string capture)
    {
        var ring = Analysis.TrueCookies(capture);
        if (ring.Cookies.Count == 0) return null;
        var analyzer = new CaptureAnalysis(Analysis.Options, ring, new FrameParser(), null);
        foreach (var (packet, index) in Read(capture).Select((packet, index) => (packet, index)))
            analyzer.Accept(new Frame(index + 1, packet.Time, packet.Link, packet.Bytes, packet.Length));
        analyzer.Finish();
        return analyzer.Cluster.Handshakes.FirstOrDefault(handshake => handshake.State == HandshakeState.Acknowledged
            && !handshake.Connection.IsIncomplete
            && analyzer.Cluster.Proof(handshake, Role.Initiator) is { IsVerified: true }
            && analyzer.Cluster.Proof(handshake, Role.Acceptor) is { IsVerified: true });
    }

    /// <summary>The handshake, the packets of its connection, and the sequence number of either side's first byte.</summary>
    private static (Handshake Handshake, List<Packet> Packets, (uint Initiator, uint Acceptor) Origins) CaseOf(string capture)
    {
        var handshake = Whole(capture)!;
        var (packets, origins) = (new List<Packet>(), (Initiator: (uint?)null, Acceptor: (uint?)null));
        foreach (var packet in Read(capture))
        {
            var isFromInitiator = (packet.Source, packet.Destination) == (handshake.Initiator, handshake.Acceptor);
            if (!isFromInitiator && (packet.Destination, packet.Source) != (handshake.Initiator, handshake.Acceptor)) continue;
            packets.Add(packet);
            if (!packet.IsSyn) continue;
            if (isFromInitiator) origins.Initiator ??= packet.Sequence;
            else origins.Acceptor ??= packet.Sequence;
        }
        return (handshake, packets, (origins.Initiator!.Value, origins.Acceptor!.Value));
    }

    private static IEnumerable<Place> Places(Handshake handshake)
    {
        foreach (var message in handshake.Messages)
        {
            foreach (var field in handshake.FieldsOf(message))
            {
                Role? proves = (message.Kind, field.Name) switch
                {
                    (MessageKind.Challenge, "challenge") => Role.Initiator,
                    (MessageKind.ChallengeReply, "challenge") => Role.Acceptor,
                    (MessageKind.ChallengeReply or MessageKind.ChallengeAck, "digest") => message.From,
                    _ => null,
                };
                if (proves == null && field.Name != "node") continue;
                for (var at = field.Lead; at < field.Length; at++)
                    yield return new Place(message.From, message.StreamFrom + message.Header + field.Offset + at,
                        proves, field.Name == "node", message.Kind == MessageKind.ChallengeAck,
                        field is { Name: "challenge", Lead: > 0 } && at - field.Lead == 4 ? 4 : 8);
            }
        }
    }

    private static List<Packet> Read(string capture)
    {
        var packets = new List<Packet>();
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture), null);
        source.Read((in frame) => packets.Add(Parsed(frame)), CancellationToken.None);
        return packets;
    }

    private static Packet Parsed(in Frame frame)
    {
        var bytes = frame.Bytes.ToArray();
        var packet = new Packet(frame.Time, frame.Link, bytes, frame.OriginalLength, false, default, default, 0, 0, 0);
        if (new FrameParser().Parse(new Frame(1, frame.Time, frame.Link, bytes, frame.OriginalLength), out var segment,
            out _) != FrameKind.Tcp) return packet;
        bytes.AsSpan().Overlaps(segment.Payload, out var start);
        var isSyn = segment.Has(TcpFlags.Syn);
        return packet with
        {
            IsSyn = isSyn,
            Source = segment.Source,
            Destination = segment.Destination,
            Sequence = segment.Sequence + (isSyn ? 1u : 0u),
            Start = start,
            Count = segment.Payload.Length
        };
    }

    /// <summary>Where in the packet the byte is; -1 when it is not.</summary>
    private static int Find(in Packet packet, Handshake handshake, (uint Initiator, uint Acceptor) origins, Place place)
    {
        if (packet.Source != handshake.EndpointOf(place.From)) return -1;
        var at = place.Offset - StreamOffset.Of(packet.Sequence, place.From == Role.Initiator ? origins.Initiator : origins.Acceptor,
            near: 0);
        return at < 0 || at >= packet.Count ? -1 : packet.Start + (int)at;
    }

    private static List<Packet>? Altered(List<Packet> packets, Handshake handshake, (uint, uint) origins, Place place, byte change)
    {
        var any = false;
        var altered = packets.Select(packet =>
        {
            if (Find(packet, handshake, origins, place) is not (>= 0 and var at)) return packet;
            any = true;
            return Changed(packet, at, change);
        }).ToList();
        return any ? altered : null;
    }

    /// <summary>Every copy ends before the byte.</summary>
    private static List<Packet> Cut(List<Packet> packets, Handshake handshake, (uint, uint) origins, Place place) =>
        [.. packets.Select(packet => Find(packet, handshake, origins, place) is >= 0 and var at ? packet with { Bytes = packet.Bytes[..at] }
            : packet)];

    /// <summary>Behind the first copy comes one that differs.</summary>
    private static List<Packet> Copied(List<Packet> packets, Handshake handshake, (uint, uint) origins, Place place)
    {
        var copied = packets.ToList();
        var first = packets.FindIndex(packet => Find(packet, handshake, origins, place) >= 0);
        copied.Insert(first + 1, Changed(packets[first], Find(packets[first], handshake, origins, place), 0x01));
        return copied;
    }

    private static Packet Changed(Packet packet, int at, byte change)
    {
        var bytes = packet.Bytes.ToArray();
        bytes[at] ^= change;
        return packet with { Bytes = bytes };
    }

    private static CaptureReport Analyze(List<Packet> packets, CookieRing ring)
    {
        var analyzer = new CaptureAnalysis(Analysis.Options, ring, new FrameParser(), null);
        for (var index = 0; index < packets.Count; index++)
            analyzer.Accept(new Frame(index + 1, packets[index].Time, packets[index].Link, packets[index].Bytes, packets[index].Length));
        analyzer.Finish();
        return ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, null)]);
    }
}
