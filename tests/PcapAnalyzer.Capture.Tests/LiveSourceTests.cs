using System.Net.Sockets;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>libpcap itself on the loopback interface, with packets of real sockets.</summary>
public sealed class LiveSourceTests
{
    [Theory]
    [InlineData("lo", LinkLayer.En10Mb)]
    [InlineData("any", LinkLayer.LinuxSll)]
    [HardCase("packets while it runs")]
    public void Packets_arrive_while_it_reads(string name, LinkLayer link)
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        using var reading = new LiveReading([name], $"udp port {at.Port}");
        var before = LiveReading.Now;
        foreach (var payload in (byte[][])["first"u8.ToArray(), "second"u8.ToArray()])
        {
            sender.Send(payload, at);
            var caught = reading.WaitForPacket(packet => packet.EndsWith(payload));
            Assert.Equal(link, caught.Link);
            Assert.InRange(caught.Time, before, LiveReading.Now);
        }
        var report = reading.Stop();
        Assert.Equal(("interface", name), (report.Kind, report.Name));
        Assert.True(report.Packets >= 2); // any shows both ends of the loopback interface
        Assert.Equal([LinkLayers.NameOf(link)], report.LinkTypes);
        Assert.Equal((name, 0), report.Interfaces!.Select(one => (one.Name, one.Dropped)).Single());
        Assert.Empty(report.Problems);
    }

    [Fact]
    [HardCase("nanoseconds")]
    public void Times_are_in_nanoseconds()
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        using var source = LiveReading.Open(["lo"], new LiveOptions { Filter = $"udp port {at.Port}" });
        for (var i = 0; i < 20; i++) sender.Send([1], at);
        var times = new List<long>();
        source.Read((in frame) => times.Add(frame.Time), new CancellationToken(canceled: true));
        Assert.Contains(times, time => time % 1000 != 0);
    }

    [Fact]
    [HardCase("stop")]
    public void What_was_captured_before_a_stop_is_delivered()
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        using var source = LiveReading.Open(["lo"], new LiveOptions { Filter = $"udp port {at.Port}" });
        for (var i = 0; i < 1000; i++) sender.Send(BitConverter.GetBytes(i), at);
        var expected = 0;
        var report = source.Read((in frame) =>
        {
            Assert.Equal(expected++, BitConverter.ToInt32(frame.Bytes[^4..]));
            Assert.Equal(expected, frame.Number);
        }, new CancellationToken(canceled: true));
        Assert.Equal((1000, 1000, 0), (expected, report.Packets, report.Dropped));
    }

    [Fact]
    [HardCase("packets dropped by the kernel")]
    public void Packets_dropped_by_the_kernel_are_counted()
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        // as small as libpcap makes it
        using var source = LiveReading.Open(["lo"], new LiveOptions { Filter = $"udp port {at.Port}", BufferSize = 1 });
        for (var i = 0; i < 5000; i++) sender.Send(new byte[1000], at);
        var report = source.Read((in frame) => { }, new CancellationToken(canceled: true));
        Assert.InRange(report.Packets, 1, 4999);
        // the kernel counts both ends of the loopback interface
        Assert.InRange(report.Dropped, 5000 - report.Packets, 2 * (5000 - report.Packets));
        var counters = Assert.Single(source.Interfaces);
        Assert.Equal((report.Packets, report.Dropped, 0), (counters.Packets, counters.DroppedByKernel, counters.DroppedByInterface));
        Assert.Equal(report.Dropped, Assert.Single(report.Interfaces!).Dropped);
    }

    [Fact]
    public void Time_passes_while_there_is_silence()
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var reading = new LiveReading(["lo"], $"udp port {at.Port}");
        var now = LiveReading.Now;
        var first = reading.WaitForTick(time => time > now);
        Assert.InRange(reading.WaitForTick(time => time > first), first, LiveReading.Now);
    }

    [Fact]
    [HardCase("snapshot length")]
    public void A_snapshot_length_keeps_the_length_on_the_wire()
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new UdpClient();
        using var source = LiveReading.Open(["lo"], new LiveOptions { Filter = $"udp port {at.Port}", SnapLength = 60 });
        sender.Send(new byte[1000], at);
        var lengths = new List<(int, int)>();
        source.Read((in frame) => lengths.Add((frame.Bytes.Length, frame.OriginalLength)), new CancellationToken(canceled: true));
        Assert.Equal([(60, 1042)], lengths);
    }

    [Fact]
    public void An_impossible_capture_is_refused_in_one_line()
    {
        LiveReading.Open(["lo"], new LiveOptions()).Dispose();
        var unknown = Assert.Throws<CaptureException>(() => LiveReading.Open(["lo", "nowhere7"], new LiveOptions()));
        Assert.Matches("^nowhere7: no such interface; there are .*\\blo\\b[^\n]*$", unknown.Message);
        var filter = Assert.Throws<FilterException>(() => LiveReading.Open(["lo"], new LiveOptions { Filter = "tcp prot 1" }));
        Assert.Contains("syntax error", filter.Message, StringComparison.Ordinal);
    }

    [Fact]
    [HardCase("missing rights")]
    public void Without_the_right_it_says_which_one_and_how_to_get_it()
    {
        LiveReading.Open(["lo"], new LiveOptions()).Dispose();
        var problem = Assert.Throws<CaptureException>(() =>
            WithoutRights.Run(() => new LiveSource(["lo"], new LiveOptions(), TimeProvider.System)));
        Assert.Equal("CAP_NET_RAW", problem.MissingRight);
        Assert.Equal(
            $"lo: you may not capture it: CAP_NET_RAW is needed; give it with sudo setcap cap_net_raw=eip {Environment.ProcessPath}, "
            + "or let tcpdump capture: sudo tcpdump -U -s 0 -w - -i lo | pcap-analyzer report -", problem.Message);
    }
}
