using System.Buffers.Binary;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>A walk over the rarer headers of a frame, up to an IP datagram or an Ethernet frame, which a parser takes.</summary>
/// <remarks>An opener looks at the header at the start of <see cref="Rest"/>. Its answer is null when it stepped over it.</remarks>
/// <param name="bytes">The bytes from the first header on, as captured.</param>
/// <param name="next">What they begin with.</param>
/// <param name="number">The number that told so.</param>
internal ref struct LayerWalk(ReadOnlySpan<byte> bytes, Layer next, int number = 0)
{
    /// <summary>The most headers of one walk. Real frames have a handful; each opener goes forward, but stacks can be forged.</summary>
    private const int MaxHeaders = 24;

    internal ReadOnlySpan<byte> Rest { get; private set; } = bytes;

    internal Layer Next { get; private set; } = next;

    internal int Number { get; private set; } = number;

    internal readonly Unopened Unopened => new(Next, Number);

    /// <summary>Opens headers until <see cref="Next"/> is <see cref="Layer.Ip"/> or <see cref="Layer.Ethernet"/>.</summary>
    /// <returns>Null when it is; else what the frame is.</returns>
    internal FrameKind? Open()
    {
        for (var headers = 0; headers < MaxHeaders; headers++)
        {
            if (Next is Layer.Ip or Layer.Ethernet) return null;
            if (OpenOne() is { } kind) return kind;
        }
        return Stop(Layer.TooDeep);
    }

    private FrameKind? OpenOne() => Next switch
    {
        Layer.NoTcp or Layer.Icmp => FrameKind.Other,
        Layer.CiscoHdlc => PppHeaders.CiscoHdlc(ref this),
        Layer.Enc => CaptureHeaders.Enc(ref this),
        Layer.Fddi => Skip(13, Layer.Llc), // frame control and two addresses
        Layer.Nflog => CaptureHeaders.Nflog(ref this),
        Layer.Pflog => CaptureHeaders.Pflog(ref this),
        Layer.Pktap => CaptureHeaders.Pktap(ref this),
        Layer.Ppi => CaptureHeaders.Ppi(ref this),
        Layer.Ppp => PppHeaders.Ppp(ref this),
        Layer.PppWithDirection => Skip(1, Layer.Ppp),
        Layer.Pppoe => PppHeaders.Pppoe(ref this),
        Layer.Prism => WlanHeaders.Prism(ref this),
        Layer.Radiotap => WlanHeaders.Radiotap(ref this),
        Layer.Wlan => WlanHeaders.Wlan(ref this, isPadded: false),
        Layer.WlanAvs => WlanHeaders.Avs(ref this),
        Layer.Erspan2 or Layer.Erspan3 => TunnelHeaders.Erspan(ref this),
        Layer.FabricPath => Skip(2, Layer.Ethernet), // a tag; its MAC addresses hold the rest
        Layer.Hsr => SkipToEtherType(4),
        Layer.ITag => Skip(4, Layer.Ethernet),
        Layer.ETag => SkipToEtherType(6),
        Layer.Llc => TagHeaders.Llc(ref this),
        Layer.Macsec => TagHeaders.Macsec(ref this),
        Layer.Mpls => TunnelHeaders.Mpls(ref this),
        Layer.Nsh => TunnelHeaders.Nsh(ref this),
        Layer.TrustSec => SkipToEtherType(6),
        Layer.Trill => TagHeaders.Trill(ref this),
        Layer.Vlan => SkipToEtherType(2),
        Layer.VnTag => SkipToEtherType(4),
        Layer.Ah => TunnelHeaders.Ah(ref this),
        Layer.EtherIp => Skip(2, Layer.Ethernet),
        Layer.Gre => TunnelHeaders.Gre(ref this),
        Layer.Udp => UdpTunnel.Open(ref this),
        _ => FrameKind.Unsupported,
    };

    /// <summary>Steps over a header.</summary>
    internal FrameKind? Skip(int header, Layer next, int number = 0)
    {
        if (Rest.Length < header) return FrameKind.Cut;
        Rest = Rest[header..];
        (Next, Number) = (next, number);
        return null;
    }

    /// <summary>Steps over a header whose last two bytes, at <paramref name="at"/>, are an EtherType.</summary>
    internal FrameKind? SkipToEtherType(int at)
    {
        if (Rest.Length < at + 2) return FrameKind.Cut;
        int type = BinaryPrimitives.ReadUInt16BigEndian(Rest[at..]);
        return Skip(at + 2, NextLayers.OfEtherType(type), type);
    }

    /// <summary>What follows has no reader here.</summary>
    internal FrameKind Stop(Layer at, int number = 0)
    {
        (Next, Number) = (at, number);
        return FrameKind.Unsupported;
    }
}
