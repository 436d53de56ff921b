using System.Text.RegularExpressions;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Terminal.Gui.Drawing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>Colour says nothing that words, glyphs and sides do not say as well.</summary>
public sealed partial class ThemeTests
{
    public static TheoryData<string> Themes => [.. Theme.All.Select(theme => theme.Name)];

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(160)]
    [InlineData(250)]
    public void No_two_rows_differ_in_ink_only(int width)
    {
        var inks = new Dictionary<string, string>();
        foreach (var report in Everything())
        {
            foreach (var isOpen in (bool[])[false, true])
            {
                var row = HandshakeColumns.Row(report, width, isOpen: isOpen);
                var ink = string.Join(' ', row.Select(run => $"{run.Ink}{run.Text.Length}"));
                var text = string.Concat(row.Select(run => run.Text));
                Assert.Equal(inks.GetValueOrDefault(text, ink), ink);
                inks[text] = ink;
            }
        }
        Assert.True(inks.Count > 40);
    }

    /// <summary>Themes differ in colours; what they say is the same, but for the marks that stand in for colour.</summary>
    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Themes))]
    public void Every_theme_says_the_same(string name)
    {
        var theme = Theme.All.Single(one => one.Name == name);
        foreach (var pane in (string[])["1", "2", "3", "4", "5"])
        {
            using var dark = Story.Screen(160, 45).Keys(pane);
            using var other = Story.Screen(160, 45, theme).Keys(pane);
            Assert.Equal(Bare(dark.Text), Bare(other.Text));
            Assert.Equal(theme != Theme.Dark, dark.Ansi != other.Ansi);
        }
    }

    [Fact]
    public void Without_colour_focus_selection_and_bytes_are_marked()
    {
        using var screen = Story.Screen(160, 45, Theme.None).Keys("4");
        Assert.DoesNotMatch(Colours(), screen.Ansi);
        Assert.Contains("\e[7m", screen.Ansi);
        Assert.Contains("┤▸Bytes", screen.Text);
        Assert.Matches(@"0000 .*\[..", screen.Text);
        Assert.Contains(']', screen.Text);
        foreach (var keys in (string[])["?", "esc", ":", "esc", "c", "esc", "f9", "esc", "/"])
            Assert.DoesNotMatch(Colours(), screen.Keys(keys).Ansi);
    }

    /// <summary>WCAG asks 4.5 of small text; on the selection a little less is what 16 colours leave.</summary>
    [Theory]
    [InlineData("dark")]
    [InlineData("light")]
    [InlineData("high-contrast")]
    public void Every_ink_can_be_read(string name)
    {
        var theme = Theme.All.Single(one => one.Name == name);
        foreach (var ink in Enum.GetValues<Ink>())
        {
            Assert.InRange(Contrast(theme[ink].Foreground, theme[ink].Background), 4.5, 21);
            Assert.InRange(Contrast(theme[ink, true].Foreground, theme[ink, true].Background), 4.3, 21);
        }
    }

    private static IEnumerable<JudgedHandshake> Everything() =>
        from report in Trace.Report(Story.Packets.OrderBy(packet => packet.Time), Story.Prod).Handshakes
        from outcome in Enum.GetValues<Outcome>()
        from code in (DiagnosisCode[])[DiagnosisCode.SimultaneousConnect, DiagnosisCode.DuplicateConnection, DiagnosisCode.CookieMismatch,
            DiagnosisCode.Encrypted, DiagnosisCode.PeerClosed]
        from verdict in Enum.GetValues<Verdict>()
        select report with
        {
            Id = 1,
            Facts = report.Facts with { Started = 0, Connection = new ConnectionFacts() },
            Judgement = report.Judgement with { Outcome = outcome, Diagnosis = report.Diagnosis with { Code = code } },
            Proofs = [.. report.Proofs.Select(digest => digest with { Verdict = verdict })],
        };

    private static string Bare(string text) => text.Replace("▸", "", StringComparison.Ordinal).Replace('[', ' ').Replace(']', ' ')
        .Replace("─", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    private static double Contrast(Color one, Color other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(Color color) => 0.2126 * Linear(color.R) + 0.7152 * Linear(color.G) + 0.0722 * Linear(color.B);

    private static double Linear(byte value) => value / 255.0 is var share && share <= 0.03928 ? share / 12.92
        : Math.Pow((share + 0.055) / 1.055, 2.4);

    [GeneratedRegex(@"\e\[[0-9;]*\b(3[0-8]|4[0-8]|9[0-7]|10[0-7])\b[0-9;]*m")]
    private static partial Regex Colours();
}
