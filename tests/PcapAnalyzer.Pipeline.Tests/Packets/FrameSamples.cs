using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;
using static PcapAnalyzer.Testing.FrameBuilder;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>
/// A frame and what it is: the same TCP segment in every wrapping that nodes are captured in, and what only looks like one.
/// </summary>
/// <param name="Name">The phenomenon.</param>
/// <param name="Link">Link type.</param>
/// <param name="Bytes">The frame as captured.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Payload bytes on the wire.</param>
/// <param name="PacketDotNet">What PacketDotNet alone answers, where that differs, and why.</param>
internal sealed record FrameSample(string Name, LinkLayer Link, byte[] Bytes, FrameKind Kind, int Length,
    (FrameKind Kind, string Why)? PacketDotNet = null)
{
    /// <summary>Bytes on the wire, where a snapshot length cut the frame.</summary>
    internal int Wire { get; init; }

    internal int OriginalLength => Math.Max(Wire, Bytes.Length);
}

internal static class FrameSamples
{
    internal const string Payload = "payload!";
    internal static readonly Endpoint A4 = Endpoint.FromIpv4(0xC0000201, 4400);
    internal static readonly Endpoint B4 = Endpoint.FromIpv4(0xC0000202, 51000);
    internal static readonly Endpoint A6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::1"), 4400);
    internal static readonly Endpoint B6 = Endpoint.From(System.Net.IPAddress.Parse("2001:db8::2"), 51000);

    private const string NoSupport = "PacketDotNet does not know this link type";
    private const string Padding = "PacketDotNet lets link padding into the payload";

    private static readonly byte[] Segment = Tcp(4400, 51000, 7, 9, TcpFlags.Ack | TcpFlags.Psh,
        System.Text.Encoding.ASCII.GetBytes(Payload));
    private static readonly byte[] V4 = Ipv4(A4, B4, Segment);
    private static readonly byte[] V6 = Ipv6(A6, B6, Segment);

    internal static IReadOnlyList<FrameSample> All { get; } =
    [
        Ok("ethernet ipv4", LinkLayer.En10Mb, Ethernet(0x0800, V4)),
        Ok("ethernet ipv6", LinkLayer.En10Mb, Ethernet(0x86DD, V6)),
        Ok("vlan", LinkLayer.En10Mb, Ethernet(0x0800, V4, 0x8100)),
        Ok("vlan with an id", LinkLayer.En10Mb, Patch(Ethernet(0x0800, V4, 0x8100), 14, 0xEF)),
        Ok("vlan in service vlan", LinkLayer.En10Mb, Ethernet(0x0800, V4, 0x88A8, 0x8100)),
        Ok("vlan in old service vlan", LinkLayer.En10Mb, Ethernet(0x86DD, V6, 0x9100, 0x8100)),
        Ok("three vlans", LinkLayer.En10Mb, Ethernet(0x0800, V4, 0x8100, 0x8100, 0x8100)),
        Ok("802.3 with SNAP", LinkLayer.En10Mb, Ethernet((ushort)(V4.Length + 8), [0xAA, 0xAA, 3, 0, 0, 0, 8, 0, .. V4])),
        Ok("802.3 with SNAP, ipv6", LinkLayer.En10Mb,
            Ethernet((ushort)(V6.Length + 8), [0xAA, 0xAA, 3, 0, 0, 0, 0x86, 0xDD, .. V6], 0x8100)),
        Ok("ethernet padding is cut", LinkLayer.En10Mb, [.. Ethernet(0x0800, V4), 1, 2, 3, 4, 5, 6]),
        Ok("ethernet padding is cut, ipv6", LinkLayer.En10Mb, [.. Ethernet(0x86DD, V6), 1, 2, 3, 4, 5, 6]),
        Ok("linux cooked", LinkLayer.LinuxSll, [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, .. V4]),
        Ok("linux cooked v2", LinkLayer.LinuxSll2, [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, .. V4]),
        Ok("raw 101 ipv4", LinkLayer.Raw, V4),
        Ok("raw 12 ipv6", LinkLayer.Raw12, V6),
        Ok("raw 14", LinkLayer.Raw14, V4) with { PacketDotNet = (FrameKind.Unsupported, NoSupport) },
        Ok("ipv4 link", LinkLayer.Ipv4, V4) with { PacketDotNet = (FrameKind.Unsupported, NoSupport) },
        Ok("ipv6 link", LinkLayer.Ipv6, V6) with { PacketDotNet = (FrameKind.Unsupported, NoSupport) },
        Ok("null, little-endian", LinkLayer.Null, [2, 0, 0, 0, .. V4]),
        Ok("null, big-endian", LinkLayer.Null,
            [0, 0, 0, 2, .. V4]) with { PacketDotNet = (FrameKind.Unsupported, "PacketDotNet reads NULL as little-endian only") },
        Ok("null, ipv6 of Linux", LinkLayer.Null,
            [10, 0, 0, 0, .. V6]) with { PacketDotNet = (FrameKind.Unsupported, "PacketDotNet does not know AF_INET6 of Linux") },
        Ok("null, ipv6 of BSD", LinkLayer.Null, [24, 0, 0, 0, .. V6]),
        Ok("null, ipv6 of FreeBSD", LinkLayer.Null, [28, 0, 0, 0, .. V6]),
        Ok("null, ipv6 of macOS", LinkLayer.Null, [30, 0, 0, 0, .. V6]),
        Ok("loop", LinkLayer.Loop, [0, 0, 0, 2, .. V4]) with { PacketDotNet = (FrameKind.Unsupported, NoSupport) },
        Ok("loop, ipv6", LinkLayer.Loop, [0, 0, 0, 24, .. V6]) with { PacketDotNet = (FrameKind.Unsupported, NoSupport) },
        Ok("ipv4 options", LinkLayer.Raw, Ipv4(A4, B4, Segment, options: [1, 1, 1, 1, 1, 1, 1, 0])),
        Ok("tcp options", LinkLayer.Raw, Ipv4(A4, B4, Tcp(4400, 51000, 7, 9, TcpFlags.Ack | TcpFlags.Psh,
            System.Text.Encoding.ASCII.GetBytes(Payload), [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2]))),
        Ok("tcp options that are malformed", LinkLayer.Raw, Ipv4(A4, B4, WithOptions(8, 0, 3, 1, 2, 255, 5, 3))),
        Ok("tcp options of no known meaning", LinkLayer.Raw,
            Ipv4(A4, B4, WithOptions(3, 3, 255, 1, 253, 4, 0xF9, 0x89, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0, 34, 2, 1, 1, 1, 1))),
        Ok("wrong checksums", LinkLayer.Raw, Patch(Patch(V4, 10, 0xAB), 20 + 16, 0xCD)),
        Ok("hop-by-hop options", LinkLayer.Raw, Ipv6(A6, B6, [6, 0, 1, 4, 0, 0, 0, 0, .. Segment], 0)),
        Ok("hop-by-hop, routing and destination options", LinkLayer.Raw, Ipv6(A6, B6,
            [43, 0, 1, 4, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Segment], 0))
            with { PacketDotNet = (FrameKind.Malformed, "PacketDotNet reads every extension header's length off the first") },
        Ok("authentication header", LinkLayer.Raw, Ipv6(A6, B6, [6, 4, 0, 0, .. new byte[20], .. Segment], 51)),
        Ok("mobility header", LinkLayer.Raw, Ipv6(A6, B6, [6, 1, 5, 0, .. new byte[12], .. Segment], 135)),
        Ok("authentication header of length 0", LinkLayer.Raw, Ipv6(A6, B6, [6, 0, 0, 0, 0, 0, 0, 0, .. Segment], 51)),
        Ok("atomic fragment", LinkLayer.Raw, Ipv6(A6, B6, [6, 0, 0, 0, 0, 0, 0, 1, .. Segment], 44)),
        Ok("extension header and ethernet padding", LinkLayer.En10Mb,
            [.. Ethernet(0x86DD, Ipv6(A6, B6, [6, 0, 1, 4, 0, 0, 0, 0, .. Segment], 0)), 0, 0, 0, 0, 0, 0]),
        new("snapshot length", LinkLayer.En10Mb, Ethernet(0x0800, V4)[..^5], FrameKind.Tcp, 8) { Wire = Ethernet(0x0800, V4).Length },
        new("snapshot length, ipv6", LinkLayer.En10Mb, Ethernet(0x86DD, V6)[..^5], FrameKind.Tcp, 8) { Wire = Ethernet(0x86DD, V6).Length },
        new("segmentation offload: no total length", LinkLayer.En10Mb,
            Ethernet(0x0800, Unsized(Ipv4(A4, B4, Tcp(4400, 51000, 7, 9, TcpFlags.Ack, new byte[3000])))), FrameKind.Tcp, 3000),
        new("segmentation offload: no payload length", LinkLayer.En10Mb,
            Ethernet(0x86DD, Unsized(Ipv6(A6, B6, Tcp(4400, 51000, 7, 9, TcpFlags.Ack, new byte[3000])))), FrameKind.Tcp, 3000,
            (FrameKind.Other, "PacketDotNet finds no TCP behind a payload length of 0")),
        new("segments beyond 64 KiB", LinkLayer.En10Mb,
            Ethernet(0x0800, Unsized(Ipv4(A4, B4, Tcp(4400, 51000, 7, 9, TcpFlags.Ack, new byte[200_000])))), FrameKind.Tcp, 200_000),
        new("segments beyond 64 KiB, jumbogram", LinkLayer.En10Mb, Ethernet(0x86DD, Unsized(Ipv6(A6, B6,
            [6, 0, 0xC2, 4, 0, 3, 0xD, 0x5C, .. Tcp(4400, 51000, 7, 9, TcpFlags.Ack, new byte[200_000])], 0))), FrameKind.Tcp, 200_000,
            (FrameKind.Other, "PacketDotNet finds no TCP behind a payload length of 0")),
        new("no total length on a small frame is no offload", LinkLayer.En10Mb, Ethernet(0x0800, Unsized(V4)), FrameKind.Malformed, 0,
            (FrameKind.Tcp, Padding)),
        new("data offset below 5", LinkLayer.Raw, Patch(V4, 20 + 12, 0x40), FrameKind.Malformed, 0),
        new("data offset beyond the segment", LinkLayer.Raw, Patch(V4, 20 + 12, 0xF0), FrameKind.Malformed, 0),
        new("header length below 5", LinkLayer.Raw, Patch(V4, 0, 0x44), FrameKind.Malformed, 0),
        new("version 5", LinkLayer.Raw, Patch(V4, 0, 0x55), FrameKind.Malformed, 0,
            (FrameKind.Unsupported, "PacketDotNet calls another IP version not implemented")),
        new("first fragment", LinkLayer.Raw, Patch(V4, 6, 0x20), FrameKind.Fragment, 0),
        new("later fragment", LinkLayer.Raw, Patch(V4, 7, 0x10), FrameKind.Fragment, 0),
        new("ipv6 fragment", LinkLayer.Raw, Ipv6(A6, B6, [6, 0, 0, 1, 0, 0, 0, 1, .. Segment], 44), FrameKind.Fragment, 0),
        new("arp", LinkLayer.En10Mb, Ethernet(0x0806, [0, 1, 8, 0, 6, 4, 0, 1, .. new byte[20]]), FrameKind.Arp, 28,
            (FrameKind.Other, "only the fast lane reads ARP")),
        new("udp", LinkLayer.Raw, Ipv4(A4, B4, [0x11, 0x30, 0, 53, 0, 8, 0, 0], 17), FrameKind.Other, 0),
        new("icmp unreachable", LinkLayer.Raw, Ipv4(B4, A4, [3, 1, 0, 0, 0, 0, 0, 0, .. V4], 1), FrameKind.IcmpError, 0),
        new("icmpv6 unreachable", LinkLayer.Raw, Ipv6(B6, A6, [1, 4, 0, 0, 0, 0, 0, 0, .. V6], 58), FrameKind.IcmpError, 0),
        new("icmp echo", LinkLayer.Raw, Ipv4(B4, A4, [8, 0, 0, 0, 0, 1, 0, 1], 1), FrameKind.Other, 0),
    ];

    private static FrameSample Ok(string name, LinkLayer link, byte[] bytes) => new(name, link, bytes, FrameKind.Tcp, Payload.Length);

    private static byte[] WithOptions(params byte[] options) =>
        Tcp(4400, 51000, 7, 9, TcpFlags.Ack | TcpFlags.Psh, System.Text.Encoding.ASCII.GetBytes(Payload), options);

    /// <summary>Total or payload length 0, as segmentation offload leaves it.</summary>
    private static byte[] Unsized(byte[] datagram)
    {
        var copy = datagram.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(copy[0] >> 4 == 4 ? 2 : 4), 0);
        return copy;
    }

    private static byte[] Patch(byte[] bytes, int at, byte value)
    {
        var copy = bytes.ToArray();
        copy[at] = value;
        return copy;
    }
}
