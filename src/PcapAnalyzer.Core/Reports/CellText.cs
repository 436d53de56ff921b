using System.Globalization;
using System.Text;
using Wcwidth;

namespace PcapAnalyzer.Core.Reports;

/// <summary>Text in terminal cells: an East Asian character takes two, a combining mark none.</summary>
public static class CellText
{
    /// <summary>Cells that a text takes.</summary>
    public static int Width(string text)
    {
        var isAscii = Ascii.IsValid(text);
        return isAscii ? text.Length : Graphemes(text).Sum(WidthOf);
    }

    /// <summary>The text in exactly so many cells: cut in its middle, since both ends of a name matter, or filled up with spaces.</summary>
    public static string Fit(string text, int width)
    {
        if (width <= 0) return "";
        var missing = width - Width(text);
        if (missing >= 0) return text + new string(' ', missing);
        if (width == 1) return "…";
        var graphemes = Graphemes(text).ToList();
        var head = Take(graphemes, (width - 1) / 2, out var headWidth);
        graphemes.Reverse();
        var tail = Take(graphemes, width - 1 - headWidth, out var tailWidth);
        tail.Reverse();
        return $"{string.Concat(head)}…{string.Concat(tail)}{new string(' ', width - 1 - headWidth - tailWidth)}";
    }

    private static List<string> Take(List<string> graphemes, int most, out int width)
    {
        width = 0;
        var taken = new List<string>();
        foreach (var grapheme in graphemes)
        {
            if (width + WidthOf(grapheme) > most) break;
            width += WidthOf(grapheme);
            taken.Add(grapheme);
        }
        return taken;
    }

    private static IEnumerable<string> Graphemes(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();) yield return elements.GetTextElement();
    }

    private static int WidthOf(string grapheme) => Math.Min(2, grapheme.EnumerateRunes().Sum(rune => Math.Max(0, UnicodeCalculator.GetWidth(rune))));
}
