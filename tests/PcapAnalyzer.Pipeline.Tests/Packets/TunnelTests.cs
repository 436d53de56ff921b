using System.Text;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Tunnels are looked through to the packet inside, and no deeper than is sane.</summary>
public sealed class TunnelTests
{
    private static readonly byte[] Inner = FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4,
        FrameBuilder.Tcp(4400, 51000, 7, 9, TcpFlags.Ack, "payload!"u8));
    private static readonly byte[] InnerFrame = FrameBuilder.Ethernet(0x0800, Inner);

    private static readonly Dictionary<string, byte[]> Frames = new()
    {
        ["IP in IP"] = Over4(Inner, 4),
        ["IPv4 in IPv6"] = FrameBuilder.Ethernet(0x86DD, FrameBuilder.Ipv6(FrameSamples.A6, FrameSamples.B6, Inner, 4)),
        ["GRE"] = Over4([0, 0, 8, 0, .. Inner], 47),
        ["GRE with a key"] = Over4([0x20, 0, 8, 0, 0, 0, 0, 9, .. Inner], 47),
        ["GRE with checksum, key and sequence number"] = Over4([0xB0, 0, 8, 0, .. new byte[12], .. Inner], 47),
        ["Ethernet over GRE"] = Over4([0, 0, 0x65, 0x58, .. InnerFrame], 47),
        ["VXLAN"] = Over4(Vxlan(InnerFrame), 17),
        ["VXLAN on the port of Linux"] = Over4(Vxlan(InnerFrame, 8472), 17),
        ["VXLAN with a group policy"] = Over4(Vxlan(InnerFrame, 8472, 0x88), 17),
        ["VXLAN over IPv6"] = FrameBuilder.Ethernet(0x86DD,
            FrameBuilder.Ipv6(FrameSamples.A6, FrameSamples.B6, Vxlan(InnerFrame, 8472), 17)),
        ["Geneve"] = Over4(Geneve(0x6558, 0, InnerFrame), 17),
        ["Geneve with options"] = Over4(Geneve(0x6558, 3, InnerFrame), 17),
        ["Geneve with IP inside"] = Over4(Geneve(0x0800, 1, Inner), 17),
        ["Geneve in VXLAN"] = Over4(Vxlan(Over4(Geneve(0x6558, 63, InnerFrame), 17), 8472), 17),
        ["VXLAN in GRE in IP in IP"] = Over4(FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4,
            [0, 0, 8, 0, .. FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4, Vxlan(InnerFrame), 17)], 47), 4),
        ["PPPoE"] = FrameBuilder.Ethernet(0x8864, [0x11, 0, 0, 1, 0, (byte)(Inner.Length + 2), 0, 0x21, .. Inner]),
        ["MPLS"] = FrameBuilder.Ethernet(0x8847, [0, 1, 0, 64, 0, 2, 1, 64, .. Inner]),
    };

    public static TheoryData<string> Names => [.. Frames.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    [HardCase("PPPoE", "PPPoE")]
    [HardCase("MPLS", "MPLS")]
    [HardCase("tunnels: GRE, VXLAN, Geneve, IP in IP", "GRE", "GRE with a key", "VXLAN", "VXLAN on the port of Linux", "Geneve",
        "Geneve with options", "IP in IP", "IPv4 in IPv6")]
    public void The_inner_packet_of_a_tunnel_is_found(string name)
    {
        var bytes = Frames[name];
        var frame = new Frame(1, 0, LinkLayer.En10Mb, bytes, bytes.Length);
        var kind = new FrameParser().Parse(frame, out var segment, out _);
        if (kind == FrameKind.Unsupported) kind = new PacketDotNetParser().Parse(frame, out segment, out _);
        Assert.Equal((FrameKind.Tcp, "payload!"), (kind, Encoding.ASCII.GetString(segment.Payload)));
    }

    /// <summary>A port is no proof: a client of any protocol may have one of these.</summary>
    [Fact]
    public void A_datagram_that_only_has_the_port_of_a_tunnel_is_none()
    {
        Dictionary<string, byte[]> others = new()
        {
            ["VXLAN without its bit"] = Vxlan(InnerFrame, 8472, 0),
            ["VXLAN with a bit too many"] = Vxlan(InnerFrame, 8472, 0x0C),
            ["Geneve of another version"] = [.. Geneve(0x6558, 0, InnerFrame).Select((octet, at) => at == 8 ? (byte)0x40 : octet)],
            ["Geneve with something else inside"] = Geneve(0x8847, 0, InnerFrame),
            ["Geneve with options beyond its end"] = Geneve(0x6558, 3, [])[..20],
            ["nothing"] = Udp(8472, []),
            ["less than a header"] = Udp(6081, [0, 0, 0x65, 0x58]),
        };
        foreach (var (name, bytes) in others)
        {
            var packet = FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4, bytes, 17);
            foreach (var parser in (IFrameParser[])[new FrameParser(), new PacketDotNetParser()])
                Assert.Equal((name, FrameKind.Other),
                    (name, parser.Parse(new Frame(1, 0, LinkLayer.Raw, packet, packet.Length), out _, out _)));
        }
    }

    [Theory]
    [InlineData("VXLAN on the port of Linux", 8)]
    [InlineData("Geneve", 8)]
    [InlineData("Geneve with options", 20)]
    public void A_truncated_tunnel_header_is_reported_as_truncated(string name, int header)
    {
        const int udp = 14 + 20 + 8;
        for (var length = udp - 4; length < udp + header; length++)
        {
            var frame = new Frame(1, 0, LinkLayer.En10Mb, Frames[name].AsSpan(0, length), Frames[name].Length);
            Assert.Equal((length, FrameKind.Cut), (length, new FrameParser().Parse(frame, out _, out _)));
            Assert.Equal((length, FrameKind.Cut), (length, new PacketDotNetParser().Parse(frame, out _, out _)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_truncated_tunnel_throws_nothing_and_adds_no_bytes(string name)
    {
        for (var length = 0; length < Frames[name].Length; length++)
        {
            var frame = new Frame(1, 0, LinkLayer.En10Mb, Frames[name].AsSpan(0, length), Frames[name].Length);
            foreach (var parser in (IFrameParser[])[new FrameParser(), new PacketDotNetParser()])
            {
                parser.Parse(frame, out var segment, out _);
                Assert.True(segment.Payload.Length <= 8 || segment.Payload.Length <= length);
            }
        }
    }

    [Fact]
    [HardCase("tunnels: GRE, VXLAN, Geneve, IP in IP")]
    public void A_hundred_nested_tunnels_are_not_followed()
    {
        var bytes = Inner;
        for (var depth = 0; depth < 100; depth++) bytes = FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4, [0, 0, 8, 0, .. bytes], 47);
        Assert.NotEqual(FrameKind.Tcp, new PacketDotNetParser().Parse(new Frame(1, 0, LinkLayer.Raw, bytes, bytes.Length), out _, out _));
        bytes = Inner;
        for (var depth = 0; depth < 100; depth++) bytes = FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4, Geneve(0x0800, 0, bytes), 17);
        Assert.Equal(FrameKind.Unsupported,
            new PacketDotNetParser().Parse(new Frame(1, 0, LinkLayer.Raw, bytes, bytes.Length), out _, out _));
    }

    private static byte[] Over4(byte[] payload, byte protocol) =>
        FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(FrameSamples.A4, FrameSamples.B4, payload, protocol));

    private static byte[] Vxlan(byte[] frame, ushort port = 4789, byte flags = 8) => Udp(port, [flags, 0, 0, 0, 0, 0, 1, 0, .. frame]);

    private static byte[] Geneve(ushort type, byte optionWords, byte[] inside) =>
        Udp(6081, [optionWords, 0, (byte)(type >> 8), (byte)type, 0, 0, 1, 0, .. new byte[optionWords * 4], .. inside]);

    private static byte[] Udp(ushort port, byte[] payload) =>
        [0x13, 0x88, (byte)(port >> 8), (byte)port, (byte)((payload.Length + 8) >> 8), (byte)(payload.Length + 8), 0, 0, .. payload];
}
