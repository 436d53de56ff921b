namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>What the next bytes of a frame are, as the header before them tells.</summary>
internal enum Layer
{
    /// <summary>Not known yet.</summary>
    None,

    /// <summary>IPv4 or IPv6: the first four bits tell.</summary>
    Ip,

    /// <summary>A frame from its MAC addresses on.</summary>
    Ethernet,

    /// <summary>Known, and never with TCP inside: ARP, LLDP, OSPF, …</summary>
    NoTcp,

    // Known to nobody here; the number says which.
    UnknownLink,
    UnknownEtherType,
    UnknownIpProtocol,
    UnknownPppProtocol,
    UnknownNshProtocol,

    // Headers of capturing machines and of links
    CiscoHdlc,
    Enc,
    Fddi,
    Nflog,
    Pflog,
    Pktap,
    Ppi,
    Ppp,
    PppWithDirection,
    Pppoe,
    Prism,
    Radiotap,
    Wlan,
    WlanAvs,

    // Behind an EtherType
    Erspan2,
    Erspan3,
    FabricPath,
    Hsr,
    ITag,
    ETag,
    Llc,
    Macsec,
    Mpls,
    Nsh,
    TrustSec,
    Trill,
    Vlan,
    VnTag,

    // Behind an IP protocol
    Ah,
    Esp,
    EtherIp,
    Gre,
    IpComp,
    L2tpV3,
    Tcp,
    Icmp,
    Udp,

    /// <summary>More headers than a real frame has.</summary>
    TooDeep,
}

/// <summary>A header behind which a frame was not read.</summary>
/// <param name="Layer">The header.</param>
/// <param name="Number">Its number, where <paramref name="Layer"/> alone does not tell.</param>
internal readonly record struct Unopened(Layer Layer, int Number)
{
    internal const int Encrypted = 1;
    internal const int Aggregated = 2;

    internal bool IsSet => Layer != Layer.None;

    /// <summary>The name for people.</summary>
    public override string ToString() => (Layer, Number) switch
    {
        (Layer.UnknownLink, _) => LinkLayers.NameOf((LinkLayer)Number) is var name && name.StartsWith("DLT_", StringComparison.Ordinal)
            ? $"link type {Number}" : name,
        (Layer.UnknownEtherType, _) => $"EtherType 0x{Number:x4}",
        (Layer.UnknownIpProtocol, _) => $"IP protocol {Number}",
        (Layer.UnknownPppProtocol, 0x002D or 0x002F) => "PPP with compressed TCP headers",
        (Layer.UnknownPppProtocol, 0x0053) => "encrypted PPP",
        (Layer.UnknownPppProtocol, 0x00FD) => "compressed PPP",
        (Layer.UnknownPppProtocol, _) => $"PPP protocol 0x{Number:x4}",
        (Layer.UnknownNshProtocol, _) => $"NSH protocol {Number}",
        (Layer.Esp, _) => "encrypted ESP",
        (Layer.Macsec, _) => "encrypted MACsec",
        (Layer.Wlan, Encrypted) => "encrypted 802.11",
        (Layer.Wlan, Aggregated) => "802.11 A-MSDU",
        (Layer.Wlan, _) => "802.11",
        (Layer.Mpls, _) => "MPLS payload",
        (Layer.Gre, _) => "GRE with source routes",
        (Layer.Udp, _) => $"tunnel on UDP port {Number}",
        (Layer.IpComp, _) => "compressed IPComp",
        (Layer.L2tpV3, _) => "L2TPv3",
        (Layer.TooDeep, _) => "too many headers",
        (Layer.None, _) => "others",
        (Layer.Ah, _) => "AH",
        (Layer.Nflog, _) => "NFLOG of another version",
        (Layer.Trill, _) => "TRILL of another version",
        (Layer.Erspan3, _) => "ERSPAN III payload",
        _ => Layer.ToString(),
    };
}
