using System.Buffers.Binary;
using System.Net;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>An IP address and a TCP port. IPv4 is held as an IPv4-mapped IPv6 address; <c>default</c> is <c>[::]:0</c>.</summary>
public readonly record struct Endpoint(ulong High, ulong Low, ushort Port) : IComparable<Endpoint>
{
    public const ulong MappedPrefix = 0xFFFF_0000_0000;

    public static Endpoint FromIpv4(uint address, ushort port) => new(0, MappedPrefix | address, port);

    /// <param name="address">Sixteen bytes in network order.</param>
    public static Endpoint FromIpv6(ReadOnlySpan<byte> address, ushort port) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port);

    public static Endpoint From(IPAddress address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return FromIpv6(bytes, port);
    }

    public bool IsIpv4 => High == 0 && Low >> 32 == MappedPrefix >> 32;

    /// <summary>The address alone: the endpoint with port 0.</summary>
    public Endpoint Host => this with { Port = 0 };

    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
            return IsIpv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
        }
    }

    public int CompareTo(Endpoint other)
    {
        var order = High.CompareTo(other.High);
        if (order == 0) order = Low.CompareTo(other.Low);
        return order == 0 ? Port.CompareTo(other.Port) : order;
    }

    /// <summary><c>192.0.2.1:4369</c> or <c>[2001:db8::1]:4369</c>.</summary>
    public override string ToString()
    {
        var address = Address;
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]:{Port}" : $"{address}:{Port}";
    }
}
