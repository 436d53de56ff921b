using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>VXLAN (RFC 7348) and Geneve (RFC 8926): a frame inside a UDP datagram, behind a header of theirs.</summary>
/// <remarks>
/// Ports are only a hint, since any client may have one of them: a header that cannot be a tunnel's is
/// another protocol's datagram. PacketDotNet knows neither Geneve nor the port that Linux and flannel use for VXLAN.
/// </remarks>
internal static class UdpTunnel
{
    private const int UdpHeader = 8;
    private const int TunnelHeader = 8;
    private const ushort Vxlan = 4789;
    private const ushort VxlanOfLinux = 8472;
    private const ushort Geneve = 6081;

    /// <param name="udp">The datagram from its UDP header on, as captured.</param>
    /// <param name="isCut">More of it was on the wire.</param>
    /// <param name="link">What stands inside.</param>
    /// <param name="at">Where it stands.</param>
    /// <returns><see cref="FrameKind.Unsupported"/> for a tunnel, whose inside is the general lane's.</returns>
    internal static FrameKind Find(ReadOnlySpan<byte> udp, bool isCut, out LinkLayer link, out int at)
    {
        (link, at) = (LinkLayer.En10Mb, UdpHeader + TunnelHeader);
        if (udp.Length < 4) return FrameKind.Other;
        var port = BinaryPrimitives.ReadUInt16BigEndian(udp[2..]);
        if (port is not (Vxlan or VxlanOfLinux or Geneve)) return FrameKind.Other;
        if (udp.Length >= at && !IsTunnel(port, udp[UdpHeader..], ref link, ref at)) return FrameKind.Other;
        if (udp.Length >= at) return FrameKind.Unsupported;
        return isCut ? FrameKind.Cut : FrameKind.Other;
    }

    private static bool IsTunnel(ushort port, ReadOnlySpan<byte> header, ref LinkLayer link, ref int at)
    {
        // The I bit and no other but that of group policies, which Linux sends too.
        if (port != Geneve) return (header[0] & 0x7F) == 0x08;
        at += (header[0] & 0x3F) * 4;
        var type = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
        if (type is 0x0800 or 0x86DD) link = LinkLayer.Raw;
        return header[0] >> 6 == 0 && type is 0x0800 or 0x86DD or 0x6558;
    }
}
