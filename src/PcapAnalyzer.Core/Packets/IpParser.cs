using System.Buffers.Binary;

namespace PcapAnalyzer.Core.Packets;

/// <summary>IPv4, IPv6 and their extension headers (RFC 791, RFC 8200) down to TCP (RFC 9293) and ICMP errors, by spans.</summary>
internal static class IpParser
{
    private const int Ipv4Header = 20;
    private const int Ipv6Header = 40;
    private const int TcpHeader = 20;

    /// <summary>A datagram without a length of its own is taken for a segmentation-offload packet only above what padding can reach.</summary>
    private const int OffloadThreshold = 1500;

    private const int ProtocolIcmp = 1;
    private const int ProtocolTcp = 6;
    private const int ProtocolUdp = 17;
    private const int ProtocolIcmpV6 = 58;
    private const ushort VxlanPort = 4789;

    /// <param name="bytes">The datagram as captured, perhaps with link padding behind it.</param>
    /// <param name="wire">Its length on the wire, padding included.</param>
    internal static FrameKind Parse(ReadOnlySpan<byte> bytes, int wire, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        if (bytes.IsEmpty) return FrameKind.Cut;
        return (bytes[0] >> 4) switch
        {
            4 => ParseV4(bytes, wire, out segment, out icmp),
            6 => ParseV6(bytes, wire, out segment, out icmp),
            _ => FrameKind.Malformed,
        };
    }

    private static FrameKind ParseV4(ReadOnlySpan<byte> bytes, int wire, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        if (bytes.Length < Ipv4Header) return FrameKind.Cut;
        var header = (bytes[0] & 0x0F) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (total == 0 && wire > OffloadThreshold) total = wire;
        if (header < Ipv4Header || total < header) return FrameKind.Malformed;
        if ((BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x3FFF) != 0) return FragmentOf(bytes, total, out segment);
        if (bytes.Length < header) return FrameKind.Cut;
        var source = Endpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), 0);
        var destination = Endpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), 0);
        var payload = bytes[header..Math.Min(bytes.Length, total)];
        return ParseTransport(bytes[9], source, destination, payload, total - header, out segment, out icmp);
    }

    private static FrameKind ParseV6(ReadOnlySpan<byte> bytes, int wire, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        if (bytes.Length < Ipv6Header) return FrameKind.Cut;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (length == 0 && wire - Ipv6Header > OffloadThreshold) length = wire - Ipv6Header;
        var source = Endpoint.FromIpv6(bytes[8..], 0);
        var destination = Endpoint.FromIpv6(bytes[24..], 0);
        int next = bytes[6];
        var end = Ipv6Header + length;
        var at = Ipv6Header;
        while (next is 0 or 43 or 44 or 51 or 60 or 135 or 139 or 140)
        {
            if (at + 8 > end) return FrameKind.Malformed;
            if (at + 8 > bytes.Length) return FrameKind.Cut;
            // An atomic fragment (offset 0, no more to come) is a whole datagram (RFC 6946).
            if (next == 44 && (BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]) & 0xFFF9) != 0) return FragmentOf(bytes, end, out segment);
            var size = next switch { 44 => 8, 51 => (bytes[at + 1] + 2) * 4, _ => (bytes[at + 1] + 1) * 8 };
            next = bytes[at];
            at += size;
        }
        if (at > end) return FrameKind.Malformed;
        if (at > bytes.Length) return FrameKind.Cut;
        return ParseTransport(next, source, destination, bytes[at..Math.Min(bytes.Length, end)], end - at, out segment, out icmp);
    }

    /// <summary>The whole of it, from its IP header on, for the <see cref="FragmentTable"/>.</summary>
    internal static FrameKind FragmentOf(ReadOnlySpan<byte> bytes, int wire, out TcpSegment segment)
    {
        segment = new TcpSegment { Payload = bytes[..Math.Min(bytes.Length, wire)], Length = wire };
        return FrameKind.Fragment;
    }

    private static FrameKind ParseTransport(int protocol, scoped in Endpoint source, scoped in Endpoint destination, ReadOnlySpan<byte> payload, int wire, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        switch (protocol)
        {
            case ProtocolTcp:
                return ParseTcp(source, destination, payload, wire, out segment);
            case ProtocolIcmp:
                return ParseIcmp(4, payload, out segment, out icmp);
            case ProtocolIcmpV6:
                return ParseIcmp(6, payload, out segment, out icmp);
            case ProtocolUdp:
                return payload.Length >= 4 && BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) == VxlanPort ? FrameKind.Unsupported : FrameKind.Other;
            // IP in IP, IPv6 in IPv4, GRE, L2TP: tunnels, the general lane's.
            case 4 or 41 or 47 or 115:
                return FrameKind.Unsupported;
            default:
                return FrameKind.Other;
        }
    }

    /// <param name="source">Source address, port 0.</param>
    /// <param name="destination">Destination address, port 0.</param>
    /// <param name="bytes">The segment as captured.</param>
    /// <param name="wire">The segment's length on the wire.</param>
    /// <param name="segment">The segment, when the answer is <see cref="FrameKind.Tcp"/>.</param>
    internal static FrameKind ParseTcp(scoped in Endpoint source, scoped in Endpoint destination, ReadOnlySpan<byte> bytes, int wire, out TcpSegment segment)
    {
        segment = default;
        if (wire < TcpHeader) return FrameKind.Malformed;
        if (bytes.Length < TcpHeader) return FrameKind.Cut;
        var header = (bytes[12] >> 4) * 4;
        if (header < TcpHeader || header > wire) return FrameKind.Malformed;
        segment = new TcpSegment
        {
            Source = source with { Port = BinaryPrimitives.ReadUInt16BigEndian(bytes) },
            Destination = destination with { Port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) },
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
            Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            Flags = (TcpFlags)bytes[13],
            Payload = bytes[Math.Min(header, bytes.Length)..],
            Length = wire - header,
        };
        return FrameKind.Tcp;
    }

    /// <summary>An ICMP error quotes the datagram that it is about; at least the ports and the sequence number of a TCP header.</summary>
    internal static FrameKind ParseIcmp(byte version, ReadOnlySpan<byte> bytes, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        if (bytes.Length < 8) return FrameKind.Cut;
        var isError = version == 4 ? bytes[0] is 3 or 11 : bytes[0] is 1 or 3;
        if (!isError) return FrameKind.Other;
        var quoted = bytes[8..];
        if (quoted.IsEmpty || quoted[0] >> 4 != version) return FrameKind.Other;
        var header = version == 4 ? (quoted[0] & 0x0F) * 4 : Ipv6Header;
        if (quoted.Length < header + 8 || header < Ipv4Header) return FrameKind.Cut;
        if (quoted[version == 4 ? 9 : 6] != ProtocolTcp) return FrameKind.Other;
        var tcp = quoted[header..];
        var source = version == 4 ? Endpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(quoted[12..]), 0) : Endpoint.FromIpv6(quoted[8..], 0);
        var destination = version == 4 ? Endpoint.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(quoted[16..]), 0) : Endpoint.FromIpv6(quoted[24..], 0);
        segment = new TcpSegment
        {
            Source = source with { Port = BinaryPrimitives.ReadUInt16BigEndian(tcp) },
            Destination = destination with { Port = BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]) },
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
        };
        icmp = new IcmpCode(version, bytes[0], bytes[1]);
        return FrameKind.IcmpError;
    }
}
