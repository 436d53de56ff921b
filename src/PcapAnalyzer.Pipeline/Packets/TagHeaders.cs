using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Tags between the MAC addresses and the datagram whose length is not fixed: LLC, MACsec, TRILL.</summary>
internal static class TagHeaders
{
    /// <summary>
    /// LLC (IEEE 802.2): behind SNAP, without an organisation or with that of bridges, stands an EtherType (RFC 1042). The rest (STP, …)
    /// carries no TCP.
    /// </summary>
    internal static FrameKind? Llc(ref LayerWalk walk)
    {
        const int snap = 8, llc = 3;
        var rest = walk.Rest;
        if (rest.Length < llc) return FrameKind.Cut;
        if (rest.StartsWith((ReadOnlySpan<byte>)[0x06, 0x06, 0x03])) return walk.Skip(llc, Layer.Ip);
        if (!rest.StartsWith((ReadOnlySpan<byte>)[0xAA, 0xAA, 0x03])) return FrameKind.Other;
        if (rest.Length < snap) return FrameKind.Cut;
        var organisation = rest[3] << 16 | rest[4] << 8 | rest[5];
        return organisation is 0 or 0x0000F8 ? walk.SkipToEtherType(snap - 2) : FrameKind.Other;
    }

    /// <summary>MACsec (IEEE 802.1AE): the E and C bits say whether the data is as it was. The integrity check stands behind it.</summary>
    internal static FrameKind? Macsec(ref LayerWalk walk)
    {
        const int tag = 6, channel = 8;
        if (walk.Rest.Length < tag) return FrameKind.Cut;
        var control = walk.Rest[0];
        if ((control & 0x80) != 0) return walk.Stop(Layer.UnknownEtherType, 0x88E5);
        if ((control & 0x0C) != 0) return walk.Stop(Layer.Macsec);
        return walk.SkipToEtherType((control & 0x20) != 0 ? tag + channel : tag);
    }

    /// <summary>TRILL (RFC 6325): six bytes, counted options, then the frame.</summary>
    internal static FrameKind? Trill(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 6) return FrameKind.Cut;
        var bits = BinaryPrimitives.ReadUInt16BigEndian(walk.Rest);
        return bits >> 14 != 0 ? walk.Stop(Layer.Trill) : walk.Skip(6 + (bits >> 6 & 0x1F) * 4, Layer.Ethernet);
    }
}
