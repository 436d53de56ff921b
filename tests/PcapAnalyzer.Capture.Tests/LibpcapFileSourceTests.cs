using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>Our reader against libpcap's. What may differ stands in <see cref="Samples"/>, with its reason.</summary>
public sealed class LibpcapFileSourceTests
{
    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Both_read_every_capture_alike(string relative)
    {
        var path = Path.Combine(Repository.Captures, relative);
        var (ours, theirs) = (Reading.Of(new CaptureFileSource(path)), Reading.Of(new LibpcapFileSource(path)));
        Assert.NotEmpty(ours.Frames);
        Assert.Equal(theirs.Frames, ours.Frames);
        Assert.Equal(theirs.Problems, ours.Problems);
    }

    [Theory]
    [MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    [HardCase("several link types, snapshot lengths, byte orders in one file")]
    public void Both_read_every_sample_alike_or_there_is_a_reason(string sample)
    {
        var (capture, reason) = Samples.All[sample];
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, capture.Bytes);
            Assert.Equal((sample, reason == null), (sample, IsAlike(path)));
            if (reason != null || capture.Records.Count == 1) return;
            File.WriteAllBytes(path, capture.Bytes[..^1]);
            Assert.True(IsAlike(path), "the last byte is missing");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool IsAlike(string path)
    {
        try
        {
            var (ours, theirs) = (Reading.Of(new CaptureFileSource(path)), Reading.Of(new LibpcapFileSource(path)));
            return ours.Frames.SequenceEqual(theirs.Frames) && ours.Problems == theirs.Problems;
        }
        catch (CaptureException)
        {
            return false;
        }
    }
}
