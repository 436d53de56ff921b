using System.Text;
using PcapAnalyzer.Reports;
using Terminal.Gui.Text;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>What Core measures and what the screen moves on by: of every character the same.</summary>
public sealed class CellWidthTests
{
    [Fact]
    public void Core_and_the_screen_agree_on_every_character()
    {
        var others = new List<string>();
        for (var value = 0; value <= 0x2FFFF; value++)
        {
            if (!Rune.TryCreate(value, out var rune)) continue;
            foreach (var text in (string[])[$"{rune}", $"a{rune}b", $"\u751f{rune}"])
            {
                var safe = CellText.Safe(text);
                if (CellText.Width(safe) != safe.GetColumns()) others.Add($"U+{value:X4} {CellText.Width(safe)} {safe.GetColumns()}");
            }
        }
        Assert.True(others.Count == 0, $"{others.Count}: {string.Join(", ", others.Take(400))}");
    }
}
