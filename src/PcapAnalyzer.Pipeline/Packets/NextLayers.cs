namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Which header stands behind a number: link types, EtherTypes, IP protocols and PPP protocols.</summary>
/// <remarks>Sources: tcpdump.org/linktypes, and the IANA registries ieee-802-numbers, protocol-numbers and ppp-numbers.</remarks>
internal static class NextLayers
{
    /// <summary>Below this an EtherType field is an 802.3 length.</summary>
    internal const int FirstEtherType = 0x0600;

    /// <summary>Null for the links that <see cref="PacketDotNetParser"/> gives to PacketDotNet.</summary>
    internal static Layer? OfLink(LinkLayer link) => (int)link switch
    {
        9 or 50 => Layer.Ppp,
        10 => Layer.Fddi,
        51 => Layer.Pppoe,
        104 => Layer.CiscoHdlc,
        105 => Layer.Wlan,
        109 => Layer.Enc,
        117 => Layer.Pflog,
        119 => Layer.Prism,
        127 => Layer.Radiotap,
        163 => Layer.WlanAvs,
        192 => Layer.Ppi,
        204 => Layer.PppWithDirection,
        219 => Layer.Mpls,
        239 => Layer.Nflog,
        258 => Layer.Pktap,
        _ => null,
    };

    internal static Layer OfEtherType(int type) => type switch
    {
        0x0800 or 0x86DD => Layer.Ip,
        0x8100 or 0x88A8 or 0x9100 or 0x9200 or 0x9300 => Layer.Vlan,
        < FirstEtherType or 0x8870 => Layer.Llc,
        0x8847 or 0x8848 => Layer.Mpls,
        0x8864 => Layer.Pppoe,
        0x880B => Layer.Ppp,
        0x6558 => Layer.Ethernet,
        0x22EB => Layer.Erspan3,
        0x22F3 => Layer.Trill,
        0x88BE => Layer.Erspan2,
        0x88E5 => Layer.Macsec,
        0x88E7 => Layer.ITag,
        0x8903 => Layer.FabricPath,
        0x8909 => Layer.TrustSec,
        0x8926 => Layer.VnTag,
        0x892F => Layer.Hsr,
        0x893F => Layer.ETag,
        0x894F => Layer.Nsh,
        _ => IsControl(type) ? Layer.NoTcp : Layer.UnknownEtherType,
    };

    /// <summary>
    /// ARP and RARP, wake-on-LAN, NHRP, CDP, IPX, PPPoE discovery, LACP, PROFINET, EtherCAT, 802.1X, LLDP, MRP, PTP, PRP, CFM, FCoE,
    /// loopback.
    /// </summary>
    private static bool IsControl(int type) => type is 0x0806 or 0x8035 or 0x0842 or 0x2000 or 0x2001 or 0x8137 or 0x8863 or 0x8809
        or 0x8892 or 0x88A4 or 0x888E or 0x88CC or 0x88E3 or 0x88F5 or 0x88F6 or 0x88F7 or 0x88FB or 0x8902 or 0x8906 or 0x8914 or 0x9000;

    internal static Layer OfIpProtocol(int protocol) => protocol switch
    {
        6 => Layer.Tcp,
        17 => Layer.Udp,
        1 or 58 => Layer.Icmp,
        4 or 41 or 94 => Layer.Ip,
        47 => Layer.Gre,
        50 => Layer.Esp,
        51 => Layer.Ah,
        97 => Layer.EtherIp,
        108 => Layer.IpComp,
        115 => Layer.L2tpV3,
        137 => Layer.Mpls,
        143 => Layer.Ethernet,
        // IGMP, DCCP, RSVP, no next header, EIGRP, OSPF, PIM, VRRP, SCTP, UDP-Lite
        2 or 33 or 46 or 59 or 88 or 89 or 103 or 112 or 132 or 136 => Layer.NoTcp,
        _ => Layer.UnknownIpProtocol,
    };

    /// <summary>Numbers from 0x8000 on are control protocols: LCP, IPCP, PAP, CHAP, …</summary>
    internal static Layer OfPppProtocol(int protocol) => protocol switch
    {
        0x0021 or 0x0057 => Layer.Ip,
        0x0281 or 0x0283 => Layer.Mpls,
        >= 0x8000 => Layer.NoTcp,
        _ => Layer.UnknownPppProtocol,
    };
}
