using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

public sealed class CaptureFileSourceTests
{
    private static string InCaptures(string name) => Path.Combine(Repository.Captures, name);

    [Fact]
    public void Keeps_the_length_that_a_snaplen_cut_off()
    {
        var cut = 0;
        using var source = new CaptureFileSource(InCaptures("ractor/01_formats_new.pcap"), null);
        var report = source.Read((in frame) => cut += frame.OriginalLength > frame.Bytes.Length ? 1 : 0, CancellationToken.None);
        Assert.Equal("pcap", report.Format);
        Assert.Equal(["EN10MB"], report.LinkTypes);
        Assert.Equal(0, cut);
    }

    [Fact]
    public void A_filter_lets_through_what_it_names()
    {
        using var all = new CaptureFileSource(InCaptures("ractor/07_ipv6_new.pcap"), null);
        using var some = new CaptureFileSource(InCaptures("ractor/07_ipv6_new.pcap"), "ip6");
        var (whole, part) = (all.Read((in _) => { }, CancellationToken.None), some.Read((in _) => { }, CancellationToken.None));
        Assert.InRange(part.Packets, 1, whole.Packets - 1);
    }

    [Fact]
    public void A_bad_filter_is_refused_in_libpcaps_words()
    {
        var problem = Assert.Throws<FilterException>(() => new CaptureFileSource(InCaptures("ractor/01_ok_new.pcap"), "tcp prot 1"));
        Assert.Contains("syntax error", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_ends_the_reading_and_says_so()
    {
        using var stop = new CancellationTokenSource();
        using var source = new CaptureFileSource(InCaptures("ractor/01_ok_new.pcap"), null);
        var report = source.Read((in frame) => { if (frame.Number == 5) stop.Cancel(); }, stop.Token);
        Assert.Equal(5, report.Packets);
        Assert.Equal("interrupted", Assert.Single(report.Problems).Code);
    }
}
