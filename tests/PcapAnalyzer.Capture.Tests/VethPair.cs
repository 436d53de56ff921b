using System.Net;
using System.Net.Sockets;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>Two interfaces joined by a wire, both of this machine, until the test is over.</summary>
internal sealed class VethPair : IDisposable
{
    internal const string Near = "pcapan0";
    internal const string Far = "pcapan1";

    private static readonly IPAddress Address = IPAddress.Parse("10.213.77.1");
    private static readonly IPEndPoint Everybody = new(IPAddress.Parse("10.213.77.255"), 9);

    /// <summary>Makes and starts them, or skips the test where that is not allowed.</summary>
    internal VethPair()
    {
        Remove();
        var (said, code) = Tool.Run("ip", "link", "add", Near, "type", "veth", "peer", "name", Far);
        if (code != 0) Missing.Tool($"no pair of interfaces can be made: {said}");
        Ip("address", "add", $"{Address}/24", "dev", Near);
        Ip("link", "set", Near, "up");
        Ip("link", "set", Far, "up");
    }

    /// <summary>Sends a packet over the wire that is to be seen at both its ends.</summary>
    internal static void Send(byte[] payload)
    {
        using var sender = new UdpClient(new IPEndPoint(Address, 0)) { EnableBroadcast = true };
        sender.Send(payload, Everybody);
    }

    internal static void Ip(params string[] arguments)
    {
        var (said, code) = Tool.Run("ip", arguments);
        if (code != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {said}");
    }

    internal static void Remove() => Tool.Run("ip", "link", "delete", Near);

    public void Dispose() => Remove();
}
