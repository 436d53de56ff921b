using CsCheck;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Two parsers behind one interface: each from bytes, and against each other.</summary>
public sealed class FrameParserTests
{
    private static readonly FrameParser Fast = new();
    private static readonly PacketDotNetParser General = new();

    public static TheoryData<string> Samples => [.. FrameSamples.All.Select(sample => sample.Name)];

    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    private static FrameSample Sample(string name) => FrameSamples.All.Single(sample => sample.Name == name);

    /// <summary>Everything a parser says about a frame, as text.</summary>
    private static string Says(IFrameParser parser, in Frame frame)
    {
        var kind = parser.Parse(frame, out var segment, out var icmp);
        return kind is FrameKind.Tcp or FrameKind.IcmpError
            ? $"{kind} {icmp} {segment.Source} > {segment.Destination} {segment.Sequence} {segment.Acknowledgment} {segment.Flags} "
                + $"{segment.Length} {Convert.ToHexString(segment.Payload)}"
            : kind.ToString();
    }

    private static Frame FrameOf(FrameSample sample) => new(1, 0, sample.Link, sample.Bytes, sample.OriginalLength);

    [Theory]
    [MemberData(nameof(Samples))]
    [HardCase("NULL in the byte order of any machine, every AF_INET6", "null, little-endian", "null, big-endian", "null, ipv6 of Linux",
        "null, ipv6 of BSD", "null, ipv6 of FreeBSD", "null, ipv6 of macOS")]
    [HardCase("LOOP", "loop", "loop, ipv6")]
    [HardCase("VLAN tags, stacked, and priority tags", "vlan", "vlan with an id", "vlan in service vlan", "vlan in old service vlan",
        "three vlans")]
    [HardCase("802.3 with SNAP", "802.3 with SNAP", "802.3 with SNAP, ipv6")]
    [HardCase("raw IP under each of its numbers", "raw 101 ipv4", "raw 12 ipv6", "raw 14", "ipv4 link", "ipv6 link")]
    [HardCase("Linux cooked, both versions", "linux cooked", "linux cooked v2")]
    [HardCase("atomic fragment", "atomic fragment")]
    [HardCase("chain of IPv6 extension headers", "hop-by-hop, routing and destination options", "authentication header", "mobility header")]
    [HardCase("authentication header of length 0", "authentication header of length 0")]
    [HardCase("no total or payload length: segmentation offload", "segmentation offload: no total length",
        "segmentation offload: no payload length", "no total length on a small frame is no offload")]
    [HardCase("link padding", "ethernet padding is cut", "ethernet padding is cut, ipv6", "extension header and ethernet padding")]
    [HardCase("datagram longer than what was captured", "snapshot length", "snapshot length, ipv6")]
    [HardCase("wrong checksums", "wrong checksums")]
    [HardCase("options that are malformed, from the future or wrong: window scale, timestamps, ECN", "tcp options that are malformed",
        "tcp options of no known meaning")]
    [HardCase("data offset below 5 or beyond the segment", "data offset below 5", "data offset beyond the segment")]
    [HardCase("segments of 64 KiB and more", "segments beyond 64 KiB", "segments beyond 64 KiB, jumbogram")]
    public void Each_sample_frame_is_parsed_as_expected(string name)
    {
        var sample = Sample(name);
        var kind = Fast.Parse(FrameOf(sample), out var segment, out var icmp);
        Assert.Equal(sample.Kind, kind);
        if (kind != FrameKind.Fragment) Assert.Equal(sample.Length, segment.Length);
        Assert.Equal(kind == FrameKind.IcmpError, icmp.IsSet);
        if (kind is not (FrameKind.Tcp or FrameKind.IcmpError)) return;
        Assert.Equal((4400, 51000, 7u), (segment.Source.Port, segment.Destination.Port, segment.Sequence));
        Assert.StartsWith(segment.Source.Address.ToString(), segment.Source.Address.AddressFamily
            == System.Net.Sockets.AddressFamily.InterNetwork ? "192.0.2.1" : "2001:db8::1", StringComparison.Ordinal);
        if (segment.Length == FrameSamples.Payload.Length)
            Assert.StartsWith(System.Text.Encoding.ASCII.GetString(segment.Payload), FrameSamples.Payload, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    [HardCase("links, families and headers that it does not know or misreads")]
    public void PacketDotNet_agrees_except_in_the_rows_that_say_so(string name)
    {
        var sample = Sample(name);
        var (fast, general) = (Says(Fast, FrameOf(sample)), Says(General, FrameOf(sample)));
        if (sample.PacketDotNet is not { } exception) Assert.Equal(fast, general);
        else
        {
            Assert.NotEqual(fast, general);
            Assert.StartsWith(exception.Kind.ToString(), general, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Both_parsers_agree_on_every_frame_of_every_capture(string capture)
    {
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture), null);
        var tunnelled = 0;
        var report = source.Read((in frame) =>
        {
            var fast = Says(Fast, frame);
            if (fast == nameof(FrameKind.Unsupported)) tunnelled++;
            else Assert.Equal(fast, Says(General, frame));
        }, CancellationToken.None);
        // What the fast lane leaves to the general one stands in these captures only, and there it is everything.
        Assert.Equal(capture.Contains("encap_gre", StringComparison.Ordinal) || capture.Contains("encap_vxlan", StringComparison.Ordinal)
            ? report.Packets : 0, tunnelled);
        Assert.NotEqual(0, report.Packets);
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Samples))]
    [HardCase("frames that it throws at")]
    public void A_truncated_frame_throws_nothing_and_adds_no_bytes(string name)
    {
        var sample = Sample(name);
        for (var length = 0; length < sample.Bytes.Length; length++)
        {
            var frame = new Frame(1, 0, sample.Link, sample.Bytes.AsSpan(0, length), sample.OriginalLength);
            foreach (var parser in (IFrameParser[])[Fast, General])
            {
                var kind = parser.Parse(frame, out var segment, out _);
                Assert.True(segment.Payload.Length <= Math.Min(length, segment.Length), $"{parser.GetType().Name} at {length}");
                if (kind == FrameKind.Tcp && sample.Kind == FrameKind.Tcp && parser == Fast) Assert.Equal(sample.Length, segment.Length);
            }
        }
    }

    [Fact]
    [HardCase("bytes of any kind")]
    [HardCase("frames that it throws at")]
    public void No_bytes_make_a_parser_throw() =>
        Gen.Select(Gen.Byte.Array[0, 120], Gen.Enum<LinkLayer>(), Gen.Int[0, 60], Gen.Bool).Sample((bytes, link, extra, looksLikeIp) =>
        {
            if (looksLikeIp && bytes.Length > 30 && link == LinkLayer.Raw) (bytes[0], bytes[9]) = (0x45, 6);
            var frame = new Frame(1, 0, link, bytes, bytes.Length + extra);
            foreach (var parser in (IFrameParser[])[Fast, General])
            {
                parser.Parse(frame, out var segment, out _);
                Assert.True(segment.Payload.Length <= Math.Min(segment.Length, bytes.Length));
            }
        });

    [Fact]
    public void Frames_unknown_to_the_fast_lane_go_to_the_general_lane()
    {
        var frame = new Frame(1, 0, LinkLayer.En10Mb, FrameBuilder.Ethernet(0x8864, new byte[40]), 54);
        Assert.Equal(FrameKind.Unsupported, Fast.Parse(frame, out _, out _));
    }

    [Fact]
    [HardCase("PPPoE")]
    public void The_general_lane_reads_PPPoE()
    {
        byte[] pppoe = [0x11, 0, 0, 1, 0, 50, 0, 0x21];
        var datagram = FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4, FrameBuilder.Tcp(4400, 51000, 7, 9, TcpFlags.Ack, "payload!"u8));
        byte[] bytes = FrameBuilder.Ethernet(0x8864, [.. pppoe, .. datagram]);
        Assert.Equal(FrameKind.Tcp, General.Parse(new Frame(1, 0, LinkLayer.En10Mb, bytes, bytes.Length), out var segment, out _));
        Assert.Equal("payload!", System.Text.Encoding.ASCII.GetString(segment.Payload));
    }

    [Fact]
    public void An_icmp_code_has_its_name_or_its_numbers()
    {
        Assert.Equal("icmp-host-unreachable", new IcmpCode(4, 3, 1).ToString());
        Assert.Equal("icmp6-port-unreachable", new IcmpCode(6, 1, 4).ToString());
        Assert.Equal("icmp-3-7", new IcmpCode(4, 3, 7).ToString());
    }
}
