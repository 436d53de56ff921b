namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>What a frame turned out to be.</summary>
public enum FrameKind
{
    /// <summary>
    /// A TCP segment; all the other kinds but <see cref="IcmpError"/>, <see cref="Fragment"/> and <see cref="Arp"/> leave the segment at
    /// its default.
    /// </summary>
    Tcp,

    /// <summary>Whole and understood, and not TCP: UDP, …</summary>
    Other,

    /// <summary>An ICMP error that quotes a TCP header: the segment is the quoted one, without payload.</summary>
    IcmpError,

    /// <summary>A part of an IP datagram: the payload is that part from its IP header on.</summary>
    Fragment,

    /// <summary>Fragments that overlap with different content, so that no datagram is certain.</summary>
    FragmentConflict,

    /// <summary>Headers that contradict themselves.</summary>
    Malformed,

    /// <summary>A snapshot length cut the headers.</summary>
    Cut,

    /// <summary>A link, network or tunnel layer that this parser does not know.</summary>
    Unsupported,

    /// <summary>ARP: the payload is its packet.</summary>
    Arp,
}

/// <summary>Finds the TCP segment in a frame. Implementations never throw and keep no bytes.</summary>
public interface IFrameParser
{
    /// <param name="frame">The frame to parse.</param>
    /// <param name="segment">The segment, or the quoted one of an ICMP error; else default.</param>
    /// <param name="icmp">Type and code of an ICMP error; else default.</param>
    FrameKind Parse(in Frame frame, out TcpSegment segment, out IcmpCode icmp);
}

/// <summary>Why a router or host refused a packet. <c>default</c> means no ICMP was seen.</summary>
public readonly record struct IcmpCode(byte Version, byte Type, byte Code)
{
    public bool IsSet => Version != 0;

    /// <summary>The name of the code (RFC 792, RFC 4443), or its numbers.</summary>
    public override string ToString() => (Version, Type, Code) switch
    {
        (4, 3, 0) => "icmp-network-unreachable",
        (4, 3, 1) => "icmp-host-unreachable",
        (4, 3, 3) => "icmp-port-unreachable",
        (4, 3, 9) or (4, 3, 10) or (4, 3, 13) => "icmp-administratively-prohibited",
        (4, 11, _) => "icmp-time-exceeded",
        (6, 1, 0) => "icmp6-no-route",
        (6, 1, 1) => "icmp6-administratively-prohibited",
        (6, 1, 3) => "icmp6-address-unreachable",
        (6, 1, 4) => "icmp6-port-unreachable",
        (6, 3, _) => "icmp6-time-exceeded",
        (6, _, _) => $"icmp6-{Type}-{Code}",
        _ => $"icmp-{Type}-{Code}",
    };
}
