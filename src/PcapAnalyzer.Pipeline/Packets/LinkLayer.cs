namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>What the first byte of a frame belongs to, by its DLT/LINKTYPE number (tcpdump.org/linktypes.html).</summary>
/// <remarks>A number that is not named here is data all the same: the general lane may know it.</remarks>
public enum LinkLayer
{
    /// <summary>BSD loopback: an address family in the byte order of the capturing machine.</summary>
    Null = 0,
    En10Mb = 1,

    /// <summary>Raw IP; 12 and 14 are what DLT_RAW is called on some systems, 101 is its LINKTYPE.</summary>
    Raw12 = 12,
    Raw14 = 14,
    Raw = 101,

    /// <summary>OpenBSD loopback: an address family in network byte order.</summary>
    Loop = 108,
    LinuxSll = 113,
    Ipv4 = 228,
    Ipv6 = 229,
    LinuxSll2 = 276,
}

public static class LinkLayers
{
    /// <summary>True for links that <see cref="FrameParser"/> or <see cref="PacketDotNetParser"/> can parse.</summary>
    public static bool IsKnown(LinkLayer link) => !NameOf(link).StartsWith("DLT_", StringComparison.Ordinal);

    /// <summary>libpcap's name for the link type, or <c>DLT_n</c> where we have none.</summary>
    public static string NameOf(LinkLayer link) => link switch
    {
        LinkLayer.Null => "NULL",
        LinkLayer.En10Mb => "EN10MB",
        LinkLayer.Raw or LinkLayer.Raw12 or LinkLayer.Raw14 => "RAW",
        LinkLayer.Loop => "LOOP",
        LinkLayer.LinuxSll => "LINUX_SLL",
        LinkLayer.LinuxSll2 => "LINUX_SLL2",
        LinkLayer.Ipv4 => "IPV4",
        LinkLayer.Ipv6 => "IPV6",
        (LinkLayer)9 => "PPP",
        (LinkLayer)10 => "FDDI",
        (LinkLayer)50 => "PPP_SERIAL",
        (LinkLayer)51 => "PPP_ETHER",
        (LinkLayer)104 => "C_HDLC",
        (LinkLayer)105 => "IEEE802_11",
        (LinkLayer)109 => "ENC",
        (LinkLayer)117 => "PFLOG",
        (LinkLayer)119 => "PRISM_HEADER",
        (LinkLayer)127 => "IEEE802_11_RADIO",
        (LinkLayer)163 => "IEEE802_11_RADIO_AVS",
        (LinkLayer)192 => "PPI",
        (LinkLayer)204 => "PPP_WITH_DIR",
        (LinkLayer)219 => "MPLS",
        (LinkLayer)239 => "NFLOG",
        (LinkLayer)258 => "PKTAP",
        _ => $"DLT_{(int)link}",
    };
}
