using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Capture.Tests;

public sealed class PcapngParserTests
{
    private const ulong Top = ulong.MaxValue;

    private static readonly string Packet = Convert.ToHexStringLower(Samples.Packet);

    private static CaptureBuilder Begin() => new CaptureBuilder().Section().Interface();

    [Theory]
    [InlineData("pcapng")]
    [InlineData("pcapng, big-endian")]
    [HardCase("comments, drop counts, interface names")]
    [HardCase("obsolete packet block")]
    public void Every_kind_of_block_is_read(string sample)
    {
        var reading = Reading.Of(Samples.All[sample].Capture.Bytes);
        Assert.Equal(
            [
                new(1, 1_700_000_000_123_456_789, "EN10MB", Packet, 1500),
                new(2, 105_500_000_000, "EN10MB", Packet + Packet, 122),
                new(3, 1_700_000_001_000_000_000, "EN10MB", "", 0),
            ],
            reading.Frames);
        Assert.Equal([new("of the file", null), new("of a packet", 1), new("of an old packet", 2)], reading.Report.Comments!);
        Assert.Equal([new("eth0", "EN10MB", 9), new("eth1", "EN10MB", 0)], reading.Report.Interfaces!);
        Assert.Equal(("pcapng", 9, ""), (reading.Report.Format, reading.Report.Dropped, reading.Problems));
    }

    [Fact]
    [HardCase("interface numbers that begin again with a section")]
    public void A_packets_interface_is_counted_through_all_sections()
    {
        var bytes = Begin().Interface().Enhanced(1, 1, Samples.Packet).Enhanced(0, 1, Samples.Packet).Section(bigEndian: true).Interface()
            .Enhanced(0, 1, Samples.Packet).Bytes;
        using var source = new CaptureFileSource(new CaptureInput("test", false, new MemoryStream(bytes)));
        var interfaces = new List<int>();
        source.Read((in frame) => interfaces.Add(frame.Interface), CancellationToken.None);
        Assert.Equal([1, 0, 2], interfaces);
    }

    [Theory]
    [InlineData("pcapng, unknown blocks", "1")]
    [InlineData("pcapng, two sections", "1 2")]
    [InlineData("pcapng, both byte orders", "1 2")]
    [InlineData("pcapng, two links", "1 2")]
    [InlineData("pcapng, two snaplens", "2")]
    [InlineData("pcapng, late interface", "1 1")]
    [InlineData("pcapng, no time", "1 1")]
    [InlineData("pcapng with nothing in it", "")]
    [HardCase("byte order of its own in each section", "pcapng, both byte orders")]
    [HardCase("section length of -1 or 0", "pcapng, two sections")]
    [HardCase("unknown, custom, name and secret blocks", "pcapng, unknown blocks")]
    [HardCase("interface described late", "pcapng, late interface")]
    [HardCase("simple packet without a time", "pcapng, no time")]
    [HardCase("several link types, snapshot lengths, byte orders in one file", "pcapng, two links", "pcapng, two snaplens",
        "pcapng, both byte orders")]
    public void Other_blocks_between_the_packets_are_skipped(string sample, string microseconds)
    {
        var reading = Reading.Of(Samples.All[sample].Capture.Bytes);
        Assert.Equal(microseconds, string.Join(" ", reading.Frames.Select(frame => frame.Time / 1000)));
        Assert.All(reading.Frames, frame => Assert.Equal(Packet, frame.Bytes));
        Assert.Equal("", reading.Problems);
    }

    [Theory]
    [InlineData(6, 0, 1_500_000, 1_500_000_000)]
    [InlineData(6, -1, 1_500_000, 500_000_000)]
    [InlineData(6, -3, 1_500_000, -1_500_000_000)]
    [InlineData(0, 0, 7, 7_000_000_000)]
    [InlineData(3, 0, 7, 7_000_000)]
    [InlineData(12, 0, 1_999, 1)]
    [InlineData(19, 0, Top, 1_844_674_407)]
    [InlineData(38, 0, Top, 0)]
    [InlineData(127, 5, Top, 5_000_000_000)]
    [InlineData(0x80, 0, 7, 7_000_000_000)]
    [InlineData(0x80 | 1, 0, 3, 1_500_000_000)]
    [InlineData(0x80 | 10, 0, 1, 976_562)]
    [InlineData(0x80 | 64, 0, Top, 999_999_999)]
    [InlineData(0x80 | 90, 0, Top, 14)]
    [InlineData(0x80 | 127, 0, Top, 0)]
    [InlineData(0, 0, Top, long.MaxValue)]
    [InlineData(6, 0, Top, long.MaxValue)]
    [InlineData(9, 0, Top, long.MaxValue)]
    [InlineData(9, 0, (ulong)long.MaxValue, long.MaxValue)]
    [InlineData(6, long.MaxValue, Top, long.MaxValue)]
    [InlineData(6, long.MinValue, 0, long.MinValue)]
    [HardCase("clock of any resolution and offset")]
    public void Clocks_of_every_kind(byte resolution, long offset, ulong ticks, long nanoseconds)
    {
        var to = new CaptureBuilder();
        to.Section().Interface(1, 0, [.. to.Number(14, offset), .. to.Option(9, resolution)]).Enhanced(0, ticks, Samples.Packet);
        Assert.Equal(nanoseconds, Assert.Single(Reading.Of(to.Bytes).Frames).Time);
    }

    private static readonly Dictionary<string, (CaptureBuilder Capture, int Packets, string Problems)> Odd = new()
    {
        ["no interface"] = (new CaptureBuilder().Section().Enhanced(0, 1, Samples.Packet), 0, "damaged-file"),
        ["no interface for a simple packet"] = (new CaptureBuilder().Section().Simple(Samples.Packet), 0, "damaged-file"),
        ["the interface of another section"] = (Begin().Enhanced(0, 1, Samples.Packet).Section().Enhanced(0, 1, Samples.Packet), 1,
            "damaged-file"),
        ["longer than its block"] = (Begin().Enhanced(0, 1, Samples.Packet, captured: 65), 0, "damaged-file"),
        ["longer than any"] = (Begin().Enhanced(0, 1, new byte[RecordParser.MaxPacket + 1]), 0, "damaged-file"),
        ["longer than any, in a simple block"] = (Begin().Simple(new byte[RecordParser.MaxPacket + 1]), 0, "damaged-file"),
        ["two lengths"] = (Begin().Block(6, new byte[20], lastLength: 36), 0, "damaged-file"),
        ["no length"] = (Begin().Block(7, [], length: 0), 0, "damaged-file"),
        ["a length that is no multiple of 4"] = (Begin().Block(7, new byte[5]), 0, "damaged-file"),
        ["a block beyond every limit"] = (Begin().Block(6, new byte[20], length: 0xFFFF_FFF0), 0, "damaged-file"),
        ["an unknown block beyond the file"] = (Begin().Block(7, new byte[20], length: 0xFFFF_FFF0), 0, "truncated-file"),
        ["too short for a packet"] = (Begin().Block(6, new byte[16]), 0, "damaged-file"),
        ["zeros behind it"] = (Begin().Enhanced(0, 1, Samples.Packet).Raw(new byte[64]), 1, "damaged-file"),
        ["a section of neither byte order"] = (Begin().Block(0x0A0D0D0A, new byte[16]), 0, "damaged-file"),
        ["statistics of no interface"] = (Begin().Statistics(9).Enhanced(0, 1, Samples.Packet), 1, ""),
        ["an unknown link type"] = (new CaptureBuilder().Section().Interface(147).Interface().Enhanced(0, 1, Samples.Packet)
            .Enhanced(1, 1, Samples.Packet), 2, "unknown-link-type"),
        ["an unknown link type without packets"] =
            (new CaptureBuilder().Section().Interface(147).Interface().Enhanced(1, 1, Samples.Packet), 1, ""),
        ["an unknown version"] = (new CaptureBuilder().Section(major: 2).Interface().Enhanced(0, 1, Samples.Packet).Section().Interface()
            .Enhanced(0, 1, Samples.Packet), 1, "unknown-version"),
        ["a simple packet that the snaplen cut"] =
            (new CaptureBuilder().Section().Interface(snapLength: 61).Simple(Samples.Packet, original: 1500), 1, ""),
        ["an option longer than its block"] = (Begin().Enhanced(0, 1, Samples.Packet, options: [1, 0, 255, 255]), 1, ""),
        ["options that mean nothing to us"] = (new CaptureBuilder().Section()
            .Interface(options: [11, 0, 4, 0, 0, (byte)'t', (byte)'c', (byte)'p', 13, 0, 1, 0, 4, 0, 0, 0, 0xAC, 0x0B, 2, 0, 1, 2, 0, 0])
            .Enhanced(0, 1, Samples.Packet, options: [2, 0, 4, 0, 1, 0, 0, 0]), 1, ""),
        ["options without an end, cut"] = (Begin().Enhanced(0, 1, Samples.Packet, options: [2, 0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0]), 1, ""),
    };

    public static TheoryData<string> OddNames => [.. Odd.Keys];

    [Theory]
    [MemberData(nameof(OddNames))]
    [HardCase("section of an unknown version", "an unknown version")]
    [HardCase("interface numbers that begin again with a section", "the interface of another section")]
    [HardCase("block lengths that contradict themselves", "two lengths", "no length", "a length that is no multiple of 4",
        "longer than its block")]
    [HardCase("block or packet beyond every limit", "longer than any", "longer than any, in a simple block", "a block beyond every limit")]
    [HardCase("options that mean nothing to us", "options that mean nothing to us")]
    [HardCase("option list without an end, option beyond its block", "an option longer than its block", "options without an end, cut")]
    [HardCase("simple packet without a time", "a simple packet that the snaplen cut")]
    [HardCase("unknown link type", "an unknown link type", "an unknown link type without packets")]
    public void Oddities_are_named_and_the_packets_are_read(string what)
    {
        var (capture, packets, problems) = Odd[what];
        var reading = Reading.Of(capture.Bytes);
        Assert.Equal((packets, problems), (reading.Report.Packets, reading.Problems));
        Assert.All(reading.Frames, frame => Assert.Equal(Packet, frame.Bytes));
    }

    [Fact]
    [HardCase("text that is not UTF-8")]
    public void Invalid_text_is_shown_with_replacement_characters()
    {
        var to = new CaptureBuilder().Section();
        to.Interface(1, 0, to.Option(2, [(byte)'e', 0xFF, 0xC3, (byte)'0', 0, 0]))
            .Enhanced(0, 1, Samples.Packet, options: to.Option(1, [0xED, 0xA0, 0x80, (byte)'x']));
        var report = Reading.Of(to.Bytes).Report;
        Assert.Equal(("e\uFFFD\uFFFD0", "\uFFFD\uFFFD\uFFFDx", 0),
            (report.Interfaces![0].Name, report.Comments![0].Text, report.Problems.Count));
    }

    [Fact]
    [HardCase("block or packet beyond every limit")]
    public void A_hostile_file_does_not_fill_the_memory()
    {
        var to = new CaptureBuilder().Section();
        for (var count = 0; count < 5000; count++) to.Interface(147, 0, to.Option(2, new byte[2000]));
        var report = Reading.Of(to.Bytes).Report;
        Assert.Equal("damaged-file", Assert.Single(report.Problems).Code);
        Assert.Equal(100, report.Interfaces!.Count);
        Assert.All(report.Interfaces, one => Assert.Null(one.Name));
    }
}
