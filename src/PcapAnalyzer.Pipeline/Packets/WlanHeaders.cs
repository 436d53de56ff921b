using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>802.11 frames and what monitoring cards put in front of them: radiotap, Prism and AVS.</summary>
internal static class WlanHeaders
{
    /// <summary>radiotap.org: a length, words that say which fields follow, the fields.</summary>
    internal static FrameKind? Radiotap(ref LayerWalk walk)
    {
        var rest = walk.Rest;
        if (rest.Length < 8) return FrameKind.Cut;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
        if (rest[0] != 0 || length < 8) return FrameKind.Malformed;
        if (rest.Length < length) return FrameKind.Cut;
        var isPadded = (FlagsOf(rest[..length]) & 0x20) != 0;
        return walk.Skip(length, Layer.Wlan) ?? Wlan(ref walk, isPadded);
    }

    private static int FlagsOf(ReadOnlySpan<byte> header)
    {
        var present = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        var at = 8;
        for (var more = present; (more & 0x8000_0000) != 0 && at + 4 <= header.Length; at += 4)
            more = BinaryPrimitives.ReadUInt32LittleEndian(header[at..]);
        if ((present & 1) != 0) at = (at + 7 & ~7) + 8; // a timer, aligned
        return (present & 2) != 0 && at < header.Length ? header[at] : 0;
    }

    /// <summary>The older Prism header has a fixed length, and AVS cards answer to its link type too.</summary>
    internal static FrameKind? Prism(ref LayerWalk walk)
    {
        const int prism = 144;
        if (walk.Rest.Length < 4) return FrameKind.Cut;
        var isAvs = (BinaryPrimitives.ReadUInt32BigEndian(walk.Rest) & 0xFFFF_F000) == 0x8021_1000;
        return isAvs ? Avs(ref walk) : walk.Skip(prism, Layer.Wlan);
    }

    internal static FrameKind? Avs(ref LayerWalk walk)
    {
        if (walk.Rest.Length < 8) return FrameKind.Cut;
        var length = BinaryPrimitives.ReadUInt32BigEndian(walk.Rest[4..]);
        if (length is < 8 or > 4096) return FrameKind.Malformed;
        return walk.Skip((int)length, Layer.Wlan);
    }

    /// <summary>IEEE 802.11, 9.2.4. Only data frames carry a datagram, behind LLC.</summary>
    /// <param name="walk">Stands at the frame control.</param>
    /// <param name="isPadded">The card put the payload at a multiple of four bytes.</param>
    internal static FrameKind? Wlan(ref LayerWalk walk, bool isPadded)
    {
        var rest = walk.Rest;
        if (rest.Length < 2) return FrameKind.Cut;
        var (control, flags) = (rest[0], rest[1]);
        if ((control & 3) != 0) return FrameKind.Malformed;
        const int data = 2, noData = 0x40, qos = 0x80;
        if ((control >> 2 & 3) != data || (control & noData) != 0) return FrameKind.Other;
        var header = (flags & 3) == 3 ? 30 : 24; // four addresses from one access point to another
        var isAggregated = false;
        if ((control & qos) != 0)
        {
            if (rest.Length < header + 2) return FrameKind.Cut;
            isAggregated = (rest[header] & 0x80) != 0;
            header += (flags & 0x80) != 0 ? 6 : 2; // an HT control field
        }
        if ((flags & 0x40) != 0) return walk.Stop(Layer.Wlan, Unopened.Encrypted);
        if (isAggregated) return walk.Stop(Layer.Wlan, Unopened.Aggregated);
        return walk.Skip(isPadded ? header + 3 & ~3 : header, Layer.Llc);
    }
}
