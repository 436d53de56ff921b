using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;
using static PcapAnalyzer.Testing.FrameBuilder;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>The same segment behind every rarer header that is opened.</summary>
/// <remarks>The fuzzer begins with them too.</remarks>
internal static class LinkSamples
{
    private static readonly Endpoint A4 = Endpoint.FromIpv4(0xC0000201, 4400);
    private static readonly Endpoint B4 = Endpoint.FromIpv4(0xC0000202, 51000);
    private static readonly Endpoint A6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::1"), 4400);
    private static readonly Endpoint B6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::2"), 51000);

    internal static readonly byte[] Segment = Tcp(4400, 51000, 7, 9, TcpFlags.Ack | TcpFlags.Psh, "payload!"u8);
    internal static readonly byte[] V4 = Ipv4(A4, B4, Segment);
    internal static readonly byte[] V6 = Ipv6(A6, B6, Segment);
    internal static readonly byte[] Inner = Ethernet(0x0800, V4);

    /// <summary>802.11 data from a station to an access point; LLC, SNAP, IPv4.</summary>
    internal static readonly byte[] Wlan = [0x08, 0x01, .. new byte[22], .. Snap(0x0800, V4)];

    internal static IReadOnlyDictionary<string, (LinkLayer Link, byte[] Bytes)> All { get; } = new Dictionary<string, (LinkLayer, byte[])>
    {
        ["LLC without SNAP"] = Eth((ushort)(V4.Length + 3), [6, 6, 3, .. V4]),
        ["SNAP of bridges"] = Eth((ushort)(V4.Length + 8), [0xAA, 0xAA, 3, 0, 0, 0xF8, 8, 0, .. V4]),
        ["VLAN of a fourth TPID"] = Eth(0x9200, [0, 5, 8, 0, .. V4]),
        ["VN-tag"] = Eth(0x8926, [0, 0, 0, 1, 8, 0, .. V4]),
        ["VN-tag and VLAN"] = Eth(0x8926, [0, 0, 0, 1, 0x81, 0, 0, 5, 8, 0, .. V4]),
        ["802.1BR"] = Eth(0x893F, [0, 0, 0, 1, 0, 0, 0x86, 0xDD, .. V6]),
        ["802.1ah"] = Eth(0x88A8, [0, 5, 0x88, 0xE7, 0, 0, 0, 9, .. Inner]),
        ["clear MACsec"] = Eth(0x88E5, [0, 0, 0, 0, 0, 1, 8, 0, .. V4, .. new byte[16]]),
        ["clear MACsec with a channel"] = Eth(0x88E5, [0x20, 0, 0, 0, 0, 1, .. new byte[8], 8, 0, .. V4, .. new byte[16]]),
        ["FabricPath"] = Eth(0x8903, [4, 1, .. Inner]),
        ["TrustSec"] = Eth(0x8909, [1, 1, 0, 1, 0, 7, 8, 0, .. V4]),
        ["TRILL"] = Eth(0x22F3, [0, 0x43, 0, 1, 0, 2, 0, 0, 0, 0, .. Inner]),
        ["HSR"] = Eth(0x892F, [0, 60, 0, 1, 8, 0, .. V4]),
        ["NSH"] = Eth(0x894F, [0x0F, 0xC2, 1, 3, 0, 0, 1, 255, .. Inner]),
        ["pseudowire"] = Eth(0x8847, [0, 1, 1, 64, .. Inner]),
        ["pseudowire with a control word"] = Eth(0x8847, [0, 1, 0, 64, 0, 2, 1, 64, 0, 0, 0, 0, .. Inner]),
        ["pseudowire of a MAC address like IPv4"] = Eth(0x8847, [0, 1, 1, 64, 0x45, 0, 0xFF, 1, 2, 3, .. Inner[6..]]),
        ["pseudowire of a MAC address like IPv6"] = Eth(0x8847, [0, 1, 1, 64, 0x60, 1, 2, 3, 0xFF, 5, .. Inner[6..]]),
        ["PPPoE with a short protocol"] = Eth(0x8864, [0x11, 0, 0, 1, 0, (byte)(V4.Length + 1), 0x21, .. V4]),
        ["PPPoE with IPv6"] = Eth(0x8864, [0x11, 0, 0, 1, 0, (byte)(V6.Length + 2), 0, 0x57, .. V6]),

        ["IPv4 authentication header"] = Over(51, [6, 4, 0, 0, .. new byte[20], .. Segment]),
        ["two authentication headers"] = Over(51, [51, 1, 0, 0, .. new byte[8], 6, 4, 0, 0, .. new byte[20], .. Segment]),
        ["tunnel behind an authentication header"] = Over(51, [47, 4, 0, 0, .. new byte[20], 0, 0, 8, 0, .. V4]),
        ["datagram behind an authentication header"] = Over(51, [4, 4, 0, 0, .. new byte[20], .. V4]),
        ["UDP tunnel behind an authentication header"] = Over(51,
            [17, 4, 0, 0, .. new byte[20], .. Udp(4789, [8, 0, 0, 0, 0, 0, 1, 0, .. Inner])]),
        ["EtherIP"] = Over(97, [0x30, 0, .. Inner]),
        ["Ethernet in IP"] = Over(143, Inner),
        ["MPLS in IP"] = Over(137, [0, 1, 1, 64, .. V4]),
        ["MPLS in GRE"] = Over(47, [0, 0, 0x88, 0x47, 0, 1, 1, 64, .. V4]),
        ["VLAN in GRE"] = Over(47, [0, 0, 0x81, 0, 0, 5, 8, 0, .. V4]),
        ["NSH in GRE"] = Over(47, [0, 0, 0x89, 0x4F, 0x0F, 0xC2, 1, 1, 0, 0, 1, 255, .. V4]),
        ["PPTP"] = Over(47, [0x30, 0x81, 0x88, 0x0B, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 3, 0, 0x21, .. V4]),
        ["ERSPAN I"] = Over(47, [0, 0, 0x88, 0xBE, .. Inner]),
        ["ERSPAN II"] = Over(47, [0x10, 0, 0x88, 0xBE, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0, .. Inner]),
        ["ERSPAN III"] = Over(47, [0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, .. new byte[11], .. Inner]),
        ["ERSPAN III with a subheader"] = Over(47, [0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, .. new byte[10], 1, .. new byte[8], .. Inner]),
        ["ERSPAN III of IP"] = Over(47, [0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, .. new byte[9], 8, 0, .. V4]),

        ["VXLAN-GPE"] = OverUdp(4790, [0x0C, 0, 0, 3, 0, 0, 1, 0, .. Inner]),
        ["VXLAN-GPE of IP"] = OverUdp(4790, [0x0C, 0, 0, 1, 0, 0, 1, 0, .. V4]),
        ["VXLAN-GPE of NSH"] = OverUdp(4790, [0x0C, 0, 0, 4, 0, 0, 1, 0, 0x0F, 0xC2, 1, 2, 0, 0, 1, 255, .. V6]),
        ["GTP-U"] = OverUdp(2152, [0x30, 255, 0, 60, 0, 0, 0, 1, .. V4]),
        ["GTP-U with a sequence number"] = OverUdp(2152, [0x32, 255, 0, 64, 0, 0, 0, 1, 0, 1, 0, 0, .. V4]),
        ["GTP-U with extension headers"] = OverUdp(2152, [0x34, 255, 0, 72, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0x40, 1, 0, 0, 0, .. V6]),
        ["GRE in UDP"] = OverUdp(4754, [0x20, 0, 8, 0, 0, 0, 0, 9, .. V4]),
        ["MPLS in UDP"] = OverUdp(6635, [0, 1, 1, 64, .. V4]),
        ["L2TP"] = OverUdp(1701, [0, 2, 0, 1, 0, 1, 0xFF, 3, 0, 0x21, .. V4]),
        ["L2TP with every field"] = OverUdp(1701, [0x4A, 2, 0, 80, 0, 1, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0x21, .. V4]),
        ["LISP"] = OverUdp(4341, [0x80, 0, 0, 1, 0, 0, 0, 0, .. V4]),
        ["TZSP"] = OverUdp(37008, [1, 0, 0, 1, 0, 13, 1, 60, 1, .. Inner]),
        ["GRE in MPLS in UDP in GRE"] = Over(47,
            [0, 0, 0x88, 0x47, 0, 1, 1, 64, .. Ipv4(A4, B4, Udp(6635, [0, 1, 1, 64, .. Ipv4(A4, B4, [0, 0, 8, 0, .. V4], 47)]), 17)]),

        ["PPP"] = ((LinkLayer)9, [0, 0x21, .. V4]),
        ["PPP with address and control"] = ((LinkLayer)9, [0xFF, 3, 0, 0x57, .. V6]),
        ["PPP with a short protocol"] = ((LinkLayer)9, [0x21, .. V4]),
        ["PPP with MPLS"] = ((LinkLayer)9, [0xFF, 3, 2, 0x81, 0, 1, 1, 64, .. V4]),
        ["serial PPP"] = ((LinkLayer)50, [0xFF, 3, 0, 0x21, .. V4]),
        ["serial Cisco HDLC"] = ((LinkLayer)50, [0x0F, 0, 8, 0, .. V4]),
        ["PPP with direction"] = ((LinkLayer)204, [1, 0xFF, 3, 0, 0x21, .. V4]),
        ["PPPoE link"] = ((LinkLayer)51, [0x11, 0, 0, 1, 0, 62, 0, 0x21, .. V4]),
        ["Cisco HDLC"] = ((LinkLayer)104, [0x0F, 0, 8, 0, .. V4]),
        ["Cisco HDLC, ipv6"] = ((LinkLayer)104, [0x8F, 0, 0x86, 0xDD, .. V6]),
        ["FDDI"] = ((LinkLayer)10, [0x50, .. new byte[12], .. Snap(0x0800, V4)]),
        ["MPLS link"] = ((LinkLayer)219, [0, 1, 1, 64, .. V4]),
        ["NFLOG"] = ((LinkLayer)239, [2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0, 5, 0, 10, 0, 0, 0, 0, 0, .. Attribute(V4, isBigEndian: false)]),
        ["NFLOG, big-endian"] = ((LinkLayer)239, [2, 0, 0, 0, 0, 8, 0, 1, 0, 0, 0, 8, .. Attribute(V4, isBigEndian: true)]),
        ["PFLOG"] = ((LinkLayer)117, [61, 2, .. new byte[62], .. V4]),
        ["ENC"] = ((LinkLayer)109, [2, .. new byte[11], .. V4]),
        ["PKTAP"] = ((LinkLayer)258, [108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, .. new byte[96], .. Inner]),
        ["PKTAP of raw IP"] = ((LinkLayer)258, [108, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, .. new byte[96], .. V4]),
        ["PKTAP of loopback"] = ((LinkLayer)258, [108, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. new byte[96], 2, 0, 0, 0, .. V4]),
        ["PPI"] = ((LinkLayer)192, [0, 0, 8, 0, 1, 0, 0, 0, .. Inner]),
        ["PPI of 802.11"] = ((LinkLayer)192, [0, 0, 12, 0, 105, 0, 0, 0, 0, 0, 0, 0, .. Wlan]),
        ["802.11"] = ((LinkLayer)105, Wlan),
        ["802.11 between access points, with QoS"] = ((LinkLayer)105, [0x88, 3, .. new byte[28], 0, 0, .. Snap(0x0800, V4)]),
        ["802.11 with QoS and HT control"] = ((LinkLayer)105, [0x88, 0x81, .. new byte[22], 0, 0, 0, 0, 0, 0, .. Snap(0x86DD, V6)]),
        ["radiotap"] = ((LinkLayer)127, [0, 0, 8, 0, 0, 0, 0, 0, .. Wlan]),
        ["radiotap, padded"] = ((LinkLayer)127, [0, 0, 25, 0, 3, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0x88, 1,
            .. new byte[22], 0, 0, 0, 0, .. Snap(0x0800, V4)]),
        ["Prism"] = ((LinkLayer)119, [.. new byte[144], .. Wlan]),
        ["AVS"] = ((LinkLayer)163, [0x80, 0x21, 0x10, 1, 0, 0, 0, 64, .. new byte[56], .. Wlan]),
        ["AVS under the number of Prism"] = ((LinkLayer)119, [0x80, 0x21, 0x10, 2, 0, 0, 0, 64, .. new byte[56], .. Wlan]),
        ["VLAN in Linux cooked"] = (LinkLayer.LinuxSll, [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0xA8, 0, 5, 8, 0, .. V4]),
        ["VLAN in Linux cooked v2"] = (LinkLayer.LinuxSll2,
            [0x81, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 8, 0, .. V4]),
        ["two VLANs in Linux cooked v2"] = (LinkLayer.LinuxSll2,
            [0x88, 0xA8, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0x81, 0, 0, 6, 0x86, 0xDD, .. V6]),
    };

    /// <summary>Packets that are not opened, and the name that each is counted under.</summary>
    internal static Dictionary<string, (LinkLayer Link, byte[] Bytes)> Closed { get; } = new()
    {
        ["encrypted MACsec"] = Eth(0x88E5, [0x0C, 0, 0, 0, 0, 1, .. new byte[40]]),
        ["encrypted ESP"] = Over(50, new byte[40]),
        ["encrypted 802.11"] = ((LinkLayer)105, [0x08, 0x41, .. new byte[60]]),
        ["802.11 A-MSDU"] = ((LinkLayer)105, [0x88, 0x01, .. new byte[22], 0x80, 0, .. new byte[60]]),
        ["compressed IPComp"] = Over(108, new byte[40]),
        ["compressed PPP"] = ((LinkLayer)9, [0xFF, 3, 0, 0xFD, .. new byte[40]]),
        ["encrypted PPP"] = ((LinkLayer)9, [0xFF, 3, 0, 0x53, .. new byte[40]]),
        ["PPP with compressed TCP headers"] = ((LinkLayer)9, [0xFF, 3, 0, 0x2D, .. new byte[40]]),
        ["PPP protocol 0x003d"] = ((LinkLayer)9, [0xFF, 3, 0, 0x3D, .. new byte[40]]),
        ["EtherType 0x88b5"] = Eth(0x88B5, new byte[40]),
        ["IP protocol 253"] = Over(253, new byte[40]),
        ["link type 147"] = ((LinkLayer)147, new byte[40]),
        ["L2TPv3"] = Over(115, [0, 0, 0, 1, .. Inner]),
        ["MPLS payload"] = Eth(0x8847, [0, 1, 1, 64, 0xFF, .. new byte[40]]),
        ["GRE with source routes"] = Over(47, [0x40, 0, 8, 0, 0, 0, 0, 0, .. V4]),
        ["tunnel on UDP port 2152"] = OverUdp(2152, [0x30, 255, 0, 60, 0, 0, 0, 1, .. Inner]),
        ["NSH protocol 6"] = Eth(0x894F, [0x0F, 0xC2, 1, 6, 0, 0, 1, 255, .. new byte[20]]),
        ["TRILL of another version"] = Eth(0x22F3, [0x40, 0x03, 0, 1, 0, 2, .. Inner]),
        ["ERSPAN III payload"] = Over(47, [0x10, 0, 0x22, 0xEB, 0, 0, 0, 1, 0x20, .. new byte[9], 4, 0, .. Inner]),
        ["NFLOG of another version"] = ((LinkLayer)239, [2, 1, 0, 0, .. new byte[20]]),
        ["too many headers"] = Eth(0x8926,
            [.. Enumerable.Repeat<byte[]>([0, 0, 0, 1, 0x89, 0x26], 100).SelectMany(tag => tag), 0, 0, 0, 1, 8, 0, .. V4]),
    };

    /// <summary>Known, and without TCP, though rare headers stand around them.</summary>
    internal static Dictionary<string, (LinkLayer Link, byte[] Bytes)> Others { get; } = new()
    {
        ["LLDP"] = Eth(0x88CC, new byte[40]),
        ["spanning tree"] = Eth(38, [0x42, 0x42, 3, .. new byte[35]]),
        ["CDP"] = Eth(60, [0xAA, 0xAA, 3, 0, 0, 12, 0x20, 0, .. new byte[52]]),
        ["PPPoE discovery"] = Eth(0x8863, [0x11, 9, 0, 0, 0, 4, 1, 1, 0, 0]),
        ["LCP"] = ((LinkLayer)9, [0xFF, 3, 0xC0, 0x21, 9, 1, 0, 8, 0, 0, 0, 0]),
        ["beacon"] = ((LinkLayer)105, [0x80, 0, .. new byte[40]]),
        ["802.11 without data"] = ((LinkLayer)105, [0x48, 1, .. new byte[22]]),
        ["OSPF"] = Over(89, new byte[44]),
        ["SCTP"] = Over(132, new byte[44]),
        ["GTP-U echo"] = OverUdp(2152, [0x32, 1, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0]),
        ["key exchange on ESP's port"] = OverUdp(4500, new byte[32]),
        ["L2TP control"] = OverUdp(1701, [0xC8, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]),
        ["GRE keep-alive"] = Over(47, [0, 0, 0, 0]),
        ["anything on the port of MPLS"] = OverUdp(6635, [0xFF, 0xFF, 0xFF, 0xFF, .. new byte[20], 0xFF]),
        ["anything on the port of GRE"] = OverUdp(4754, "GET / HTTP/1.1"u8.ToArray()),
    };

    private static (LinkLayer, byte[]) Eth(ushort type, byte[] bytes) => (LinkLayer.En10Mb, Ethernet(type, bytes));

    private static (LinkLayer, byte[]) Over(byte protocol, byte[] bytes) => Eth(0x0800, Ipv4(A4, B4, bytes, protocol));

    private static (LinkLayer, byte[]) OverUdp(ushort port, byte[] bytes) => Over(17, Udp(port, bytes));

    private static byte[] Udp(ushort port, byte[] payload) =>
        [0x13, 0x88, (byte)(port >> 8), (byte)port, (byte)((payload.Length + 8) >> 8), (byte)(payload.Length + 8), 0, 0, .. payload];

    private static byte[] Snap(ushort type, byte[] datagram) => [0xAA, 0xAA, 3, 0, 0, 0, (byte)(type >> 8), (byte)type, .. datagram];

    /// <summary>The packet as NFLOG's attribute 9, at the end of the frame.</summary>
    private static byte[] Attribute(byte[] packet, bool isBigEndian)
    {
        var bytes = new byte[4 + packet.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes,
            isBigEndian ? BinaryPrimitives.ReverseEndianness((ushort)bytes.Length) : (ushort)bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), isBigEndian ? (ushort)0x0900 : (ushort)9);
        packet.CopyTo(bytes, 4);
        return bytes;
    }
}
