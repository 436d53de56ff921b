using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Tunnels behind an IP protocol or an EtherType: GRE, ERSPAN, MPLS, NSH; and the authentication header.</summary>
internal static class TunnelHeaders
{
    private const int EthernetTypeOffset = 12;

    /// <summary>GRE (RFC 2784, RFC 2890) and the GRE of PPTP (RFC 2637). Only ERSPAN I has no header of its own.</summary>
    internal static FrameKind? Gre(ref LayerWalk walk)
    {
        const int hasChecksum = 0x80, hasRoutes = 0x40, hasKey = 0x20, hasSequence = 0x10;
        var rest = walk.Rest;
        if (rest.Length < 4) return FrameKind.Cut;
        var (flags, version) = (rest[0], rest[1] & 7);
        if (version > 1 || (flags & hasRoutes) != 0) return walk.Stop(Layer.Gre);
        var header = 4 + Word(flags & hasChecksum) + Word(flags & hasKey) + Word(flags & hasSequence);
        if (version == 1) header += Word(rest[1] & 0x80); // an acknowledgement
        int type = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        var next = type == 0 ? Layer.NoTcp : NextLayers.OfEtherType(type); // 0 is Cisco's keep-alive
        if (next == Layer.Erspan2 && (flags & hasSequence) == 0) next = Layer.Ethernet;
        if (type is > 0 and < NextLayers.FirstEtherType) next = Layer.UnknownEtherType;
        return walk.Skip(header, next, type);
    }

    private static int Word(int flag) => flag == 0 ? 0 : 4;

    /// <summary>ERSPAN II and III (draft-foschiano-erspan): the mirrored frame stands behind them.</summary>
    internal static FrameKind? Erspan(ref LayerWalk walk)
    {
        if (walk.Next == Layer.Erspan2) return walk.Skip(8, Layer.Ethernet);
        const int header = 12, subheader = 8;
        if (walk.Rest.Length < header) return FrameKind.Cut;
        var inner = (walk.Rest[10] >> 2 & 0x1F) switch { 0 => Layer.Ethernet, 2 => Layer.Ip, _ => Layer.Erspan3 };
        if (inner == Layer.Erspan3) return walk.Stop(Layer.Erspan3);
        return walk.Skip((walk.Rest[11] & 1) != 0 ? header + subheader : header, inner);
    }

    /// <summary>
    /// Labels up to the bottom of the stack (RFC 3032). What follows has no type: IP, or a pseudowire's Ethernet frame, perhaps behind a
    /// control word that begins with a zero (RFC 4385).
    /// </summary>
    internal static FrameKind? Mpls(ref LayerWalk walk)
    {
        const int label = 4, control = 4;
        var rest = walk.Rest;
        var at = label;
        while (at <= rest.Length && (rest[at - 2] & 1) == 0) at += label;
        if (at >= rest.Length) return FrameKind.Cut;
        var inner = rest[at..];
        if (IsIp(inner)) return walk.Skip(at, Layer.Ip);
        if (inner[0] >> 4 == 0 && IsEthernet(inner, control)) return walk.Skip(at + control, Layer.Ethernet);
        return IsEthernet(inner, 0) ? walk.Skip(at, Layer.Ethernet) : walk.Stop(Layer.Mpls);
    }

    /// <summary>A MAC address may begin like an IP header: the datagram's length decides, or else the EtherType.</summary>
    private static bool IsIp(ReadOnlySpan<byte> bytes)
    {
        const int longestFixed = 40;
        var version = bytes[0] >> 4;
        if (version != 6 && (version != 4 || (bytes[0] & 0x0F) < 5)) return false;
        if (bytes.Length < longestFixed || !IsEthernet(bytes, 0)) return true;
        var length = version == 4 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])
            : longestFixed + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        return length <= bytes.Length;
    }

    private static bool IsEthernet(ReadOnlySpan<byte> bytes, int at)
    {
        at += EthernetTypeOffset;
        if (bytes.Length < at + 2) return false;
        int type = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
        return type >= NextLayers.FirstEtherType && NextLayers.OfEtherType(type) != Layer.UnknownEtherType;
    }

    /// <summary>Service chains (RFC 8300): a length in words, then what is inside.</summary>
    internal static FrameKind? Nsh(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 8) return FrameKind.Cut;
        var length = (walk.Rest[1] & 0x3F) * 4;
        if (length < 8) return FrameKind.Malformed;
        int protocol = walk.Rest[3];
        return walk.Skip(length, OfNsh(protocol), protocol);
    }

    /// <summary>NSH and VXLAN-GPE number what follows alike.</summary>
    internal static Layer OfNsh(int protocol) => protocol switch
    {
        1 or 2 => Layer.Ip,
        3 => Layer.Ethernet,
        4 => Layer.Nsh,
        5 => Layer.Mpls,
        _ => Layer.UnknownNshProtocol,
    };

    /// <summary>RFC 4302: it signs what follows, and hides nothing.</summary>
    internal static FrameKind? Ah(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 8) return FrameKind.Cut;
        int protocol = walk.Rest[0];
        return walk.Skip((walk.Rest[1] + 2) * 4, NextLayers.OfIpProtocol(protocol), protocol);
    }
}
