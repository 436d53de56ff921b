using System.Text;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>What is written can be read: by our reader, by tcpdump, capinfos and tshark.</summary>
public sealed class PcapngWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-").FullName;

    private string File => Path.Combine(_folder, "written.pcapng");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_packet_comes_back_as_it_was()
    {
        var written = new List<string>();
        using (var source = new CaptureFileSource(Path.Combine(Repository.Captures, "ractor/01_ok_new.pcap")))
        using (var writer = new CaptureWriter(File, "a test", TimeProvider.System))
        {
            int[] interfaces = [writer.AddInterface("eth0", LinkLayer.En10Mb, 65535), writer.AddInterface(null, LinkLayer.En10Mb, 0)];
            source.Read((in frame) =>
            {
                var moved = new Frame(frame.Number, frame.Time + frame.Number, frame.Link, frame.Bytes,
                    frame.OriginalLength + (int)frame.Number % 2);
                writer.Write(interfaces[frame.Number % 2], moved);
                written.Add(Line(moved));
            }, CancellationToken.None);
        }
        var (read, report) = Read(File);
        Assert.NotEmpty(written);
        Assert.Equal(written, read);
        Assert.Equal(("pcapng", 0), (report.Format, report.Problems.Count));
        Assert.Equal(["eth0", null], report.Interfaces!.Select(one => one.Name));
    }

    [Fact]
    public void Raw_ip_gets_the_number_that_files_have_for_it()
    {
        Write(writer => writer.Write(writer.AddInterface("tun0", LinkLayer.Raw12, 0), new Frame(1, 1, LinkLayer.Raw12, [0x45], 1)));
        Assert.EndsWith(" Raw 1 45", Read(File).Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Only", "test-all")]
    public void Comments_and_drops_are_there_for_others_too()
    {
        var comment = "2 challenge: node “ä” lied\n\tto b@host";
        var drops = new LiveInterface("eth7", LinkLayer.En10Mb, 1500, Packets: 2, DroppedByKernel: 40, DroppedByInterface: 2);
        using (var stream = System.IO.File.Create(File))
        {
            var writer = new PcapngWriter(stream, "a test");
            var from = writer.AddInterface(drops.Name, drops.Link, drops.SnapLength);
            writer.Write(from, Packet(1), comment);
            writer.Write(from, Packet(2));
            writer.WriteStatistics(from, 3_000_000_000, drops);
            writer.Flush();
            Assert.Equal(stream.Length, writer.Length);
        }
        var report = Read(File).Report;
        Assert.Equal((comment, 1), report.Comments!.Select(one => (one.Text, one.Packet)).Single());
        Assert.Equal(42, report.Dropped);

        var (tcpdump, tcpdumpCode) = Tool.Run("tcpdump", "-nn", "-r", File);
        Assert.True(tcpdumpCode == 0 && tcpdump.Split('\n')
            .Count(line => line.Contains("10.0.0.1.1000 > 10.0.0.2.2000", StringComparison.Ordinal)) == 2, tcpdump);
        var (capinfos, capinfosCode) = Tool.Run("capinfos", File);
        Assert.Equal(0, capinfosCode);
        foreach (var line in (string[])["Name = eth7", "Capture length = 1500", "Time precision = nanoseconds (9)",
            "Number of stat entries = 1", "Number of packets = 2", "Capture application: a test"])
            Assert.Contains(line, capinfos, StringComparison.Ordinal);
        var (tshark, _) = Tool.Run("tshark", "-r", File, "-V", "-c", "1");
        Assert.Contains("2 challenge: node “ä” lied", tshark, StringComparison.Ordinal);
        Assert.Contains("Interface name: eth7", tshark, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comment_is_cut_between_characters()
    {
        Write(writer => writer.Write(writer.AddInterface(null, LinkLayer.En10Mb, 0), Packet(1), new string('ä', 40_000)));
        Assert.Equal(new string('ä', 32_767), Assert.Single(Read(File).Report.Comments!).Text);
    }

    [Fact]
    public void The_longest_packets_fit()
    {
        var longest = new byte[262_144];
        Write(writer =>
        {
            var from = writer.AddInterface("lo", LinkLayer.En10Mb, 0);
            for (var i = 1; i <= 9; i++) writer.Write(from, new Frame(i, i, LinkLayer.En10Mb, longest, longest.Length),
                new string('x', 70_000));
        });
        var (lines, report) = Read(File);
        Assert.Equal((9, 0), (lines.Count, report.Problems.Count));
    }

    /// <summary>Also what kill -9 leaves: whole blocks, and perhaps a part of the last.</summary>
    [Fact]
    public void A_file_that_is_cut_anywhere_reads_up_to_there()
    {
        var ends = new List<long>();
        using var whole = new MemoryStream();
        var writer = new PcapngWriter(whole, "a test");
        var from = writer.AddInterface("lo", LinkLayer.En10Mb, 0);
        var start = writer.Length;
        for (var i = 1; i <= 3; i++)
        {
            writer.Write(from, Packet(i), i == 2 ? "a comment" : null);
            ends.Add(writer.Length);
        }
        writer.WriteStatistics(from, 4, new LiveInterface("lo", LinkLayer.En10Mb, 0, 3, 0, 0));
        writer.Flush();
        var bytes = whole.ToArray();
        for (var length = (int)start; length < bytes.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, bytes[..length]);
            var (lines, report) = Read(File);
            Assert.Equal(ends.Count(end => end <= length), lines.Count);
            Assert.Equal(length == start || ends.Contains(length) ? [] : ["truncated-file"],
                report.Problems.Select(problem => problem.Code));
        }
    }

    [Fact]
    public void After_each_flush_the_file_holds_whole_packets()
    {
        using var writer = new CaptureWriter(File, "a test", TimeProvider.System);
        var from = writer.AddInterface("lo", LinkLayer.En10Mb, 0);
        for (var i = 1; i <= 5; i++)
        {
            writer.Write(from, Packet(i));
            writer.Flush();
            var (lines, report) = Read(File); // it is still being written
            Assert.Equal((i, 0), (lines.Count, report.Problems.Count));
        }
    }

    private static Frame Packet(int number)
    {
        var (source, destination) = (Endpoint.From(System.Net.IPAddress.Parse("10.0.0.1"), 1000),
            Endpoint.From(System.Net.IPAddress.Parse("10.0.0.2"), 2000));
        var bytes = FrameBuilder.Ethernet(0x0800, FrameBuilder.Ipv4(source, destination,
            FrameBuilder.Tcp(1000, 2000, 1, 1, TcpFlags.Ack, Encoding.ASCII.GetBytes($"packet {number}"))));
        return new Frame(number, 1_700_000_000_000_000_001 + number, LinkLayer.En10Mb, bytes, bytes.Length);
    }

    private void Write(Action<CaptureWriter> what)
    {
        using var writer = new CaptureWriter(File, "a test", TimeProvider.System);
        what(writer);
    }

    internal static (List<string> Lines, CaptureSource Report) Read(string file)
    {
        var lines = new List<string>();
        using var source = new CaptureFileSource(file);
        return (lines, source.Read((in frame) => lines.Add(Line(frame)), CancellationToken.None));
    }

    private static string Line(in Frame frame) => $"{frame.Time} {frame.Link} {frame.OriginalLength} {Convert.ToHexString(frame.Bytes)}";
}
