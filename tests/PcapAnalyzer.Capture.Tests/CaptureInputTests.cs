using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Compression;
using PcapAnalyzer.Testing;
using Xunit;
using ZstdSharp;

namespace PcapAnalyzer.Capture.Tests;

public sealed class CaptureInputTests
{
    /// <summary>Many records that do not compress, so that a cut anywhere in what is compressed loses some.</summary>
    private static readonly byte[] Capture = Many();

    private static byte[] Many()
    {
        var (to, random) = (new CaptureBuilder().Pcap(), new Random(1));
        for (var count = 0; count < 300; count++)
        {
            var packet = new byte[random.Next(1000)];
            random.NextBytes(packet);
            to.Record((uint)count, 0, packet);
        }
        return to.Bytes;
    }

    private static byte[] Gzip(byte[] bytes) => Compressed(bytes, output => new GZipStream(output, CompressionLevel.Fastest));

    private static byte[] Zstd(byte[] bytes) => Compressed(bytes, output =>
    {
        var stream = new CompressionStream(output);
        stream.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1); // as the program zstd does
        return stream;
    });

    private static byte[] Compressed(byte[] bytes, Func<Stream, Stream> compressor)
    {
        var output = new MemoryStream();
        using (var stream = compressor(output)) stream.Write(bytes);
        return output.ToArray();
    }

    public static TheoryData<string> Compressors => ["gzip", "zstd"];

    private static byte[] By(string compressor, byte[] bytes) => compressor == "gzip" ? Gzip(bytes) : Zstd(bytes);

    [Theory]
    [MemberData(nameof(Compressors))]
    [HardCase("gzip and zstd")]
    public void A_compressed_file_reads_like_a_plain_one(string compressor)
    {
        var plain = Reading.Of(Capture).Frames;
        byte[][] wholes = [By(compressor, Capture), [.. By(compressor, Capture[..1001]), .. By(compressor, Capture[1001..])],
            [.. By(compressor, Capture), .. By(compressor, [])]];
        foreach (var whole in wholes)
        {
            var reading = Reading.Of(whole);
            Assert.Equal(plain, reading.Frames);
            Assert.Equal("", reading.Problems);
        }
    }

    [Theory]
    [MemberData(nameof(Compressors))]
    public void A_truncated_compressed_file_is_reported_as_cut(string compressor)
    {
        var plain = Reading.Of(Capture).Frames;
        var whole = By(compressor, Capture);
        var two = By(compressor, Capture[..1001]).Length;
        byte[] both = [.. By(compressor, Capture[..1001]), .. By(compressor, Capture[1001..])];
        foreach (var cut in (byte[][])[.. Enumerable.Range(1, 20).Select(count => whole[..^count]), whole[..(whole.Length / 2)],
            both[..(two + 200)], both[..^1]])
        {
            var reading = Reading.Of(cut);
            Assert.Equal(plain.Take(reading.Frames.Count), reading.Frames);
            Assert.Equal((cut.Length, "damaged-file"), (cut.Length, reading.Problems));
        }
        foreach (var count in Enumerable.Range(5, 10)) Assert.Throws<CaptureException>(() => Reading.Of(whole[..count]));
    }

    [Theory]
    [MemberData(nameof(Compressors))]
    public void A_damaged_compressed_file_is_reported_as_damaged(string compressor)
    {
        var bytes = By(compressor, Capture);
        bytes[bytes.Length / 2] ^= 0x55;
        Assert.Equal("damaged-file", Reading.Of(bytes).Problems);
        Assert.Contains("is not a capture file", Assert.Throws<CaptureException>(() => Reading.Of(By(compressor, [0]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("begins with", Assert.Throws<CaptureException>(() => Reading.Of(By(compressor, By("gzip", Capture)))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Zstd_may_begin_with_a_frame_to_skip()
    {
        byte[] skipped = [0x5F, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4];
        var reading = Reading.Of((byte[])[.. skipped, .. Zstd(Capture), .. skipped, .. Zstd([])]);
        Assert.Equal(Reading.Of(Capture).Frames, reading.Frames);
        Assert.Equal("", reading.Problems);
    }

    /// <summary>A frame of a few bytes can ask for a window of gigabytes.</summary>
    [Fact]
    [HardCase("gzip and zstd")]
    public void A_zstd_window_that_would_take_too_much_memory_is_refused_with_the_way_to_read_it() => Assert.Contains(
        "its zstd window is larger than 128 MB; take that off first: zstd -dc --long=31 FILE | pcap-analyzer report -",
        Assert.Throws<CaptureException>(() => Reading.Of(Convert.FromHexString("28b52ffd00a8010000"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("xz", "fd377a585a00000004e6d6b446")]
    [InlineData("bzip2", "425a683931415926535900")]
    [InlineData("lz4", "04224d1864a7000000")]
    [HardCase("gzip and zstd")]
    public void An_unsupported_compression_is_named_with_the_remedy(string program, string begins) => Assert.Contains(
        $"is compressed with {program}, which is not read; take that off first: {program} -dc FILE | pcap-analyzer report -",
        Assert.Throws<CaptureException>(() => Reading.Of(Convert.FromHexString(begins))).Message, StringComparison.Ordinal);

    public static TheoryData<string, string> Pipes => new(
        from sample in (string[])["pcap µs", "pcapng"]
        from wrap in (string[])["", "gzip", "zstd"]
        select (sample, wrap));

    [Theory]
    [MemberData(nameof(Pipes))]
    public async Task A_pipe_gives_each_packet_as_it_is_written(string sample, string compressor)
    {
        var capture = Samples.All[sample].Capture;
        using var folder = new Folder();
        using var arrived = new BlockingCollection<long>();
        var reading = Task.Run(() => Reading.Of(new CaptureFileSource(folder.Pipe), arrived.Add), TestContext.Current.CancellationToken);
        await using (var pipe = folder.OpenPipe())
        {
            Stream output = compressor switch
            {
                "gzip" => new GZipStream(pipe, CompressionLevel.Fastest),
                "zstd" => new CompressionStream(pipe),
                _ => pipe
            };
            var (at, packets) = (0, 0);
            foreach (var (end, isPacket) in capture.Records)
            {
                output.Write(capture.Bytes, at, end - at);
                output.Flush();
                at = end;
                if (!isPacket) continue;
                Assert.True(arrived.TryTake(out var number, (int)Reading.Patience.TotalMilliseconds,
                    TestContext.Current.CancellationToken));
                Assert.Equal(++packets, number);
            }
            await output.DisposeAsync();
        }
        Assert.Equal("", (await reading.WaitAsync(Reading.Patience, TestContext.Current.CancellationToken)).Problems);
    }

    [Theory]
    [InlineData("pcap µs", 1)]
    [InlineData("pcap µs", 0)]
    [InlineData("pcapng, unknown blocks", 1)]
    public async Task A_stop_ends_the_waiting_for_a_silent_pipe(string sample, int extra)
    {
        var capture = Samples.All[sample].Capture;
        using var folder = new Folder();
        using var stop = new CancellationTokenSource();
        using var arrived = new SemaphoreSlim(0);
        var first = capture.Records.First(record => record.IsPacket).End;
        var reading = Task.Run(() => Reading.Of(new CaptureFileSource(folder.Pipe), _ => arrived.Release(), stop),
            TestContext.Current.CancellationToken);
        await using var pipe = folder.OpenPipe();
        pipe.Write(capture.Bytes, 0, first + extra);
        Assert.True(await arrived.WaitAsync(Reading.Patience, TestContext.Current.CancellationToken));
        stop.Cancel();
        var read = await reading.WaitAsync(Reading.Patience, TestContext.Current.CancellationToken);
        Assert.Equal((1, "interrupted"), (read.Frames.Count, read.Problems));
    }

    [Theory]
    [InlineData("no-such.pcap", "no such file")]
    [InlineData("", "is a directory")]
    public void What_cannot_be_opened_is_named(string name, string says)
    {
        using var folder = new Folder();
        Assert.Contains(says, Assert.Throws<CaptureException>(() => new CaptureFileSource(Path.Combine(folder.Name, name))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A folder with a named pipe in it.</summary>
    private sealed class Folder : IDisposable
    {
        internal Folder() => Process.Start("mkfifo", Pipe).WaitForExit();

        internal string Name { get; } = Directory.CreateTempSubdirectory("pcap-analyzer-").FullName;

        internal string Pipe => Path.Combine(Name, "pipe");

        /// <summary>Waits until somebody reads it.</summary>
        internal FileStream OpenPipe() => new(Pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

        public void Dispose() => Directory.Delete(Name, recursive: true);
    }
}
