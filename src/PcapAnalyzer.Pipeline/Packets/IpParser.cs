using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>IPv4, IPv6 and their extension headers (RFC 791, RFC 8200) down to TCP (RFC 9293) and ICMP errors, by spans.</summary>
internal static class IpParser
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;
    private const int TcpHeader = 20;

    /// <summary>
    /// A datagram without a length of its own is taken for a segmentation-offload packet only above what padding can reach.
    /// </summary>
    private const int OffloadThreshold = 1500;

    private const int ProtocolIcmp = 1;
    private const int ProtocolTcp = 6;
    private const int ProtocolUdp = 17;
    private const int ProtocolAh = 51;
    private const int ProtocolIcmpV6 = 58;

    /// <param name="bytes">The datagram as captured, perhaps with link padding behind it.</param>
    /// <param name="wire">Its length on the wire, padding included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static FrameKind Parse(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        if (bytes.IsEmpty) return FrameKind.Cut;
        return (bytes[0] >> 4) switch
        {
            4 => ParseV4(bytes, wire, ref segment, ref icmp),
            6 => ParseV6(bytes, wire, ref segment, ref icmp),
            _ => FrameKind.Malformed,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameKind ParseV4(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        if (bytes.Length < Ipv4Header) return FrameKind.Cut;
        var header = (bytes[0] & 0x0F) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (total == 0 && wire > OffloadThreshold) total = wire;
        if (header < Ipv4Header || total < header) return FrameKind.Malformed;
        if ((BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x3FFF) != 0) return FragmentOf(bytes, total, ref segment);
        if (bytes.Length < header) return FrameKind.Cut;
        segment.Ttl = bytes[8];
        return ParseTransport(bytes[9], AddressesV4(bytes), bytes[header..Math.Min(bytes.Length, total)], total - header, ref segment,
            ref icmp);
    }

    private static FrameKind ParseV6(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment, ref IcmpCode icmp)
    {
        if (bytes.Length < Ipv6Header) return FrameKind.Cut;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (length == 0 && wire - Ipv6Header > OffloadThreshold) length = wire - Ipv6Header;
        int next = bytes[6];
        var end = Ipv6Header + length;
        var at = Ipv6Header;
        while (next is 0 or 43 or 44 or 51 or 60 or 135 or 139 or 140)
        {
            if (at + 8 > end) return FrameKind.Malformed;
            if (at + 8 > bytes.Length) return FrameKind.Cut;
            // An atomic fragment (offset 0, no more to come) is a whole datagram (RFC 6946).
            if (next == 44 && (BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]) & 0xFFF9) != 0)
                return FragmentOf(bytes, end, ref segment);
            var size = next switch { 44 => 8, 51 => (bytes[at + 1] + 2) * 4, _ => (bytes[at + 1] + 1) * 8 };
            next = bytes[at];
            at += size;
        }
        if (at > end) return FrameKind.Malformed;
        if (at > bytes.Length) return FrameKind.Cut;
        segment.Ttl = bytes[7];
        return ParseTransport(next, AddressesV6(bytes), bytes[at..Math.Min(bytes.Length, end)], end - at, ref segment, ref icmp);
    }

    /// <summary>The whole of it, from its IP header on, for the <see cref="FragmentTable"/>.</summary>
    internal static FrameKind FragmentOf(ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment)
    {
        segment.Payload = bytes[..Math.Min(bytes.Length, wire)];
        segment.Length = wire;
        return FrameKind.Fragment;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameKind ParseTransport(int protocol, in IpAddresses addresses, ReadOnlySpan<byte> payload, int wire,
        ref TcpSegment segment, ref IcmpCode icmp)
    {
        switch (protocol)
        {
            case ProtocolTcp:
                return ParseTcp(addresses, payload, wire, ref segment);
            case ProtocolIcmp:
                return ParseIcmp(4, payload, ref segment, ref icmp);
            case ProtocolIcmpV6:
                return ParseIcmp(6, payload, ref segment, ref icmp);
            case ProtocolUdp:
                return UdpTunnel.Find(payload, payload.Length < wire, ref segment);
            case ProtocolAh:
                return ParseAuthenticated(addresses, payload, wire, ref segment, ref icmp);
            default:
                return ParseRare(protocol, ref segment);
        }
    }

    /// <summary>The general lane opens tunnels: IP in IP, GRE, …</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameKind ParseRare(int protocol, ref TcpSegment segment)
    {
        var next = NextLayers.OfIpProtocol(protocol);
        if (next == Layer.NoTcp) return FrameKind.Other;
        if (next is Layer.Esp or Layer.IpComp or Layer.L2tpV3 or Layer.UnknownIpProtocol) segment.Unopened = new Unopened(next, protocol);
        return FrameKind.Unsupported;
    }

    /// <summary>Authentication headers (RFC 4302) in IPv4; in IPv6 they are extension headers like others.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameKind ParseAuthenticated(in IpAddresses addresses, ReadOnlySpan<byte> payload, int wire, ref TcpSegment segment,
        ref IcmpCode icmp)
    {
        var kind = SkipAuthentication(payload, wire, out var protocol, out var at);
        return kind ?? ParseTransport(protocol, addresses, payload[at..], wire - at, ref segment, ref icmp);
    }

    /// <param name="payload">Begins with an authentication header.</param>
    /// <param name="wire">Its length on the wire.</param>
    /// <param name="protocol">What follows the last one.</param>
    /// <param name="at">Where that begins.</param>
    /// <returns>Null when it was captured.</returns>
    internal static FrameKind? SkipAuthentication(ReadOnlySpan<byte> payload, int wire, out int protocol, out int at)
    {
        (protocol, at) = (ProtocolAh, 0);
        while (protocol == ProtocolAh)
        {
            if (at + 8 > wire) return FrameKind.Malformed;
            if (at + 8 > payload.Length) return FrameKind.Cut;
            protocol = payload[at];
            at += (payload[at + 1] + 2) * 4;
        }
        return at > wire ? FrameKind.Malformed : at > payload.Length ? FrameKind.Cut : null;
    }

    /// <param name="addresses">Of the datagram.</param>
    /// <param name="bytes">The segment as captured.</param>
    /// <param name="wire">The segment's length on the wire.</param>
    /// <param name="segment">The segment, when the answer is <see cref="FrameKind.Tcp"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FrameKind ParseTcp(in IpAddresses addresses, ReadOnlySpan<byte> bytes, int wire, ref TcpSegment segment)
    {
        if (wire < TcpHeader) return FrameKind.Malformed;
        if (bytes.Length < TcpHeader) return FrameKind.Cut;
        var header = (bytes[12] >> 4) * 4;
        if (header < TcpHeader || header > wire) return FrameKind.Malformed;
        FlowKey.Set(addresses, BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            out segment.Flow, out segment.FromLow);
        segment.Sequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        segment.Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        segment.Flags = (TcpFlags)bytes[13];
        var payload = Math.Min(header, bytes.Length);
        segment.Header = bytes[..payload];
        segment.Payload = bytes[payload..];
        segment.Length = wire - header;
        return FrameKind.Tcp;
    }

    /// <summary>An ICMP error quotes the datagram that it is about; at least the ports and the sequence number of a TCP header.</summary>
    internal static FrameKind ParseIcmp(byte version, ReadOnlySpan<byte> bytes, ref TcpSegment segment, ref IcmpCode icmp)
    {
        if (bytes.Length < 8) return FrameKind.Cut;
        var isError = version == 4 ? bytes[0] is 3 or 11 : bytes[0] is 1 or 3;
        if (!isError) return FrameKind.Other;
        var quoted = bytes[8..];
        if (quoted.IsEmpty || quoted[0] >> 4 != version) return FrameKind.Other;
        var header = version == 4 ? (quoted[0] & 0x0F) * 4 : Ipv6Header;
        if (quoted.Length < header + 8 || header < Ipv4Header) return FrameKind.Cut;
        if (quoted[version == 4 ? 9 : 6] != ProtocolTcp) return FrameKind.Other;
        var tcp = quoted[header..];
        var addresses = version == 4 ? AddressesV4(quoted) : AddressesV6(quoted);
        FlowKey.Set(addresses, BinaryPrimitives.ReadUInt16BigEndian(tcp), BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]), out segment.Flow,
            out segment.FromLow);
        segment.Sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]);
        icmp = new IcmpCode(version, bytes[0], bytes[1]);
        return FrameKind.IcmpError;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static IpAddresses AddressesV4(ReadOnlySpan<byte> datagram) => new(
        0, Endpoint.MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(datagram[12..]), 0,
            Endpoint.MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(datagram[16..]));

    private static IpAddresses AddressesV6(ReadOnlySpan<byte> datagram) => new(
        BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]), BinaryPrimitives.ReadUInt64BigEndian(datagram[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(datagram[24..]), BinaryPrimitives.ReadUInt64BigEndian(datagram[32..]));
}
