using System.Text;
using CsCheck;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

public sealed class CellTextTests
{
    [Theory]
    [InlineData("rabbit@web1", 11)]
    [InlineData("生産", 4)]
    [InlineData("e\u0301", 1)]
    [InlineData("한", 2)]
    [InlineData("\u1112\u1161\u11ab", 2)]
    [InlineData("ﾊ", 1)]
    [InlineData("Ａ", 2)]
    [InlineData("😀", 2)]
    [InlineData("├─►│┊░■╳┃━╌", 11)]
    public void Width_is_counted_in_cells(string text, int cells) => Assert.Equal(cells, CellText.Width(text));

    [Theory]
    [InlineData("\u0301a", "◌\u0301a")]
    [InlineData("a\u202e\u0301", "a\\u202e◌\u0301")]
    [InlineData("e\u0301\u0302\u0303\u0304\u0305x", "e\u0301\u0302\u0303\u0304\\u0305x")]
    [InlineData("❤\ufe0f", "❤\\ufe0f")]
    [InlineData("\U0001F1E9\U0001F1EA", "\\U0001f1e9\\U0001f1ea")]
    [InlineData("👍\U0001F3FD", "👍\\U0001f3fd")]
    [InlineData("\u001b]0;x\a", "\\u001b]0;x\\u0007")]
    [HardCase("text from packets")]
    public void Text_that_would_shift_other_cells_is_escaped(string text, string safe) => Assert.Equal(safe, CellText.Safe(text));

    [Theory]
    [InlineData("rabbit@very-long-host.example.org", 25, "rabbit@very-….example.org")]
    [InlineData("生産生産生産", 7, "生…産")]
    [InlineData("生産", 4, "生産")]
    [InlineData("abc", 2, "a…")]
    [InlineData("abc", 1, "…")]
    [InlineData("abc", 0, "")]
    public void A_cut_leaves_both_ends_and_splits_no_wide_cell(string text, int width, string cut)
    {
        Assert.Equal(cut, CellText.Cut(text, width));
        Assert.True(CellText.Width(cut) <= width);
    }

    [Fact]
    public void Whatever_comes_is_safe_fits_and_has_no_half_characters() =>
        Gen.Select(HostileText.Any, Gen.Int[0, 100]).Sample((text, width) =>
    {
        var safe = CellText.Safe(text, width);
        var fitted = CellText.Fit(safe, width);
        Assert.Equal(width, CellText.Width(fitted));
        foreach (var one in (string[])[CellText.Safe(text), fitted, CellText.Cut(safe, width)]) AssertSafe(one);
        foreach (var line in CellText.Wrap(safe, width + 4, "  ", " "))
        {
            AssertSafe(line);
            Assert.True(CellText.Width(line) <= width + 4, line);
        }
    });

    private static void AssertSafe(string text)
    {
        foreach (var rune in text.EnumerateRunes()) Assert.False(rune == Rune.ReplacementChar || Rune.IsControl(rune)
            || rune.Value is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069);
    }
}
