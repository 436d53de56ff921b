using System.Globalization;
using CsCheck;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Facts;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

public sealed class ReportTextTests
{
    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000Z")]
    [InlineData(1_700_000_000_123_456_000, "2023-11-14T22:13:20.123456Z")]
    [InlineData(1_700_000_000_123_456_789, "2023-11-14T22:13:20.123456789Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(long.MaxValue, "2262-04-11T23:47:16.854775807Z")]
    public void Times_are_RFC_3339_with_nanoseconds_where_there_are_any(long time, string text) =>
        Assert.Equal(text, ReportText.Time(time));

    [Fact]
    public void Times_are_as_NET_writes_them() => Gen.OneOf(Gen.Long, Gen.Long.Select(time => time / 1000 * 1000),
        Gen.Long[-2_000_000_000, 2_000_000_000], Gen.OneOf(long.MinValue, long.MinValue + 1, long.MaxValue - 1)).Sample(time =>
    {
        var ticks = Math.DivRem(time, 100, out var rest);
        if (rest < 0) (ticks, rest) = (ticks - 1, rest + 100);
        var text = DateTime.UnixEpoch.AddTicks(ticks).ToString("yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffff",
            CultureInfo.InvariantCulture) + $"{rest:00}";
        Assert.Equal((text.EndsWith("000", StringComparison.Ordinal) ? text[..^3] : text) + "Z", ReportText.Time(time));
    });

    [Theory]
    [InlineData("rabbit@生産-1", "rabbit@生産-1")]
    [InlineData("a\u001b[31m", "a\\u001b[31m")]
    [InlineData("a\u202eb\u200f\u2066", "a\\u202eb\\u200f\\u2066")]
    [InlineData("a\nb\u0085\u2028", "a\\u000ab\\u0085\\u2028")]
    [InlineData("\U000E0041", "\\U000e0041")]
    public void Text_from_packets_reaches_no_terminal_raw(string text, string safe) => Assert.Equal(safe, ReportText.Safe(text));

    [Fact]
    public void Half_a_surrogate_pair_is_no_character() => Assert.Equal("a\\ufffdb", ReportText.Safe("a" + '\ud800' + "b"));

    [Fact]
    public void A_long_name_keeps_both_its_ends()
    {
        var safe = ReportText.Safe("node" + new string('x', 60_000) + "@host");
        Assert.Equal(80, safe.Length);
        Assert.True(safe.StartsWith("node", StringComparison.Ordinal) && safe.EndsWith("@host", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(90_000, "90 µs")]
    [InlineData(1_240_000, "1.24 ms")]
    [InlineData(41_100_000, "41.1 ms")]
    [InlineData(7_003_000_000, "7.003 s")]
    public void Durations_have_the_unit_that_fits(long nanoseconds, string text) => Assert.Equal(text, Durations.Text(nanoseconds));

    [Fact]
    public void Ascii_has_a_stand_in_for_every_glyph_and_an_escape_for_the_rest()
    {
        using var text = new StringWriter();
        using (var ascii = new AsciiWriter(text)) ascii.Write("✓→µé\U0001F600");
        Assert.Equal("+>u\\u00e9\\U0001f600", text.ToString());
    }
}
