using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The Wireshark display filter of a connection.</summary>
public static class DisplayFilter
{
    public static string Of(HandshakeReport report)
    {
        var (from, fromPort) = Split(report.Initiator.Endpoint);
        var (to, toPort) = Split(report.Acceptor.Endpoint);
        var ip = from.Contains(':', StringComparison.Ordinal) ? "ipv6" : "ip";
        return $"{ip}.addr == {from} && {ip}.addr == {to} && tcp.port == {fromPort} && tcp.port == {toPort}";
    }

    private static (string Address, string Port) Split(string endpoint)
    {
        var colon = endpoint.LastIndexOf(':');
        return (endpoint[..colon].Trim('[', ']'), endpoint[(colon + 1)..]);
    }
}
