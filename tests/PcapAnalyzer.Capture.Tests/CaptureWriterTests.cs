using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>Rings of files, and disks that are full.</summary>
public sealed class CaptureWriterTests : IDisposable
{
    private static readonly byte[] Payload = new byte[1000];

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-").FullName;

    private string File => Path.Combine(_folder, "node.pcapng");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, 1, 10)]
    [InlineData(3, 8, 3)]
    public void A_ring_keeps_the_newest_files_and_each_is_whole(int keep, int first, int count)
    {
        using (var writer = new CaptureWriter(File, "a test", TimeProvider.System, rotateSize: 10_000, keep))
        {
            writer.AddInterface("lo", LinkLayer.En10Mb, 0);
            var from = writer.AddInterface("eth0", LinkLayer.Raw, 0);
            for (var i = 1; i <= 100; i++) writer.Write(from, Packet(i));
            Assert.Null(writer.Failure);
        }
        var files = Directory.GetFiles(_folder).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Enumerable.Range(first, count).Select(number => $"node_{number:D5}"),
            files.Select(file => Path.GetFileName(file)[..10]));
        Assert.All(files, file => Assert.Matches(@"^node_\d{5}_\d{14}\.pcapng$", Path.GetFileName(file)));
        var times = new List<string>();
        foreach (var file in files)
        {
            var (lines, report) = PcapngWriterTests.Read(file);
            times.AddRange(lines.Select(line => line.Split(' ')[0]));
            Assert.InRange(new FileInfo(file).Length, 1, 11_200);
            Assert.Empty(report.Problems);
            Assert.Equal([("lo", "EN10MB"), ("eth0", "RAW")], report.Interfaces!.Select(one => (one.Name!, one.LinkType)));
        }
        Assert.Equal(Enumerable.Range(101 - times.Count, times.Count).Select(number => $"{number}"), times);
    }

    [Fact]
    public void A_live_source_is_written_with_its_interfaces_and_drops()
    {
        using var receiver = LiveReading.Receiver(out var at);
        using var sender = new System.Net.Sockets.UdpClient();
        using var source = LiveReading.Open(["lo", "any"], new LiveOptions { Filter = $"udp port {at.Port}", BufferSize = 1 });
        for (var i = 0; i < 5000; i++) sender.Send(Payload, at);
        CaptureSource live;
        using (var writer = new CaptureWriter(File, "a test", TimeProvider.System))
        {
            writer.Follow(source);
            live = source.Read((in frame) => writer.Write(frame.Interface, frame), new CancellationToken(canceled: true));
        }
        var file = PcapngWriterTests.Read(File).Report;
        Assert.True(live.Dropped > 0);
        Assert.Equal((live.Packets, live.Bytes, live.Dropped), (file.Packets, file.Bytes, file.Dropped));
        Assert.Equal(live.Interfaces, file.Interfaces);
        Assert.Equal((live.FirstPacket, live.LastPacket), (file.FirstPacket, file.LastPacket));
    }

    [Fact]
    public void A_full_disk_ends_the_writing_with_one_error_and_a_file_that_opens()
    {
        var (said, code) = Tool.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder);
        if (code != 0) Missing.Tool($"no small disk can be mounted: {said}");
        try
        {
            using var writer = new CaptureWriter(File, "a test", TimeProvider.System);
            var from = writer.AddInterface("lo", LinkLayer.En10Mb, 0);
            string? failure = null;
            for (var i = 1; i <= 200; i++)
            {
                writer.Write(from, Packet(i));
                writer.Flush();
                failure ??= writer.Failure;
                Assert.Equal(failure, writer.Failure);
            }
            Assert.Matches(@"^.*node\.pcapng: nothing is written any more, after packet \d+: No space left on device\.?$", failure);
            var (lines, report) = PcapngWriterTests.Read(File);
            Assert.InRange(lines.Count, 50, 65);
            Assert.Empty(report.Problems);
        }
        finally
        {
            Tool.Run("umount", _folder);
        }
    }

    [Fact]
    public void A_file_that_cannot_be_created_is_refused()
    {
        var problem = Assert.Throws<CaptureException>(() => new CaptureWriter(Path.Combine(_folder, "none", "node.pcapng"), "a test",
            TimeProvider.System));
        Assert.Contains("node.pcapng: cannot be written: ", problem.Message, StringComparison.Ordinal);
    }

    private static Frame Packet(int number) => new(number, number, LinkLayer.Raw, Payload, Payload.Length);
}
