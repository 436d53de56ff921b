using PacketDotNet;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>The headers of one frame in words, from the link inwards, as far as PacketDotNet reads them.</summary>
/// <param name="Number">The frame's number.</param>
/// <param name="Summary">Its length, and what of it was captured.</param>
/// <param name="Layers">Name and content of each header.</param>
public sealed record FrameLayers(long Number, string Summary, IReadOnlyList<(string Name, string Text)> Layers)
{
    private const int MaxLayers = 32;

    public static FrameLayers Of(in Frame frame)
    {
        var layers = new List<(string, string)>();
        try
        {
            // PacketDotNet writes into the buffer it is given, so it gets its own.
            var packet = Packet.ParsePacket((PacketDotNet.LinkLayers)frame.Link, frame.Bytes.ToArray());
            for (var layer = 0; packet != null && layer < MaxLayers; layer++, packet = packet is TcpPacket ? null : packet.PayloadPacket)
                // the payload of TCP is not shown here
                if (packet is not RawIPPacket) layers.Add(InWords(packet)); // that one has no header of its own
        }
        catch (NotImplementedException)
        {
            layers.Add(("rest", "is not shown: a rare link"));
        }
        catch (Exception)
        {
            // PacketDotNet throws many kinds of exceptions on cut and contradictory headers. The layers before them are shown.
            layers.Add(("rest", "cannot be read: cut or malformed"));
        }
        var cut = frame.Bytes.Length < frame.OriginalLength ? $", {frame.Bytes.Length} captured" : "";
        return new FrameLayers(frame.Number, $"{frame.OriginalLength} bytes{cut}", layers);
    }

    private static (string Name, string Text) InWords(Packet packet) => packet switch
    {
        EthernetPacket ethernet => ("ethernet", $"{Mac(ethernet.SourceHardwareAddress)} > {Mac(ethernet.DestinationHardwareAddress)}"),
        Ieee8021QPacket vlan => ("vlan", $"{vlan.VlanIdentifier}"),
        IPv4Packet ip => ("ip", $"{ip.SourceAddress} > {ip.DestinationAddress}  ttl {ip.TimeToLive}"),
        IPv6Packet ip => ("ip6", $"{ip.SourceAddress} > {ip.DestinationAddress}  hop limit {ip.HopLimit}"),
        TcpPacket tcp => ("tcp",
            $"{tcp.SourcePort} > {tcp.DestinationPort}  {Flags(tcp)}  seq {tcp.SequenceNumber}  ack {tcp.AcknowledgmentNumber}  "
                + $"win {tcp.WindowSize}"),
        UdpPacket udp => ("udp", $"{udp.SourcePort} > {udp.DestinationPort}"),
        // PacketDotNet's TotalPacketLength recurses into every layer: a forged frame has more than the stack holds.
        _ => (packet.GetType().Name.Replace("Packet", "", StringComparison.Ordinal).ToLowerInvariant(),
            $"{packet.HeaderSegment.Bytes.Length - packet.HeaderSegment.Offset} bytes"),
    };

    private static string Mac(System.Net.NetworkInformation.PhysicalAddress address) =>
        string.Join(':', address.GetAddressBytes().Select(octet => $"{octet:x2}"));

    private static string Flags(TcpPacket tcp)
    {
        (bool IsSet, string Name)[] flags = [(tcp.Synchronize, "SYN"), (tcp.Finished, "FIN"), (tcp.Reset, "RST"), (tcp.Push, "PSH"),
            (tcp.Acknowledgment, "ACK"), (tcp.Urgent, "URG")];
        return string.Join(' ', flags.Where(flag => flag.IsSet).Select(flag => flag.Name));
    }
}
