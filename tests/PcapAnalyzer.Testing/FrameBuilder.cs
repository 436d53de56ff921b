using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing;

/// <summary>Builds frames from the inside out. Checksums stay zero, as in a capture on the sending host.</summary>
public static class FrameBuilder
{
    /// <summary>A TCP segment: header, options (a multiple of four bytes), payload.</summary>
    public static byte[] Tcp(ushort source, ushort destination, uint sequence, uint acknowledgment, TcpFlags flags,
        ReadOnlySpan<byte> payload, ReadOnlySpan<byte> options = default)
    {
        var bytes = new byte[20 + options.Length + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, source);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), destination);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), acknowledgment);
        bytes[12] = (byte)((20 + options.Length) / 4 << 4);
        bytes[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), 65535);
        options.CopyTo(bytes.AsSpan(20));
        payload.CopyTo(bytes.AsSpan(20 + options.Length));
        return bytes;
    }

    /// <summary>An IPv4 datagram with a payload of the given protocol number.</summary>
    public static byte[] Ipv4(Endpoint source, Endpoint destination, ReadOnlySpan<byte> payload, byte protocol = 6,
        ReadOnlySpan<byte> options = default)
    {
        var header = 20 + options.Length;
        var bytes = new byte[header + payload.Length];
        bytes[0] = (byte)(0x40 | header / 4);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)bytes.Length);
        bytes[8] = 64;
        bytes[9] = protocol;
        source.Address.TryWriteBytes(bytes.AsSpan(12), out _);
        destination.Address.TryWriteBytes(bytes.AsSpan(16), out _);
        options.CopyTo(bytes.AsSpan(20));
        payload.CopyTo(bytes.AsSpan(header));
        return bytes;
    }

    /// <summary>An IPv6 datagram; <paramref name="payload"/> begins with the first extension header, if any.</summary>
    public static byte[] Ipv6(Endpoint source, Endpoint destination, ReadOnlySpan<byte> payload, byte nextHeader = 6)
    {
        var bytes = new byte[40 + payload.Length];
        bytes[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)payload.Length);
        bytes[6] = nextHeader;
        bytes[7] = 64;
        source.Address.TryWriteBytes(bytes.AsSpan(8), out _);
        destination.Address.TryWriteBytes(bytes.AsSpan(24), out _);
        payload.CopyTo(bytes.AsSpan(40));
        return bytes;
    }

    /// <summary>An Ethernet frame with VLAN tags, given as TPIDs, outermost first.</summary>
    public static byte[] Ethernet(ushort etherType, ReadOnlySpan<byte> payload, params ushort[] vlans)
    {
        var bytes = new byte[14 + 4 * vlans.Length + payload.Length];
        var at = 12;
        foreach (var tpid in vlans)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), tpid);
            at += 4;
        }
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), etherType);
        payload.CopyTo(bytes.AsSpan(at + 2));
        return bytes;
    }
}
