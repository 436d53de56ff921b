using System.Net.Sockets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>Interfaces that come and go, and several at once.</summary>
public sealed class LiveInterfacesTests
{
    [Fact]
    public void Several_at_once_are_told_apart_and_in_the_order_of_time()
    {
        using var pair = new VethPair();
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        using var reading = new LiveReading([VethPair.Near, "lo", VethPair.Far], $"udp port {at.Port} or udp port 9");
        var seen = new List<Caught>();
        for (byte round = 0; round < 10; round++)
        {
            byte[] payload = [.. "here"u8, round];
            VethPair.Send(payload);
            sender.Send(payload, at);
            for (var i = 0; i < 3; i++) seen.Add(reading.WaitForPacket(packet => packet.EndsWith(payload)));
        }
        Assert.Equal([10, 10, 10], Enumerable.Range(0, 3).Select(index => seen.Count(packet => packet.Interface == index)));
        Assert.Equal(seen.OrderBy(packet => packet.Time).Select(packet => packet.Number), seen.Select(packet => packet.Number));
        Assert.Equal(Enumerable.Range(1, 30).Select(number => (long)number), seen.Select(packet => packet.Number));
        var report = reading.Stop();
        Assert.Equal([VethPair.Near, "lo", VethPair.Far], report.Interfaces!.Select(one => one.Name));
        Assert.Equal($"{VethPair.Near}, lo, {VethPair.Far}", report.Name);
    }

    [Fact]
    [HardCase("interface that goes away")]
    public void One_that_goes_is_named_and_the_others_go_on()
    {
        using var pair = new VethPair();
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        using var reading = new LiveReading([VethPair.Near, "lo"], $"udp port {at.Port} or udp port 9");
        VethPair.Send("before"u8.ToArray());
        reading.WaitForPacket(packet => packet.EndsWith("before"u8) && packet.Interface == 0);
        VethPair.Remove();
        var problem = reading.WaitForProblem("interface-gone");
        Assert.StartsWith($"{VethPair.Near}: ", problem.Detail, StringComparison.Ordinal);
        sender.Send("after"u8.ToArray(), at);
        reading.WaitForPacket(packet => packet.EndsWith("after"u8) && packet.Interface == 1);
        Assert.Contains(problem, reading.Stop().Problems);
    }

    [Fact]
    [HardCase("interface that goes away")]
    public void When_the_last_one_goes_the_reading_ends()
    {
        using var pair = new VethPair();
        using var reading = new LiveReading([VethPair.Near, VethPair.Far], "udp port 9");
        VethPair.Send("before"u8.ToArray());
        reading.WaitForPacket(packet => packet.EndsWith("before"u8) && packet.Interface == 1);
        VethPair.Remove();
        var report = reading.WaitForEnd();
        Assert.Equal(2, report.Problems.Count(problem => problem.Code == "interface-gone"));
        Assert.Equal(2, report.Packets);
    }

    [Fact]
    public void One_that_was_down_is_captured_when_it_is_up_again()
    {
        using var pair = new VethPair();
        using var reading = new LiveReading([VethPair.Far], "udp port 9");
        VethPair.Ip("link", "set", VethPair.Far, "down");
        var problem = reading.WaitForProblem("interface-down");
        Assert.StartsWith($"{VethPair.Far}: is down", problem.Detail, StringComparison.Ordinal);
        VethPair.Ip("link", "set", VethPair.Far, "up");
        // The first ones may be sent before the capture has begun anew.
        using var again = new Timer(_ => VethPair.Send("again"u8.ToArray()), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
        reading.WaitForPacket(packet => packet.EndsWith("again"u8));
    }

    [Fact]
    public void One_with_another_name_is_said_to_have_it()
    {
        using var pair = new VethPair();
        using var reading = new LiveReading([VethPair.Far], "udp port 9");
        VethPair.Ip("link", "set", VethPair.Far, "down");
        VethPair.Ip("link", "set", VethPair.Far, "name", "pcapan9");
        // Which is noticed first is a race; either names the interface.
        Assert.StartsWith($"{VethPair.Far}: ", reading.WaitForProblem("interface-renamed", "interface-gone").Detail,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_down_is_refused()
    {
        using var pair = new VethPair();
        LiveReading.Open([VethPair.Far], new LiveOptions()).Dispose();
        VethPair.Ip("link", "set", VethPair.Far, "down");
        var problem = Assert.Throws<CaptureException>(() => LiveReading.Open([VethPair.Far], new LiveOptions()));
        Assert.Equal($"{VethPair.Far}: is down; bring it up: sudo ip link set {VethPair.Far} up", problem.Message);
    }

    [Fact]
    public void The_list_tells_names_addresses_states_and_rights()
    {
        LiveReading.Open(["lo"], new LiveOptions()).Dispose();
        using var pair = new VethPair();
        VethPair.Ip("link", "set", VethPair.Far, "down");
        var all = NetworkInterfaces.List().ToDictionary(one => one.Name);
        Assert.True(all["lo"] is { IsUp: true, IsLoopback: true, LinkType: "EN10MB", Problem: null, MissingRight: null });
        Assert.Contains("127.0.0.1", all["lo"].Addresses);
        Assert.Equal("LINUX_SLL", all["any"].LinkType);
        Assert.True(all[VethPair.Near] is { IsUp: true, IsLoopback: false, HardwareAddress.Length: 17 });
        Assert.True(all[VethPair.Far] is { IsUp: false, IsRunning: false, LinkType: null, MissingRight: null });
        Assert.StartsWith($"{VethPair.Far}: is down", all[VethPair.Far].Problem, StringComparison.Ordinal);
        Assert.Equal("CAP_NET_RAW", WithoutRights.Run(NetworkInterfaces.List).Single(one => one.Name == "lo").MissingRight);
    }
}
