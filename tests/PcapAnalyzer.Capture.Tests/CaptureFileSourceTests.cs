using System.IO.Compression;
using CsCheck;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

public sealed class CaptureFileSourceTests
{
    private static readonly Gen<string> Sample = Gen.Int[0, Samples.All.Count - 1].Select(index => Samples.All.Keys.ElementAt(index));

    public static TheoryData<string> Captures =>
        [.. Repository.AllCaptures.Where(relative => relative.EndsWith(".pcap", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    [HardCase("file cut in the middle of a record")]
    public void Every_cut_of_a_sample_keeps_the_packets_before_it(string sample)
    {
        var capture = Samples.All[sample].Capture;
        CutsKeepThePacketsBefore(capture.Bytes, capture.Records, Enumerable.Range(0, capture.Bytes.Length + 1));
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    [HardCase("file cut in the middle of a record")]
    public void Cuts_of_every_capture_keep_the_packets_before_them(string relative)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Repository.Captures, relative));
        List<(int End, bool IsPacket)> records = [(24, false)];
        while (records[^1].End < bytes.Length) records.Add((records[^1].End + 16 + BitConverter.ToInt32(bytes, records[^1].End + 8), true));
        // Every byte of the first records, then around every sixteenth border.
        var borders = records.Where((_, index) => index % 16 == 0)
            .SelectMany(record => new[] { record.End - 1, record.End, record.End + 1, record.End + 17 });
        CutsKeepThePacketsBefore(bytes, records, Enumerable.Range(0, 120).Concat(borders).Where(cut => cut <= bytes.Length));
    }

    private static void CutsKeepThePacketsBefore(byte[] bytes, IReadOnlyList<(int End, bool IsPacket)> records, IEnumerable<int> cuts)
    {
        var whole = Reading.Of(bytes).Frames;
        Assert.Equal(records.Count(record => record.IsPacket), whole.Count);
        foreach (var cut in cuts)
        {
            if (cut < records[0].End)
            {
                Assert.Throws<CaptureException>(() => Reading.Of(bytes[..cut]));
                continue;
            }
            var reading = Reading.Of(bytes[..cut]);
            Assert.Equal(whole.Take(records.Count(record => record.IsPacket && record.End <= cut)), reading.Frames);
            Assert.Equal((cut, records.Any(record => record.End == cut) ? "" : "truncated-file"), (cut, reading.Problems));
        }
    }

    [Fact]
    public void Any_chunking_gives_the_same_frames() =>
        Gen.Select(Sample, Gen.Int[1, 40].Array[1, 20]).Sample((sample, counts) =>
        {
            var bytes = Samples.All[sample].Capture.Bytes;
            Assert.Equal(Reading.Of(bytes).Frames, Reading.Of(new Dribble(bytes, counts)).Frames);
        }, iter: 300);

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    [InlineData(int.MaxValue)]
    public void Packets_of_every_size_survive_the_buffers_borders(int count)
    {
        var (pcap, pcapng) = (new CaptureBuilder().Pcap(), new CaptureBuilder().Section().Interface());
        var packets = new List<string>();
        for (var index = 0; index < 40; index++)
        {
            var packet = new byte[index * 97_003 % RecordParser.MaxPacket];
            Array.Fill(packet, (byte)index);
            packets.Add(Convert.ToHexStringLower(packet));
            pcap.Record(0, (uint)index, packet);
            pcapng.Enhanced(0, (ulong)index, packet).Block(7, packet[..(packet.Length & ~3)]);
        }
        pcapng.Enhanced(0, 40, Samples.Packet, options: pcapng.Option(2, new byte[60_000])).Block(3, new byte[2_000_000]);
        var (one, other) = (Reading.Of(new Dribble(pcap.Bytes, [count])), Reading.Of(new Dribble(pcapng.Bytes, [count])));
        Assert.Equal(packets, one.Frames.Select(frame => frame.Bytes));
        Assert.Equal(one.Frames, other.Frames.Take(40));
        Assert.Equal((42, ""), (other.Frames.Count, other.Problems));
    }

    [Fact]
    [Trait("Only", "test-all")]
    [HardCase("damage anywhere")]
    public void Damaged_input_throws_nothing_and_takes_little_memory() =>
        Gen.Select(Sample, Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[1, 8], Gen.Bool).Sample((sample, changes, isLarge) =>
        {
            var bytes = Samples.All[sample].Capture.Bytes;
            foreach (var (at, value) in changes) bytes[(at + (isLarge ? 24 : 0)) % bytes.Length] = value;
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var reading = Reading.Of(bytes);
                Assert.True(reading.Report.Problems.Count(problem => problem.Code is "truncated-file" or "damaged-file") < 2);
                Assert.InRange(reading.Report.Dropped, 0, long.MaxValue);
            }
            catch (CaptureException)
            {
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        }, iter: 5000);

    [Theory]
    [InlineData("pcap µs", 100, 0)]
    [InlineData("pcap µs", 101, 1)]
    [InlineData("pcapng, unknown blocks", 100, 0)]
    [HardCase("medium that fails while it is read")]
    public void A_medium_that_fails_ends_the_reading_with_its_reason(string sample, int after, int packets)
    {
        var reading = Reading.Of(new Dribble(Samples.All[sample].Capture.Bytes[..after], [7]) { Fails = true });
        Assert.Equal((packets, "damaged-file"), (reading.Frames.Count, reading.Problems));
        Assert.Contains("the disk is gone", reading.Report.Problems[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_medium_that_fails_at_once_is_refused() =>
        Assert.Contains("the disk is gone", Assert.Throws<CaptureException>(() =>
            Reading.Of(new Dribble(Samples.All["pcap µs"].Capture.Bytes[..4], [4]) { Fails = true })).Message, StringComparison.Ordinal);

    [Fact]
    [HardCase("handler that throws")]
    public void An_exception_of_the_handler_reaches_the_caller() =>
        Assert.Throws<IOException>(() => Reading.Of(new CaptureFileSource(new CaptureInput("test", false,
            new MemoryStream(Samples.All["pcap µs"].Capture.Bytes))), _ => throw new IOException("no space left")));

    [Fact]
    public void A_stop_ends_the_reading_and_says_so()
    {
        using var stop = new CancellationTokenSource();
        var reading = Reading.Of(new CaptureFileSource(Path.Combine(Repository.Captures, "ractor/01_ok_new.pcap")),
            number => { if (number == 5) stop.Cancel(); }, stop);
        Assert.Equal((5, "interrupted"), (reading.Frames.Count, reading.Problems));
    }

    [Fact]
    public void Progress_grows_to_the_length_of_the_file()
    {
        var path = Path.Combine(Repository.Captures, "erlang/dribble.pcap");
        var told = new List<long>();
        using var source = new CaptureFileSource(path, told.Add);
        source.Read((in _) => { }, CancellationToken.None);
        Assert.Equal(new FileInfo(path).Length, source.Length);
        Assert.Equal(source.Length, told.Max());
    }

    [Fact]
    public void Progress_of_a_compressed_file_is_that_of_the_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = new GZipStream(File.Create(path), CompressionLevel.Fastest)) file.Write(Samples.All["pcap µs"].Capture.Bytes);
            var told = new List<long>();
            using var source = new CaptureFileSource(path, told.Add);
            source.Read((in _) => { }, CancellationToken.None);
            Assert.Equal(new FileInfo(path).Length, told.Max());
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Gives its bytes in portions of the given sizes, over and over, and then may fail.</summary>
    private sealed class Dribble(byte[] bytes, int[] counts) : MemoryStream(bytes)
    {
        private int _turn;

        internal bool Fails { get; init; }

        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, Math.Min(count, counts[_turn++ % counts.Length]));
            return read == 0 && Fails ? throw new IOException("the disk is gone") : read;
        }
    }
}
