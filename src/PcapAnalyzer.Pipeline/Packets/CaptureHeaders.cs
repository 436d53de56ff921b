using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Headers that no wire carries: what kernels put in front of packets that they hand to a capture.</summary>
internal static class CaptureHeaders
{
    /// <summary>Linux's firewall log: a family and attributes in the byte order of the capturing machine; one is the packet.</summary>
    internal static FrameKind? Nflog(ref LayerWalk walk)
    {
        const int header = 4, attribute = 4, payload = 9, mostAttributes = 64;
        var rest = walk.Rest;
        if (rest.Length < header) return FrameKind.Cut;
        if (rest[1] != 0) return walk.Stop(Layer.Nflog); // another version
        var at = header;
        for (var seen = 0; seen < mostAttributes && at + attribute <= rest.Length; seen++)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest[at..]);
            int type = BinaryPrimitives.ReadUInt16LittleEndian(rest[(at + 2)..]);
            // Types are small: a machine of the other byte order has its type in the high byte.
            if (type >= 0x100 && (type & 0xFF) == 0) (length, type) = (BinaryPrimitives.ReverseEndianness((ushort)length), type >> 8);
            if (length < attribute) return FrameKind.Malformed;
            if (type == payload) return walk.Skip(at + attribute, Layer.Ip);
            at += length + 3 & ~3;
        }
        return at >= rest.Length ? FrameKind.Cut : FrameKind.Malformed;
    }

    /// <summary>OpenBSD's packet filter log: its length, then an address family.</summary>
    internal static FrameKind? Pflog(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 2) return FrameKind.Cut;
        return walk.Rest[0] < 4 ? FrameKind.Malformed : walk.Skip(walk.Rest[0] + 3 & ~3, Layer.Ip);
    }

    /// <summary>OpenBSD's IPsec interface: family, SPI and flags; the datagram behind is in the clear.</summary>
    internal static FrameKind? Enc(ref LayerWalk walk) => walk.Skip(12, Layer.Ip);

    /// <summary>Apple's: a length and the link type of what follows, little-endian.</summary>
    internal static FrameKind? Pktap(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 12) return FrameKind.Cut;
        return Wrapped(ref walk, BinaryPrimitives.ReadUInt32LittleEndian(walk.Rest), 12,
            BinaryPrimitives.ReadUInt32LittleEndian(walk.Rest[8..]));
    }

    /// <summary>Per-packet information: the same in another order.</summary>
    internal static FrameKind? Ppi(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 8) return FrameKind.Cut;
        return Wrapped(ref walk, BinaryPrimitives.ReadUInt16LittleEndian(walk.Rest[2..]), 8,
            BinaryPrimitives.ReadUInt32LittleEndian(walk.Rest[4..]));
    }

    private static FrameKind? Wrapped(ref LayerWalk walk, uint length, uint least, uint link)
    {
        if (length < least || length > 4096) return FrameKind.Malformed;
        var inner = (LinkLayer)link switch
        {
            LinkLayer.En10Mb => Layer.Ethernet,
            LinkLayer.Raw or LinkLayer.Raw12 or LinkLayer.Raw14 or LinkLayer.Ipv4 or LinkLayer.Ipv6 => Layer.Ip,
            LinkLayer.Null or LinkLayer.Loop => Layer.Ip,
            var other => NextLayers.OfLink(other) ?? Layer.UnknownLink,
        };
        var family = (LinkLayer)link is LinkLayer.Null or LinkLayer.Loop ? 4 : 0;
        return walk.Skip((int)length + family, inner, (int)link);
    }
}
