using PacketDotNet;
using PacketDotNet.Utils;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>The general lane: PacketDotNet walks the layers, tunnels and rare links included. Complete on its own, and slower.</summary>
/// <remarks>
/// PacketDotNet throws on cut and contradictory headers, sometimes only when a property is read; every exception
/// becomes a <see cref="FrameKind"/>. Payloads are sliced here, since its own refuse what a snapshot length cut.
/// </remarks>
public sealed class PacketDotNetParser : IFrameParser
{
    /// <summary>The most layers in one frame. Real frames have a handful; forged ones must not nest for ever.</summary>
    private const int MaxLayers = 32;

    /// <summary>PacketDotNet does not look into MPLS, so such a frame is unsupported.</summary>
    private const EthernetType MplsUnicast = (EthernetType)0x8847;
    private const EthernetType MplsMulticast = (EthernetType)0x8848;

    /// <summary>The shortest header of IPv4, in words of 32 bits.</summary>
    private const int IPv4Words = 5;

    /// <summary>GRE, VXLAN and Geneve inside each other.</summary>
    private const int MaxTunnels = 4;

    public FrameKind Parse(in Frame frame, out TcpSegment segment, out IcmpCode icmp)
    {
        segment = default;
        icmp = default;
        try
        {
            return Walk(frame, MaxTunnels, ref segment, ref icmp);
        }
        catch (NotImplementedException)
        {
            return FrameKind.Unsupported;
        }
        catch (Exception)
        {
            segment = default;
            return frame.Bytes.Length < frame.OriginalLength ? FrameKind.Cut : FrameKind.Malformed;
        }
    }

    private static FrameKind Walk(scoped in Frame frame, int tunnels, ref TcpSegment segment, ref IcmpCode icmp)
    {
        IPPacket? ip = null;
        var bytes = frame.Bytes;
        // PacketDotNet writes into the buffer it is given, so it gets its own.
        var packet = Packet.ParsePacket((PacketDotNet.LinkLayers)frame.Link, bytes.ToArray());
        for (var layer = 0; packet != null && layer < MaxLayers; layer++, packet = packet.PayloadPacket)
        {
            switch (packet)
            {
                case IPv4Packet { HeaderLength: < IPv4Words }:
                    return FrameKind.Malformed; // PacketDotNet would find the next header in this one
                case IPPacket inner:
                    ip = inner;
                    if (IsFragment(inner)) return IpParser.FragmentOf(bytes[HeaderOf(inner).Offset..], LengthOf(inner), ref segment);
                    break;
                case EthernetPacket { Type: MplsUnicast or MplsMulticast }:
                    return FrameKind.Unsupported;
                case GrePacket gre:
                    return ParseGre(bytes[HeaderOf(gre).Offset..], frame, tunnels, ref segment, ref icmp);
                case UdpPacket udp when ip != null:
                    return ParseUdp(bytes[HeaderOf(udp).Offset..], frame, tunnels, ref segment, ref icmp);
                case TcpPacket tcp when ip != null:
                    return Segment(bytes, ip, tcp, frame, ref segment);
                case IcmpV4Packet v4:
                    return IpParser.ParseIcmp(4, Rest(bytes, v4), ref segment, ref icmp);
                case IcmpV6Packet v6:
                    return IpParser.ParseIcmp(6, Rest(bytes, v6), ref segment, ref icmp);
            }
        }
        return FrameKind.Other;
    }

    /// <summary>PacketDotNet does not count checksum and sequence number into the header (RFC 2784, RFC 2890).</summary>
    private static FrameKind ParseGre(ReadOnlySpan<byte> gre, scoped in Frame frame, int tunnels, ref TcpSegment segment, ref IcmpCode icmp)
    {
        if (gre.Length < 4) return FrameKind.Cut;
        var header = 4 + 4 * ((gre[0] >> 7) + (gre[0] >> 5 & 1) + (gre[0] >> 4 & 1));
        LinkLayer? link = (gre[2] << 8 | gre[3]) switch { 0x0800 or 0x86DD => LinkLayer.Raw, 0x6558 => LinkLayer.En10Mb, _ => null };
        if (link == null) return FrameKind.Unsupported;
        return gre.Length < header ? FrameKind.Cut : ParseInner(gre[header..], link.Value, frame, tunnels, ref segment, ref icmp);
    }

    private static FrameKind ParseUdp(ReadOnlySpan<byte> udp, scoped in Frame frame, int tunnels, ref TcpSegment segment, ref IcmpCode icmp)
    {
        var kind = UdpTunnel.Find(udp, frame.Bytes.Length < frame.OriginalLength, out var link, out var at);
        return kind == FrameKind.Unsupported ? ParseInner(udp[at..], link, frame, tunnels, ref segment, ref icmp) : kind;
    }

    private static FrameKind ParseInner(ReadOnlySpan<byte> inner, LinkLayer link, scoped in Frame frame, int tunnels,
        ref TcpSegment segment, ref IcmpCode icmp)
    {
        if (tunnels == 0) return FrameKind.Unsupported;
        var wire = inner.Length + frame.OriginalLength - frame.Bytes.Length;
        var tunnelled = new Frame(frame.Number, frame.Time, link, inner, wire);
        return Walk(tunnelled, tunnels - 1, ref segment, ref icmp);
    }

    private static FrameKind Segment(ReadOnlySpan<byte> bytes, IPPacket ip, TcpPacket tcp, scoped in Frame frame, ref TcpSegment segment)
    {
        var at = HeaderOf(tcp).Offset;
        var header = tcp.DataOffset * 4;
        var ipAt = HeaderOf(ip).Offset;
        var end = ipAt + ip.TotalLength;
        // A datagram without a length of its own (segmentation offload): PacketDotNet offers the captured length instead.
        if (ip is IPv4Packet && bytes[ipAt + 2] == 0 && bytes[ipAt + 3] == 0) end = frame.OriginalLength;
        var wire = end - at;
        if (bytes.Length - at < TcpFields.HeaderLength) return FrameKind.Cut; // PacketDotNet says 0 for what is not there
        if (header < TcpFields.HeaderLength || header > wire) return FrameKind.Malformed;
        segment.Flow = FlowKey.Of(Endpoint.From(ip.SourceAddress, tcp.SourcePort),
            Endpoint.From(ip.DestinationAddress, tcp.DestinationPort), out segment.FromLow);
        segment.Sequence = tcp.SequenceNumber;
        segment.Acknowledgment = tcp.AcknowledgmentNumber;
        segment.Flags = (TcpFlags)(byte)tcp.Flags;
        segment.Payload = bytes.Slice(Math.Min(at + header, bytes.Length), Math.Max(0, Math.Min(end, bytes.Length) - at - header));
        segment.Length = wire - header;
        return FrameKind.Tcp;
    }

    private static int LengthOf(IPPacket ip) => ip is IPv6Packet v6 ? IPv6Fields.HeaderLength + v6.PayloadLength : ip.TotalLength;

    private static bool IsFragment(IPPacket ip) => ip switch
    {
        IPv4Packet v4 => v4.FragmentOffset != 0 || (v4.FragmentFlags & 1) != 0,
        IPv6Packet v6 => v6.ExtensionHeaders.OfType<IPv6FragmentationExtensionHeader>()
            .Any(header => header.FragmentOffset != 0 || header.More),
        _ => false,
    };

    private static ByteArraySegment HeaderOf(Packet packet) => packet.HeaderSegment;

    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> bytes, Packet packet) => bytes[HeaderOf(packet).Offset..];
}
