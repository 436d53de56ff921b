using System.Buffers.Binary;
using System.Net;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing;

/// <summary>The addresses and ports of a TCP connection as numbers, cheap to create for every packet.</summary>
public readonly record struct TcpPeers(uint Initiator, ushort InitiatorPort, uint Acceptor, ushort AcceptorPort);

/// <summary>The next sequence number of each side of a connection.</summary>
public struct TcpNumbers(uint initiator, uint acceptor)
{
    public uint Initiator = initiator;
    public uint Acceptor = acceptor;
}

/// <summary>Ethernet, IPv4 and TCP headers without options, built once and patched for each packet.</summary>
public sealed class TcpTemplate
{
    public const int Headers = Ip + 40;
    private const int Ip = 14;
    private const int IpLength = Ip + 2;
    private const int Addresses = Ip + 12;
    private const int Ports = Ip + 20;
    private const int Sequence = Ports + 4;
    private const int Acknowledgment = Ports + 8;
    private const int Flags = Ports + 13;

    private static readonly Endpoint Nobody = Endpoint.From(IPAddress.Any, 0);
    private readonly byte[] _headers = FrameBuilder.Ethernet(0x0800,
        FrameBuilder.Ipv4(Nobody, Nobody, FrameBuilder.Tcp(0, 0, 0, 0, 0, [])));

    /// <summary>Fills <paramref name="frame"/>. Its length must be <see cref="Headers"/> plus the payload's length.</summary>
    public void Fill(Span<byte> frame, in TcpPeers peers, bool fromInitiator, uint sequence, uint acknowledgment, TcpFlags flags,
        ReadOnlySpan<byte> payload)
    {
        var (source, sourcePort, destination, destinationPort) = fromInitiator
            ? (peers.Initiator, peers.InitiatorPort, peers.Acceptor, peers.AcceptorPort)
            : (peers.Acceptor, peers.AcceptorPort, peers.Initiator, peers.InitiatorPort);
        _headers.CopyTo(frame);
        BinaryPrimitives.WriteUInt16BigEndian(frame[IpLength..], (ushort)(frame.Length - Ip));
        BinaryPrimitives.WriteUInt32BigEndian(frame[Addresses..], source);
        BinaryPrimitives.WriteUInt32BigEndian(frame[(Addresses + 4)..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(frame[Ports..], sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(Ports + 2)..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(frame[Sequence..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(frame[Acknowledgment..], acknowledgment);
        frame[Flags] = (byte)flags;
        payload.CopyTo(frame[Headers..]);
    }
}
