using System.Net.Sockets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The Wireshark display filter of a connection.</summary>
public static class DisplayFilter
{
    public static string Of(JudgedHandshake report)
    {
        var (from, to) = (report.Initiator, report.Acceptor);
        var ip = from.Endpoint.Address.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ip";
        return $"{ip}.addr == {from.Address} && {ip}.addr == {to.Address} "
            + $"&& tcp.port == {from.Endpoint.Port} && tcp.port == {to.Endpoint.Port}";
    }
}
