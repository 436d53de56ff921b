using System.Text;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Rare links, tags and tunnels: opened to the segment inside, or counted by name.</summary>
public sealed class LinkTests
{
    private static readonly FrameParser Fast = new();
    private static readonly PacketDotNetParser General = new();

    public static TheoryData<string> Opened => [.. LinkSamples.All.Keys];

    public static TheoryData<string> Closed => [.. LinkSamples.Closed.Keys];

    public static TheoryData<string> Others => [.. LinkSamples.Others.Keys];

    private static FrameKind Parse(in Frame frame, bool generalOnly, out TcpSegment segment)
    {
        var kind = generalOnly ? General.Parse(frame, out segment, out _) : Fast.Parse(frame, out segment, out _);
        return kind == FrameKind.Unsupported && !generalOnly ? General.Parse(frame, out segment, out _) : kind;
    }

    [Theory]
    [MemberData(nameof(Opened))]
    [HardCase("ERSPAN I to III", "ERSPAN I", "ERSPAN II", "ERSPAN III", "ERSPAN III with a subheader", "ERSPAN III of IP")]
    [HardCase("VXLAN-GPE, NSH, GTP-U, LISP, L2TP, PPTP, TZSP, EtherIP", "VXLAN-GPE", "VXLAN-GPE of IP", "VXLAN-GPE of NSH", "NSH",
        "NSH in GRE", "GTP-U", "GTP-U with a sequence number", "GTP-U with extension headers", "LISP", "L2TP", "L2TP with every field",
        "PPTP", "TZSP", "EtherIP", "Ethernet in IP")]
    [HardCase("GRE and MPLS over each other and over UDP", "MPLS in GRE", "MPLS in IP", "MPLS in UDP", "GRE in UDP", "VLAN in GRE",
        "GRE in MPLS in UDP in GRE")]
    [HardCase("pseudowires", "pseudowire", "pseudowire with a control word", "pseudowire of a MAC address like IPv4",
        "pseudowire of a MAC address like IPv6")]
    [HardCase("tags: VN-tag, 802.1BR, 802.1ah, FabricPath, TrustSec, TRILL, HSR, clear MACsec", "VN-tag", "VN-tag and VLAN", "802.1BR",
        "802.1ah", "FabricPath", "TrustSec", "TRILL", "HSR", "clear MACsec", "clear MACsec with a channel")]
    [HardCase("authentication header in IPv4", "IPv4 authentication header", "two authentication headers",
        "tunnel behind an authentication header", "datagram behind an authentication header", "UDP tunnel behind an authentication header")]
    [HardCase("PPP with and without address, control and the first byte of its protocol; Cisco HDLC", "PPP", "PPP with address and control",
        "PPP with a short protocol", "PPP with MPLS", "PPP with direction", "serial PPP", "serial Cisco HDLC", "Cisco HDLC",
        "Cisco HDLC, ipv6", "PPPoE with a short protocol", "PPPoE with IPv6", "PPPoE link")]
    [HardCase("LLC without SNAP, FDDI", "LLC without SNAP", "SNAP of bridges", "FDDI")]
    [HardCase("802.11, radiotap, Prism, AVS, PPI", "802.11", "802.11 between access points, with QoS", "802.11 with QoS and HT control",
        "radiotap", "radiotap, padded", "Prism", "AVS", "AVS under the number of Prism", "PPI", "PPI of 802.11")]
    [HardCase("NFLOG, PFLOG, ENC, PKTAP", "NFLOG", "NFLOG, big-endian", "PFLOG", "ENC", "PKTAP", "PKTAP of raw IP", "PKTAP of loopback")]
    [HardCase("VLAN tags in Linux cooked captures", "VLAN in Linux cooked", "VLAN in Linux cooked v2", "two VLANs in Linux cooked v2")]
    public void The_segment_behind_each_link_and_tunnel_is_found(string name)
    {
        var (link, bytes) = LinkSamples.All[name];
        foreach (var generalOnly in (bool[])[false, true])
        {
            Assert.Equal(FrameKind.Tcp, Parse(new Frame(1, 0, link, bytes, bytes.Length), generalOnly, out var segment));
            Assert.Equal((4400, 51000, 7u, "payload!"),
                (segment.Source.Port, segment.Destination.Port, segment.Sequence, Encoding.ASCII.GetString(segment.Payload)));
            Assert.Contains(segment.Source.Address.ToString(), (string[])["192.0.2.1", "2001:db8::1"]);
        }
        Assert.True(LinkLayers.IsKnown(link));
    }

    [Theory]
    [MemberData(nameof(Opened))]
    public void A_truncated_frame_is_refused_and_adds_no_bytes(string name)
    {
        var (link, bytes) = LinkSamples.All[name];
        var header = bytes.AsSpan().IndexOf("payload!"u8);
        for (var length = 0; length < bytes.Length; length++)
        {
            foreach (var generalOnly in (bool[])[false, true])
            {
                var kind = Parse(new Frame(1, 0, link, bytes.AsSpan(0, length), bytes.Length), generalOnly, out var segment);
                Assert.Equal((length, length >= header), (length, kind == FrameKind.Tcp));
                if (kind == FrameKind.Tcp) Assert.Equal((8, Math.Min(8, length - header)), (segment.Length, segment.Payload.Length));
                Parse(new Frame(1, 0, link, bytes.AsSpan(0, length), length), generalOnly, out _);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Closed))]
    [HardCase("links, tunnels and encryption that are not opened")]
    public void What_is_not_opened_is_counted_by_its_name(string name)
    {
        var (link, bytes) = LinkSamples.Closed[name];
        foreach (var generalOnly in (bool[])[false, true])
        {
            var totals = Totals([(link, bytes), (link, bytes)], generalOnly);
            Assert.Equal([(FrameKind.Unsupported, 2)], totals.Undecoded.Select(pair => (pair.Key, pair.Value)));
            Assert.Equal([(name, 2)], totals.Unopened.Select(pair => (pair.Key, pair.Value)));
        }
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void Packets_that_never_hold_TCP_do_not_count_as_undecoded(string name)
    {
        var (link, bytes) = LinkSamples.Others[name];
        foreach (var generalOnly in (bool[])[false, true])
            Assert.Equal(FrameKind.Other, Parse(new Frame(1, 0, link, bytes, bytes.Length), generalOnly, out _));
    }

    [Fact]
    [HardCase("links, tunnels and encryption that are not opened")]
    public void Names_beyond_the_limit_are_counted_together()
    {
        var limit = Analysis.Options.Packets.MaxUnopenedKinds;
        var totals = Totals(Enumerable.Range(0x7000, limit + 5)
            .Select(type => (LinkLayer.En10Mb, FrameBuilder.Ethernet((ushort)type, new byte[46]))), generalOnly: false);
        Assert.Equal((limit + 1, 5, limit + 5), (totals.Unopened.Count, totals.Unopened["others"], totals.Unopened.Values.Sum()));
    }

    /// <summary>A mirror of a tunnel's both ends sees each packet inside and outside of it.</summary>
    [Theory]
    [MemberData(nameof(Opened))]
    [HardCase("the same packet inside and outside of a tunnel")]
    public void A_packet_seen_with_two_encapsulations_counts_once(string name)
    {
        var (link, sample) = LinkSamples.All[name];
        var plain = sample.AsSpan().IndexOf(LinkSamples.V4) >= 0 ? LinkSamples.V4 : LinkSamples.V6;
        var at = sample.AsSpan().LastIndexOf(plain);
        if (at < 0) return; // an authentication header inside the datagram: no tunnel
        var (head, tail) = (sample[..at], sample[(at + plain.Length)..]);
        var isV4 = plain == LinkSamples.V4;
        var packets = new Playbook(isV4 ? "10.0.0.1:50000" : "[2001:db8::1]:50000", isV4 ? "10.0.0.2:4400" : "[2001:db8::2]:4400")
            .Handshake("b@h", "a@h", "right").InitiatorCloses().AcceptorCloses().Packets;
        var once = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, Fast, General);
        var twice = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, Fast, General);
        long number = 0;
        foreach (var packet in packets)
        {
            var datagram = packet.ToDatagram();
            once.Accept(new Frame(++number, packet.Time, LinkLayer.Raw, datagram, datagram.Length));
            twice.Accept(new Frame(number, packet.Time, LinkLayer.Raw, datagram, datagram.Length));
            byte[] outside = [.. head, .. datagram, .. tail];
            Lengthen(outside, datagram.Length - plain.Length, at);
            twice.Accept(new Frame(number, packet.Time + 1000, link, outside, outside.Length));
        }
        Assert.Equal(Essence(once), Essence(twice));
        Assert.Single(twice.Cluster.Handshakes);
        var totals = twice.Cluster.Facts.Totals;
        Assert.Equal((2 * packets.Count, 1), (totals.TcpSegments, totals.Conversations));
    }

    /// <summary>The lengths of IPv4 headers around a datagram grow with it.</summary>
    private static void Lengthen(byte[] bytes, int by, int end)
    {
        for (var at = 0; at + 20 <= end; at++)
        {
            if (bytes[at] != 0x45 || bytes[at + 8] != 64 || !bytes.AsSpan(at + 12, 3).SequenceEqual((ReadOnlySpan<byte>)[192, 0, 2]))
                continue;
            var total = (bytes[at + 2] << 8 | bytes[at + 3]) + by;
            (bytes[at + 2], bytes[at + 3]) = ((byte)(total >> 8), (byte)total);
        }
    }

    private static string Essence(CaptureAnalysis analysis)
    {
        analysis.Finish();
        return Trace.Essence(ReportBuilder.Build([new AnalyzedCapture(analysis.Cluster, null)]));
    }

    private static CaptureTotals Totals(IEnumerable<(LinkLayer Link, byte[] Bytes)> frames, bool generalOnly)
    {
        var analysis = generalOnly ? new CaptureAnalysis(Analysis.Options, CookieRing.Empty, General, null)
            : new CaptureAnalysis(Analysis.Options, CookieRing.Empty, Fast, General);
        foreach (var (link, bytes) in frames) analysis.Accept(new Frame(1, 0, link, bytes, bytes.Length));
        return analysis.Finish().Totals;
    }
}
