using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>PPP (RFC 1661, RFC 1662), PPPoE (RFC 2516) and Cisco HDLC.</summary>
internal static class PppHeaders
{
    /// <summary>
    /// Address and control (FF 03) may be left away; so may the first byte of the protocol, whose last byte alone is odd. On a serial link
    /// the address of Cisco HDLC may stand instead.
    /// </summary>
    internal static FrameKind? Ppp(ref LayerWalk walk)
    {
        var rest = walk.Rest;
        if (rest.Length < 2) return FrameKind.Cut;
        if (rest[0] is 0x0F or 0x8F && rest[1] == 0) return CiscoHdlc(ref walk);
        var at = rest[0] == 0xFF && rest[1] == 0x03 ? 2 : 0;
        if (rest.Length < at + 2) return FrameKind.Cut;
        var isShort = (rest[at] & 1) != 0;
        int protocol = isShort ? rest[at] : BinaryPrimitives.ReadUInt16BigEndian(rest[at..]);
        return walk.Skip(at + (isShort ? 1 : 2), NextLayers.OfPppProtocol(protocol), protocol);
    }

    internal static FrameKind? Pppoe(ref LayerWalk walk)
    {
        const int header = 6;
        if (walk.Rest.Length < header) return FrameKind.Cut;
        if (walk.Rest[0] != 0x11) return FrameKind.Malformed;
        return walk.Rest[1] == 0 ? walk.Skip(header, Layer.Ppp) : FrameKind.Other; // discovery
    }

    internal static FrameKind? CiscoHdlc(ref LayerWalk walk) => walk.SkipToEtherType(2);
}
