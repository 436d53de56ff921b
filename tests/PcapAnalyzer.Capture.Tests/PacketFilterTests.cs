using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

public sealed class PacketFilterTests
{
    private static readonly string Capture = Path.Combine(Repository.Captures, "ractor/07_ipv6_new.pcap");

    [Fact]
    public void A_filter_lets_through_what_it_names_and_keeps_the_numbers()
    {
        var (all, some) = (new List<long>(), new List<long>());
        using var filter = new PacketFilter("ip6 and tcp port 5900");
        using (var source = new CaptureFileSource(Capture))
            source.Read(filter.Before((in frame) => some.Add(frame.Number)), CancellationToken.None);
        using (var source = new CaptureFileSource(Capture))
            source.Read((in frame) => { if (IsToOrFrom5900(frame.Bytes)) all.Add(frame.Number); }, CancellationToken.None);
        Assert.NotEmpty(some);
        Assert.Equal(all, some);
    }

    private static bool IsToOrFrom5900(ReadOnlySpan<byte> ethernet) =>
        ethernet[14] >> 4 == 6 && (ethernet[54] << 8 | ethernet[55]) is var from && (ethernet[56] << 8 | ethernet[57]) is var to
            && (from == 5900 || to == 5900);

    [Fact]
    public void A_bad_filter_is_refused_in_libpcaps_words()
    {
        var problem = Assert.Throws<FilterException>(() => new PacketFilter("tcp prot 1"));
        Assert.Contains("syntax error", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("greater 1000", "1")]
    [InlineData("less 1000", "2 3")]
    [InlineData("ip", "")]
    public void The_length_is_the_one_on_the_wire(string expression, string numbers)
    {
        var capture = new CaptureBuilder().Pcap().Record(1, 2, Samples.Packet, original: 1500).Record(1, 2, Samples.Packet)
            .Record(1, 2, []);
        Assert.Equal(numbers, Passed(expression, capture));
    }

    [Fact]
    public void Each_link_type_has_its_program_and_an_unknown_one_passes()
    {
        var ip = FrameBuilder.Ipv4(Endpoint.FromIpv4(0x7F000001, 0), Endpoint.FromIpv4(0x7F000001, 0), []);
        var capture = new CaptureBuilder().Section().Interface().Interface(101).Interface(147)
            .Enhanced(0, 1, FrameBuilder.Ethernet(0x800, ip)).Enhanced(1, 1, ip).Enhanced(2, 1, ip).Enhanced(1, 1, Samples.Packet);
        Assert.Equal("1 2 3", Passed("ip host 127.0.0.1", capture));
    }

    private static string Passed(string expression, CaptureBuilder capture)
    {
        var numbers = new List<long>();
        using var filter = new PacketFilter(expression);
        using var source = new CaptureFileSource(new CaptureInput("test", false, new MemoryStream(capture.Bytes)));
        source.Read(filter.Before((in frame) => numbers.Add(frame.Number)), CancellationToken.None);
        return string.Join(" ", numbers);
    }
}
