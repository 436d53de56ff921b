using System.Buffers.Binary;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What fragments may cost, and fragments in every wrapping, by both parsers.</summary>
[Collection(nameof(WholeHeap))]
public sealed class FragmentLimitsTests
{
    private static readonly Endpoint A = Endpoint.FromIpv4(0xC0000201, 0);
    private static readonly Endpoint B = Endpoint.FromIpv4(0xC0000202, 0);
    private static readonly byte[] Small = FrameBuilder.Tcp(50000, 4400, 1, 1, TcpFlags.Ack, new byte[100]);
    private static readonly byte[] Big = FrameBuilder.Tcp(50000, 4400, 1, 1, TcpFlags.Ack, new byte[60000]);

    private static byte[] Part(byte[] segment, int from, int length, ushort id, byte protocol = 6, byte[]? options = null)
    {
        length = Math.Min(length, segment.Length - from);
        var bytes = FrameBuilder.Ipv4(A, B, segment.AsSpan(from, length), protocol, options);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)(from / 8 | (from + length < segment.Length ? 0x2000 : 0)));
        return bytes;
    }

    private static CaptureAnalysis New(bool fast) => fast
        ? new CaptureAnalysis(new AnalyzerOptions { Protocols = HandshakeProtocols.All }, CookieRing.Empty, new FrameParser(),
            new PacketDotNetParser())
        : new CaptureAnalysis(new AnalyzerOptions { Protocols = HandshakeProtocols.All }, CookieRing.Empty, new PacketDotNetParser(), null);

    private static CaptureTotals Run(bool fast, LinkLayer link, params byte[][] frames)
    {
        var analyzer = New(fast);
        var n = 0;
        foreach (var f in frames) analyzer.Accept(new Frame(++n, n * 1000, link, f, f.Length));
        return analyzer.Finish().Totals;
    }

    private static void Whole(CaptureTotals facts) => Assert.Equal("1 ", $"{facts.TcpSegments} {string.Join(",", facts.Undecoded)}");

    [Fact]
    public void Completed_datagrams_hold_no_memory()
    {
        var analyzer = New(true);
        var before = GC.GetTotalMemory(true);
        for (var id = 0; id < 4000; id++)
        {
            var (x, y) = (Part(Big, 0, 32000, (ushort)id), Part(Big, 32000, 32000, (ushort)id));
            analyzer.Accept(new Frame(id * 2 + 1, id * 1000, LinkLayer.Raw, x, x.Length));
            analyzer.Accept(new Frame(id * 2 + 2, id * 1000, LinkLayer.Raw, y, y.Length));
        }
        var held = GC.GetTotalMemory(true) - before;
        GC.KeepAlive(analyzer);
        Assert.True(held < 32_000_000, $"held {held} bytes; limit is 16 MiB");
    }

    [Fact]
    [HardCase("fragments that never become whole")]
    public void Complete_datagrams_do_not_evict_an_incomplete_one()
    {
        var frames = new List<byte[]> { Part(Small, 0, 64, 60000) };
        for (var id = 0; id < 4200; id++) { frames.Add(Part(Small, 0, 64, (ushort)id)); frames.Add(Part(Small, 64, 64, (ushort)id)); }
        frames.Add(Part(Small, 64, 64, 60000));
        var facts = Run(true, LinkLayer.Raw, [.. frames]);
        Assert.Equal("4201 ", $"{facts.TcpSegments} {string.Join(",", facts.Undecoded)}");
    }

    [Fact]
    [HardCase("fragments of more than 64 KiB")]
    public void A_long_first_header_cannot_exceed_65535_bytes()
    {
        var segment = FrameBuilder.Tcp(50000, 4400, 1, 1, TcpFlags.Ack, new byte[65515 - 20]);
        var facts = Run(true, LinkLayer.Raw, Part(segment, 0, 32000, 1, 6, new byte[40]), Part(segment, 32000, 32000, 1),
            Part(segment, 64000, 32000, 1));
        Assert.Equal(0, facts.TcpSegments);
        Assert.Equal(3, facts.Undecoded.Values.Sum());
    }

    [Fact]
    [HardCase("fragments of more than 64 KiB")]
    public void A_total_length_of_65536_is_refused()
    {
        var segment = FrameBuilder.Tcp(50000, 4400, 1, 1, TcpFlags.Ack, new byte[65515 - 20 - 19]);
        var facts = Run(true, LinkLayer.Raw, Part(segment, 0, 32000, 1, 6, new byte[20]), Part(segment, 32000, 32000, 1),
            Part(segment, 64000, 32000, 1));
        Assert.Equal(0, facts.TcpSegments);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in tunnels and VLANs, behind other headers")]
    public void Fragments_inside_a_VLAN_are_reassembled(bool fast) => Whole(Run(fast, LinkLayer.En10Mb,
        [.. new[] { Part(Small, 0, 64, 1), Part(Small, 64, 64, 1) }.Select(p => FrameBuilder.Ethernet(0x0800, p, 0x8100))]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("link padding")]
    public void Link_padding_is_not_part_of_a_fragment(bool fast) => Whole(Run(fast, LinkLayer.En10Mb, [.. new[] { Part(Small, 0, 112, 1),
        Part(Small, 112, 64, 1) }.Select(p => (byte[])[.. FrameBuilder.Ethernet(0x0800, p), 9, 9, 9, 9, 9, 9, 9, 9, 9, 9])]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in tunnels and VLANs, behind other headers")]
    public void Fragments_inside_GRE_are_reassembled(bool fast) => Whole(Run(fast, LinkLayer.Raw,
        [.. new[] { Part(Small, 0, 64, 1), Part(Small, 64, 64, 1) }.Select(p => FrameBuilder.Ipv4(A, B, [0, 0, 8, 0, .. p], 47))]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in tunnels and VLANs, behind other headers")]
    public void Fragments_inside_IPIP_are_reassembled(bool fast) => Whole(Run(fast, LinkLayer.Raw,
        [.. new[] { Part(Small, 0, 64, 1), Part(Small, 64, 64, 1) }.Select(p => FrameBuilder.Ipv4(A, B, p, 4))]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in tunnels and VLANs, behind other headers")]
    public void Fragments_inside_VXLAN_are_reassembled(bool fast) => Whole(Run(fast, LinkLayer.Raw, [.. new[] { Part(Small, 0, 64, 1),
        Part(Small, 64, 64, 1) }.Select(p => FrameBuilder.Ipv4(A, B, Vxlan(FrameBuilder.Ethernet(0x0800, p)), 17))]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in tunnels and VLANs, behind other headers")]
    public void Fragments_of_a_VXLAN_datagram_itself_are_reassembled(bool fast)
    {
        var udp = Vxlan(FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(A, B, Small)));
        Whole(Run(fast, LinkLayer.Raw, Part(udp, 0, 64, 1, 17), Part(udp, 64, 2000, 1, 17)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [HardCase("fragments in tunnels and VLANs, behind other headers")]
    public void IPv6_fragments_after_hop_by_hop_options_are_reassembled(bool fast)
    {
        var a6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::1"), 0);
        byte[] Six(int from, int length, bool more) => FrameBuilder.Ipv6(a6, a6, [44, 0, 1, 4, 0, 0, 0, 0, 6, 0, (byte)(from >> 8),
            (byte)(from | (more ? 1 : 0)), 0, 0, 0, 9, .. Small.AsSpan(from, length)], 0);
        Whole(Run(fast, LinkLayer.Raw, Six(0, 64, true), Six(64, 56, false)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fragment_cut_by_the_snapshot_length_gives_nothing(bool fast)
    {
        var (x, y) = (Part(Small, 0, 64, 1), Part(Small, 64, 64, 1));
        var analyzer = New(fast);
        analyzer.Accept(new Frame(1, 1000, LinkLayer.Raw, x, x.Length));
        analyzer.Accept(new Frame(2, 2000, LinkLayer.Raw, y.AsSpan(0, y.Length - 5), y.Length));
        var facts = analyzer.Finish().Totals;
        Assert.Equal("0 [Fragment, 2]", $"{facts.TcpSegments} {string.Join(",", facts.Undecoded)}");
    }

    [Fact]
    public void The_general_lane_alone_reads_fragments_in_tunnels()
    {
        var inner = FrameBuilder.Ipv4(A, B, Small);
        Whole(Run(false, LinkLayer.En10Mb,
            FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(A, B, [0xB0, 0, 8, 0, .. new byte[12], .. inner], 47))));
        Whole(Run(false, LinkLayer.En10Mb, FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(A, B, inner, 4))));
        Whole(Run(false, LinkLayer.En10Mb,
            FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(A, B, Vxlan(FrameBuilder.Ethernet(0x0800, inner)), 17))));
        Whole(Run(false, LinkLayer.En10Mb, FrameBuilder.Ethernet(0x8864, [0x11, 0, 0, 1, 0, (byte)(inner.Length + 2), 0, 0x21, .. inner])));
    }


    private static byte[] Vxlan(byte[] frame) => [0x13, 0x88, 0x12, 0xB5, (byte)((frame.Length + 16) >> 8), (byte)(frame.Length + 16), 0, 0,
        8, 0, 0, 0, 0, 0, 1, 0, .. frame];
}
