using PacketDotNet;
using PacketDotNet.Utils;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>The general lane: PacketDotNet reads Ethernet, IP and TCP, <see cref="LayerWalk"/> what is around and between them.</summary>
/// <remarks>
/// Complete on its own, and slower.
/// PacketDotNet throws on cut and contradictory headers, sometimes only when a property is read; every exception
/// becomes a <see cref="FrameKind"/>. Payloads are sliced here, since its own refuse what a snapshot length cut.
/// </remarks>
public sealed class PacketDotNetParser : IFrameParser
{
    /// <summary>The most layers in one frame. Real frames have a handful; forged ones must not nest for ever.</summary>
    private const int MaxLayers = 32;

    /// <summary>The shortest header of IPv4, in words of 32 bits.</summary>
    private const int IPv4Words = 5;

    /// <summary>Tunnels inside each other, and links inside them.</summary>
    private const int MaxTunnels = 6;

    private const int AuthenticationHeader = 51;

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
            segment = default;
            if (!LinkLayers.IsKnown(frame.Link)) segment.Unopened = new Unopened(Layer.UnknownLink, (int)frame.Link);
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
        if (NextLayers.OfLink(frame.Link) is { } first) return Open(frame.Bytes, first, 0, frame, tunnels, ref segment, ref icmp);
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
                    if (IsAuthenticated(inner))
                        return ParseAuthenticated(bytes, inner, frame, tunnels, ref segment, ref icmp);
                    if (NextLayers.OfIpProtocol((int)inner.Protocol) is var next && !IsOfPacketDotNet(next))
                        return Open(bytes[EndOf(inner)..], next, (int)inner.Protocol, frame, tunnels, ref segment, ref icmp);
                    break;
                case EthernetPacket or Ieee8021QPacket or LinuxSllPacket or LinuxSll2Packet:
                    var (type, end) = EtherTypeOf(bytes, packet);
                    if (!IsOfPacketDotNet(NextLayers.OfEtherType(type)) || packet.PayloadPacket is not (IPPacket or Ieee8021QPacket))
                        return Open(bytes[end..], NextLayers.OfEtherType(type), type, frame, tunnels, ref segment, ref icmp);
                    break;
                case UdpPacket udp when ip != null:
                    return Open(bytes[HeaderOf(udp).Offset..], Layer.Udp, 0, frame, tunnels, ref segment, ref icmp);
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

    private static bool IsOfPacketDotNet(Layer next) => next is Layer.Ip or Layer.Tcp or Layer.Udp or Layer.Icmp or Layer.Vlan;

    /// <summary>The EtherType behind a link header, and where that header ends.</summary>
    private static (int Type, int End) EtherTypeOf(ReadOnlySpan<byte> bytes, Packet link)
    {
        var at = HeaderOf(link).Offset;
        var (type, end) = link switch
        {
            Ieee8021QPacket => (at + 2, at + 4),
            LinuxSllPacket => (at + 14, at + 16),
            LinuxSll2Packet => (at, at + 20),
            _ => (at + 12, at + 14),
        };
        return (bytes[type] << 8 | bytes[type + 1], end);
    }

    /// <summary>Opens what PacketDotNet does not, and gives it the frame or datagram inside.</summary>
    private static FrameKind Open(ReadOnlySpan<byte> bytes, Layer next, int number, scoped in Frame frame, int tunnels,
        ref TcpSegment segment, ref IcmpCode icmp)
    {
        var walk = new LayerWalk(bytes, next, number);
        var kind = walk.Open();
        if (kind == null && tunnels == 0) kind = walk.Stop(Layer.TooDeep);
        if (kind == FrameKind.Unsupported) segment.Unopened = walk.Unopened;
        // What is short though nothing was cut says too much of itself.
        var cut = frame.OriginalLength - frame.Bytes.Length;
        if (kind == FrameKind.Cut && cut == 0) return next == Layer.Udp ? FrameKind.Other : FrameKind.Malformed;
        if (kind != null) return kind.Value;
        var link = walk.Next == Layer.Ip ? LinkLayer.Raw : LinkLayer.En10Mb;
        return Walk(new Frame(frame.Number, frame.Time, link, walk.Rest, walk.Rest.Length + cut), tunnels - 1, ref segment, ref icmp);
    }

    private static bool IsAuthenticated(IPPacket ip) => ip is IPv6Packet v6
        ? (int)v6.NextHeader == AuthenticationHeader || v6.ExtensionHeaders.Any(header => (int)header.NextHeader == AuthenticationHeader)
        : (int)ip.Protocol == AuthenticationHeader;

    /// <summary>
    /// PacketDotNet does not look behind an authentication header of IPv4, and counts that of IPv6 in eights. A segment behind it has the
    /// datagram's addresses.
    /// </summary>
    private static FrameKind ParseAuthenticated(ReadOnlySpan<byte> bytes, IPPacket ip, scoped in Frame frame, int tunnels,
        ref TcpSegment segment, ref IcmpCode icmp)
    {
        var at = HeaderOf(ip).Offset;
        var kind = IpParser.Parse(bytes[at..], frame.OriginalLength - at, ref segment, ref icmp);
        if (kind != FrameKind.Unsupported || segment.Unopened.IsSet) return kind;
        if (ip is not IPv6Packet) return Open(bytes[EndOf(ip)..], Layer.Ah, 0, frame, tunnels, ref segment, ref icmp);
        segment.Unopened = new Unopened(Layer.Ah, 0); // a tunnel, and PacketDotNet does not tell where
        return kind;
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
        segment.Ttl = (byte)ip.TimeToLive;
        segment.Header = bytes[Math.Min(at, bytes.Length)..Math.Min(at + header, bytes.Length)];
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

    /// <summary>Where the headers of a datagram end, those of IPv6 extensions included.</summary>
    private static int EndOf(IPPacket ip) =>
        HeaderOf(ip).Offset + (ip is IPv6Packet v6 ? IPv6Fields.HeaderLength + v6.ExtensionHeadersLength : ip.HeaderLength * 4);

    private static ByteArraySegment HeaderOf(Packet packet) => packet.HeaderSegment;

    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> bytes, Packet packet) => bytes[HeaderOf(packet).Offset..];
}
