using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>
/// A frame like most: Ethernet, IPv4 without options and not fragmented, TCP. All its fields stand at fixed places, so that it takes
/// a third of the work of <see cref="IpParser"/>, which gives the same answer.
/// </summary>
internal static class PlainFrame
{
    private const int TypeOffset = 12;
    private const int Ip = 14;
    private const int Tcp = Ip + 20;
    private const int TcpHeader = 20;

    /// <summary>An EtherType of IPv4, then version 4 and a header of 20 bytes.</summary>
    private const uint TypeAndVersion = 0x0800_45;

    /// <summary>TCP in the byte behind the time to live.</summary>
    private const int ProtocolTcp = 6;

    /// <returns>False when the frame is another, is cut in its headers or contradicts itself.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out TcpSegment segment)
    {
        Unsafe.SkipInit(out segment);
        if (!TryReadFlow(bytes, out segment.Flow, out segment.FromLow)) return false;
        var header = (bytes[Tcp + 12] >> 4) * 4;
        var end = Ip + BinaryPrimitives.ReadUInt16BigEndian(bytes[(Ip + 2)..]);
        if (header < TcpHeader || Tcp + header > end) return false;
        segment.Sequence = BinaryPrimitives.ReadUInt32BigEndian(bytes[(Tcp + 4)..]);
        segment.Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(bytes[(Tcp + 8)..]);
        segment.Flags = (TcpFlags)bytes[Tcp + 13];
        segment.Length = end - Tcp - header;
        segment.Unopened = default;
        segment.Ttl = bytes[Ip + 8];
        var captured = Math.Min(end, bytes.Length);
        var payload = Math.Min(Tcp + header, captured);
        segment.Header = bytes[Tcp..payload];
        segment.Payload = bytes[payload..captured];
        return true;
    }

    /// <summary>Reads whose connection such a frame belongs to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryReadFlow(ReadOnlySpan<byte> bytes, out FlowKey flow, out bool fromLow)
    {
        Unsafe.SkipInit(out flow);
        Unsafe.SkipInit(out fromLow);
        if (bytes.Length < Tcp + TcpHeader
            || BinaryPrimitives.ReadUInt32BigEndian(bytes[TypeOffset..]) >> 8 != TypeAndVersion
            || (BinaryPrimitives.ReadUInt16BigEndian(bytes[(Ip + 6)..]) & 0x3FFF) != 0
            || bytes[Ip + 9] != ProtocolTcp) return false;
        FlowKey.SetV4(BinaryPrimitives.ReadUInt32BigEndian(bytes[(Ip + 12)..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[(Ip + 16)..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[Tcp..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[(Tcp + 2)..]), out flow,
            out fromLow);
        return true;
    }
}
