using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>
/// The fast lane: link headers by spans, then <see cref="IpParser"/>. Knows the links that cluster nodes are captured on.
/// </summary>
/// <remarks>Sources: tcpdump.org/linktypes, IEEE 802.3, 802.1Q. The rest is left to <see cref="PacketDotNetParser"/>.</remarks>
public sealed class FrameParser : IFrameParser
{
    private const int EthernetHeader = 14;
    private const int EthernetTypeOffset = 12;
    private const int VlanTag = 4;
    private const int SllHeader = 16;
    private const int SllProtocolOffset = 14;
    private const int Sll2Header = 20;
    private const int NullHeader = 4;

    public FrameKind Parse(in Frame frame, out TcpSegment segment, out IcmpCode icmp)
    {
        icmp = default;
        if (frame.Link == LinkLayer.En10Mb && PlainFrame.TryParse(frame.Bytes, out segment)) return FrameKind.Tcp;
        return ParseAny(frame, out segment, out icmp);
    }

    private static FrameKind ParseAny(in Frame frame, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        var bytes = frame.Bytes;
        switch (frame.Link)
        {
            case LinkLayer.En10Mb:
                return bytes.Length < EthernetHeader
                    ? FrameKind.Cut
                    : ParseEtherType(bytes, EthernetTypeOffset, frame.OriginalLength, ref segment, ref icmp);
            case LinkLayer.LinuxSll:
                return bytes.Length < SllHeader
                    ? FrameKind.Cut
                    : ParseEtherType(bytes, SllProtocolOffset, frame.OriginalLength, ref segment, ref icmp);
            case LinkLayer.LinuxSll2:
                return bytes.Length < Sll2Header
                    ? FrameKind.Cut
                    : ParseSll2(bytes, frame.OriginalLength, ref segment, ref icmp);
            case LinkLayer.Null or LinkLayer.Loop:
                return bytes.Length < NullHeader
                    ? FrameKind.Cut
                    : ParseFamily(bytes, frame.OriginalLength, ref segment, ref icmp);
            case LinkLayer.Raw or LinkLayer.Raw12 or LinkLayer.Raw14 or LinkLayer.Ipv4 or LinkLayer.Ipv6:
                return IpParser.Parse(bytes, frame.OriginalLength, ref segment, ref icmp);
            default:
                if (!LinkLayers.IsKnown(frame.Link)) segment.Unopened = new Unopened(Layer.UnknownLink, (int)frame.Link);
                return FrameKind.Unsupported;
        }
    }

    /// <summary>Its EtherType stands in front; the rest of a VLAN tag stands behind.</summary>
    private static FrameKind ParseSll2(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        var type = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return IsVlan(type) ? ParseEtherType(bytes, Sll2Header + VlanTag - 2, wire, ref segment, ref icmp)
            : ParseNetwork(type, bytes, Sll2Header, wire, ref segment, ref icmp);
    }

    private static bool IsVlan(ushort type) => type is 0x8100 or 0x88A8 or 0x9100;

    /// <summary>Reads the EtherType at <paramref name="at"/>, through any number of stacked VLAN tags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameKind ParseEtherType(ReadOnlySpan<byte> bytes, int at, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        while (at + 2 <= bytes.Length)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (!IsVlan(type)) return ParseNetwork(type, bytes, at + 2, wire, ref segment, ref icmp);
            at += VlanTag;
        }
        return FrameKind.Cut;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameKind ParseNetwork(ushort type, ReadOnlySpan<byte> bytes, int at, int wire, ref TcpSegment segment,
        ref IcmpCode icmp)
    {
        return type switch
        {
            0x0800 or 0x86DD => IpParser.Parse(bytes[at..], wire - at, ref segment, ref icmp),
            0x0806 => ArpOf(bytes[at..], ref segment),
            0x8847 or 0x8848 => ParseMpls(bytes[at..], wire - at, ref segment, ref icmp),
            < NextLayers.FirstEtherType => ParseSnap(bytes[at..], wire - at, ref segment, ref icmp),
            _ => ParseRare(type, ref segment),
        };
    }

    private static FrameKind ArpOf(ReadOnlySpan<byte> bytes, ref TcpSegment segment)
    {
        segment.Payload = bytes;
        segment.Length = bytes.Length;
        return FrameKind.Arp;
    }

    /// <summary>The general lane opens PPPoE, MACsec, …</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameKind ParseRare(ushort type, ref TcpSegment segment)
    {
        var next = NextLayers.OfEtherType(type);
        if (next == Layer.NoTcp) return FrameKind.Other;
        if (next == Layer.UnknownEtherType) segment.Unopened = new Unopened(next, type);
        return FrameKind.Unsupported;
    }

    /// <summary>802.3 with LLC: IP stands behind a SNAP header without an organisation (RFC 1042). Most others are spanning tree.</summary>
    private static FrameKind ParseSnap(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        const int snap = 8;
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x42, 0x42])) return FrameKind.Other;
        if (bytes.Length < snap) return FrameKind.Cut;
        return bytes.StartsWith((ReadOnlySpan<byte>)[0xAA, 0xAA, 0x03, 0, 0, 0])
            && BinaryPrimitives.ReadUInt16BigEndian(bytes[(snap - 2)..]) is 0x0800 or 0x86DD
            ? IpParser.Parse(bytes[snap..], wire - snap, ref segment, ref icmp) : FrameKind.Unsupported;
    }

    /// <summary>IP behind labels; the general lane opens pseudowires.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameKind ParseMpls(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        var walk = new LayerWalk(bytes, Layer.Mpls);
        var kind = TunnelHeaders.Mpls(ref walk);
        if (kind == FrameKind.Unsupported) segment.Unopened = walk.Unopened;
        if (kind != null) return kind.Value;
        var labels = bytes.Length - walk.Rest.Length;
        return walk.Next == Layer.Ip ? IpParser.Parse(walk.Rest, wire - labels, ref segment, ref icmp) : FrameKind.Unsupported;
    }

    /// <summary>
    /// NULL is in the byte order of the machine that captured, LOOP in network order: families are small, so both are tried.
    /// </summary>
    private static FrameKind ParseFamily(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        var family = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (family > 0xFFFF) family = BinaryPrimitives.ReverseEndianness(family);
        // AF_INET; AF_INET6 of Linux, the BSDs, FreeBSD, macOS
        return family is 2 or 10 or 24 or 28 or 30 ? IpParser.Parse(bytes[NullHeader..], wire - NullHeader, ref segment, ref icmp)
            : FrameKind.Other;
    }
}
