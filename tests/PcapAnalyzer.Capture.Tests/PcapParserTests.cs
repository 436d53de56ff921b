using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

public sealed class PcapParserTests
{
    private static readonly string Packet = Convert.ToHexStringLower(Samples.Packet);

    [Theory]
    [InlineData("pcap µs", 1000)]
    [InlineData("pcap µs, big-endian", 1000)]
    [InlineData("pcap ns", 1)]
    [InlineData("pcap ns, big-endian", 1)]
    [InlineData("pcap modified", 1000)]
    [InlineData("pcap modified, big-endian", 1000)]
    [HardCase("every magic number, either byte order")]
    public void Every_magic_is_read(string sample, long fraction)
    {
        var reading = Reading.Of(Samples.All[sample].Capture.Bytes);
        Assert.Equal(
            [
                new(1, 1_000_000_000 + 2 * fraction, "EN10MB", Packet, 61),
                new(2, 3_000_000_000 + 999_999 * fraction, "EN10MB", "", 0),
                new(3, 1_700_000_000_000_000_000 + 5 * fraction, "EN10MB", Packet + Packet, 1500),
            ],
            reading.Frames);
        Assert.Equal(("pcap", ""), (reading.Report.Format, reading.Problems));
    }

    [Theory]
    [InlineData("pcap raw IP, snaplen 0", 1_000_002_000, "RAW", 61)]
    [InlineData("pcap with frame check sequences", 1_000_002_000, "EN10MB", 61)]
    [InlineData("pcap longer on the wire", 1_000_002_000, "EN10MB", 1500)]
    [InlineData("pcap shorter on the wire", 1_000_002_000, "EN10MB", 61)]
    [InlineData("pcap beyond its snaplen", 1_000_002_000, "EN10MB", 61)]
    [InlineData("pcap, 2100", 4_102_444_800_000_002_000, "EN10MB", 61)]
    [InlineData("pcap, more than a second of µs", 5_000_000_000, "EN10MB", 61)]
    [HardCase("frame check sequence bits in the link type", "pcap with frame check sequences")]
    [HardCase("record longer than the snapshot length", "pcap beyond its snaplen")]
    [HardCase("record longer than the packet on the wire", "pcap shorter on the wire")]
    [HardCase("snapshot length of 0", "pcap raw IP, snaplen 0")]
    [HardCase("times beyond 2038, fractions beyond a second", "pcap, 2100", "pcap, more than a second of µs")]
    public void An_odd_but_valid_header_is_read(string sample, long time, string link, int original)
    {
        var reading = Reading.Of(Samples.All[sample].Capture.Bytes);
        Assert.Equal(new(1, time, link, Packet, original), Assert.Single(reading.Frames));
        Assert.Equal("", reading.Problems);
    }

    [Fact]
    [HardCase("record of an absurd length")]
    public void The_longest_packet_is_read_and_a_longer_one_is_damage()
    {
        var longest = new byte[RecordParser.MaxPacket];
        var capture = new CaptureBuilder().Pcap().Record(1, 2, longest).Record(1, 2, [], captured: uint.MaxValue).Record(1, 2, longest);
        var reading = Reading.Of(capture.Bytes);
        Assert.Equal((1, RecordParser.MaxPacket, "damaged-file"), (reading.Report.Packets, reading.Report.Bytes, reading.Problems));
    }

    [Fact]
    [HardCase("unknown link type")]
    public void Packets_of_an_unknown_link_type_are_counted_and_named()
    {
        var report = Reading.Of(new CaptureBuilder().Pcap(link: 147).Record(1, 2, Samples.Packet).Record(1, 3, Samples.Packet).Bytes)
            .Report;
        Assert.Equal(2, report.Packets);
        Assert.Contains("link type 147", Assert.Single(report.Problems).Detail, StringComparison.Ordinal);
        Assert.Equal([], Reading.Of(new CaptureBuilder().Pcap(link: 147).Bytes).Report.Problems);
    }

    [Theory]
    [InlineData(2, 2, 1500, 61)]
    [InlineData(543, 0, 1500, 61)]
    [InlineData(2, 3, 1500, 61)]
    [InlineData(2, 3, 61, 1500)]
    [InlineData(2, 4, 61, 1500)]
    [HardCase("pcap before version 2.4, whose lengths are swapped")]
    public void The_lengths_of_old_files_are_read_in_their_order(ushort major, ushort minor, uint first, uint second)
    {
        var capture = new CaptureBuilder().Pcap(major: major, minor: minor).Record(1, 2, Samples.Packet, second, first)
            .Record(1, 2, Samples.Packet, second, first);
        var reading = Reading.Of(capture.Bytes);
        Assert.Equal([(Packet, 1500), (Packet, 1500)], reading.Frames.Select(frame => (frame.Bytes, frame.OriginalLength)));
        Assert.Equal("", reading.Problems);
    }
}
