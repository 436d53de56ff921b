using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Tunnels in UDP datagrams: VXLAN, VXLAN-GPE, Geneve, GTP-U, GRE, MPLS, L2TP, LISP, TZSP and IPsec.</summary>
/// <remarks>
/// Ports are only a hint, since any client may have one of them: a header that cannot be a tunnel's is
/// another protocol's datagram. PacketDotNet knows few of them, and not the port that Linux and flannel use for VXLAN.
/// Not inlined, here and in the parsers: what a rare header needs would be cleared for every frame.
/// </remarks>
internal static class UdpTunnel
{
    private const int UdpHeader = 8;
    private const int PortOffset = 2;

    /// <param name="udp">The datagram from its UDP header on, as captured.</param>
    /// <param name="isCut">More of it was on the wire.</param>
    /// <param name="segment">Gets the name of a tunnel that nobody here opens.</param>
    /// <returns><see cref="FrameKind.Unsupported"/> for a tunnel, whose inside is the general lane's.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static FrameKind Find(ReadOnlySpan<byte> udp, bool isCut, ref TcpSegment segment)
    {
        var walk = new LayerWalk(udp, Layer.Udp);
        var kind = Open(ref walk);
        if (kind == FrameKind.Cut && !isCut) return FrameKind.Other;
        if (kind == FrameKind.Unsupported) segment.Unopened = walk.Unopened;
        return kind ?? FrameKind.Unsupported;
    }

    /// <summary>Steps over the headers of UDP and of the tunnel.</summary>
    internal static FrameKind? Open(ref LayerWalk walk)
    {
        if (walk.Rest.Length < PortOffset + 2) return FrameKind.Other;
        var port = BinaryPrimitives.ReadUInt16BigEndian(walk.Rest[PortOffset..]);
        if (port is not (1701 or 2152 or 4341 or 4500 or 4754 or 4789 or 4790 or 6081 or 6635 or 8472 or 37008)) return FrameKind.Other;
        if (walk.Rest.Length < UdpHeader + 4) return FrameKind.Cut;
        var header = walk.Rest[UdpHeader..];
        return port switch
        {
            1701 => L2tp(ref walk, header),
            2152 => GtpU(ref walk, header),
            4341 => Lisp(ref walk, header),
            // Four zero bytes are the key exchange, a single byte is a keep-alive (RFC 3948).
            4500 => BinaryPrimitives.ReadUInt32BigEndian(header) == 0 ? FrameKind.Other : walk.Stop(Layer.Esp),
            4754 => Gre(ref walk, header),
            6081 => Geneve(ref walk, header),
            6635 => Mpls(ref walk),
            37008 => Tzsp(ref walk, header),
            _ => Vxlan(ref walk, header, port),
        };
    }

    /// <summary>VXLAN (RFC 7348) and VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe).</summary>
    private static FrameKind? Vxlan(ref LayerWalk walk, ReadOnlySpan<byte> header, int port)
    {
        const int length = 8, hasProtocol = 0x04;
        if (header.Length < length) return FrameKind.Cut;
        // The I bit and no other but that of group policies, which Linux sends too.
        if (port != 4790) return (header[0] & 0x7F) == 0x08 ? walk.Skip(UdpHeader + length, Layer.Ethernet) : FrameKind.Other;
        if ((header[0] & 0xF8) != 0x08 || header[1] != 0 || header[2] != 0) return FrameKind.Other;
        var next = (header[0] & hasProtocol) == 0 ? Layer.Ethernet : TunnelHeaders.OfNsh(header[3]);
        return walk.Skip(UdpHeader + length, next, header[3]);
    }

    /// <summary>RFC 8926: options of a counted length, then an EtherType's content.</summary>
    private static FrameKind? Geneve(ref LayerWalk walk, ReadOnlySpan<byte> header)
    {
        const int length = 8;
        if (header.Length < length) return FrameKind.Cut;
        int type = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
        var next = NextLayers.OfEtherType(type);
        return header[0] >> 6 == 0 && next is Layer.Ip or Layer.Ethernet
            ? walk.Skip(UdpHeader + length + (header[0] & 0x3F) * 4, next, type)
            : FrameKind.Other;
    }

    /// <summary>GTP-U (3GPP TS 29.281), version 1: message type 255 carries a user's datagram, perhaps behind extension headers.</summary>
    private static FrameKind? GtpU(ref LayerWalk walk, ReadOnlySpan<byte> header)
    {
        const int fixedLength = 8, optional = 4, hasExtension = 0x04, mostExtensions = 8, datagram = 255;
        if ((header[0] & 0xF0) != 0x30 || header[1] != datagram) return FrameKind.Other;
        var at = (header[0] & 0x07) == 0 ? fixedLength : fixedLength + optional;
        if (header.Length < at) return FrameKind.Cut;
        var next = (header[0] & hasExtension) == 0 ? 0 : header[at - 1];
        for (var seen = 0; next != 0; seen++)
        {
            if (seen == mostExtensions) return FrameKind.Other;
            if (header.Length <= at) return FrameKind.Cut;
            var length = header[at] * 4;
            if (length == 0) return FrameKind.Other;
            at += length;
            if (header.Length < at) return FrameKind.Cut;
            next = header[at - 1];
        }
        if (header.Length <= at) return FrameKind.Cut;
        return header[at] >> 4 is 4 or 6 ? walk.Skip(UdpHeader + at, Layer.Ip) : walk.Stop(Layer.Udp, 2152);
    }

    /// <summary>GRE in UDP (RFC 8086): its flags leave little choice.</summary>
    private static FrameKind? Gre(ref LayerWalk walk, ReadOnlySpan<byte> header) =>
        (header[0] & 0x4F) != 0 || header[1] != 0
        || NextLayers.OfEtherType(BinaryPrimitives.ReadUInt16BigEndian(header[2..])) is Layer.UnknownEtherType or Layer.Llc
            ? FrameKind.Other : walk.Skip(UdpHeader, Layer.Gre);

    /// <summary>MPLS in UDP (RFC 7510): labels, and behind them something that has a header.</summary>
    private static FrameKind? Mpls(ref LayerWalk walk)
    {
        walk.Skip(UdpHeader, Layer.Mpls);
        var kind = TunnelHeaders.Mpls(ref walk);
        return kind == FrameKind.Unsupported ? FrameKind.Other : kind;
    }

    /// <summary>L2TP (RFC 2661), version 2: data messages carry PPP. Version 3 does not say how long its cookie is.</summary>
    private static FrameKind? L2tp(ref LayerWalk walk, ReadOnlySpan<byte> header)
    {
        const int isControl = 0x8000, hasLength = 0x4000, hasSequence = 0x0800, hasOffset = 0x0200;
        int flags = BinaryPrimitives.ReadUInt16BigEndian(header);
        var version = flags & 0x0F;
        if (version is not (2 or 3) || (flags & isControl) != 0) return FrameKind.Other;
        if (version == 3) return flags == 3 && header[2] == 0 && header[3] == 0 ? walk.Stop(Layer.L2tpV3) : FrameKind.Other;
        var at = 6 + ((flags & hasLength) != 0 ? 2 : 0) + ((flags & hasSequence) != 0 ? 4 : 0);
        if ((flags & hasOffset) == 0) return walk.Skip(UdpHeader + at, Layer.Ppp);
        if (header.Length < at + 2) return FrameKind.Cut;
        return walk.Skip(UdpHeader + at + 2 + BinaryPrimitives.ReadUInt16BigEndian(header[at..]), Layer.Ppp);
    }

    /// <summary>LISP (RFC 9300): eight bytes, then IP.</summary>
    private static FrameKind? Lisp(ref LayerWalk walk, ReadOnlySpan<byte> header)
    {
        const int length = 8;
        if (header.Length <= length) return FrameKind.Cut;
        return header[length] >> 4 is 4 or 6 ? walk.Skip(UdpHeader + length, Layer.Ip) : FrameKind.Other;
    }

    /// <summary>TZSP, which MikroTik routers mirror with: tagged fields up to an end tag, then the frame.</summary>
    private static FrameKind? Tzsp(ref LayerWalk walk, ReadOnlySpan<byte> header)
    {
        const int padding = 0, end = 1, ethernet = 1;
        if (header[0] != 1 || header[1] > 1 || BinaryPrimitives.ReadUInt16BigEndian(header[2..]) != ethernet) return FrameKind.Other;
        for (var at = 4; at < header.Length;)
        {
            if (header[at] == end) return walk.Skip(UdpHeader + at + 1, Layer.Ethernet);
            if (header[at] == padding) at++;
            else if (at + 1 < header.Length) at += 2 + header[at + 1];
            else break;
        }
        return FrameKind.Cut;
    }
}
