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
        using var source = new CaptureFileSource(InCaptures("ractor/01_formats_new.pcap"));
        var report = source.Read((in frame) => cut += frame.OriginalLength > frame.Bytes.Length ? 1 : 0, CancellationToken.None);
        Assert.Equal("pcap", report.Format);
        Assert.Equal(["EN10MB"], report.LinkTypes);
        Assert.Equal(0, cut);
    }

    [Fact]
    public void A_filter_lets_through_what_it_names_and_keeps_the_numbers()
    {
        var (all, some) = (new List<long>(), new List<long>());
        using var filter = new PacketFilter("ip6 and tcp port 5900");
        using (var source = new CaptureFileSource(InCaptures("ractor/07_ipv6_new.pcap")))
            source.Read(filter.Before((in frame) => some.Add(frame.Number)), CancellationToken.None);
        using (var source = new CaptureFileSource(InCaptures("ractor/07_ipv6_new.pcap")))
            source.Read((in frame) => { if (IsToOrFrom5900(frame.Bytes)) all.Add(frame.Number); }, CancellationToken.None);
        Assert.NotEmpty(some);
        Assert.Equal(all, some);
    }

    private static bool IsToOrFrom5900(ReadOnlySpan<byte> ethernet) =>
        ethernet[14] >> 4 == 6 && (ethernet[54] << 8 | ethernet[55]) is var from && (ethernet[56] << 8 | ethernet[57]) is var to && (from == 5900 || to == 5900);

    [Fact]
    public void A_bad_filter_is_refused_in_libpcaps_words()
    {
        var problem = Assert.Throws<FilterException>(() => new PacketFilter("tcp prot 1"));
        Assert.Contains("syntax error", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_ends_the_reading_and_says_so()
    {
        using var stop = new CancellationTokenSource();
        using var source = new CaptureFileSource(InCaptures("ractor/01_ok_new.pcap"));
        var report = source.Read((in frame) => { if (frame.Number == 5) stop.Cancel(); }, stop.Token);
        Assert.Equal(5, report.Packets);
        Assert.Equal("interrupted", Assert.Single(report.Problems).Code);
    }
}
