using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>The values that several kinds of facts share, in the form of <c>facts.proto</c>.</summary>
internal static class WireValues
{
    internal static Wire.Endpoint ToWire(this Endpoint endpoint) => endpoint.IsIpv4
        ? new() { Ipv4 = (uint)endpoint.Low, Port = endpoint.Port }
        : new() { High = endpoint.High, Low = endpoint.Low, Port = endpoint.Port };

    internal static Endpoint FromWire(this Wire.Endpoint wire) =>
        wire.HasIpv4 ? Endpoint.FromIpv4(wire.Ipv4, (ushort)wire.Port) : new(wire.High, wire.Low, (ushort)wire.Port);

    internal static Wire.Role ToWire(this Role role) => (Wire.Role)role;

    internal static Role FromWire(this Wire.Role wire) => wire == Wire.Role.Acceptor ? Role.Acceptor : Role.Initiator;
}
