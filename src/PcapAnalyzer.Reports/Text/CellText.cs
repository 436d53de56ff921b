using System.Globalization;
using System.Text;
using Wcwidth;

namespace PcapAnalyzer.Reports;

/// <summary>Text as a terminal shows it, in cells. A wide character takes two of them, a combining mark none.</summary>
public static class CellText
{
    /// <summary>Marks that one character may carry; what comes then is escaped, since it would only hide what is around.</summary>
    private const int MostMarks = 4;

    /// <summary>Characters that the least one cell can have: a surrogate pair with marks that are pairs.</summary>
    private const int MostCharsPerCell = 2 + 2 * MostMarks;

    /// <summary>
    /// Text from packets as data: controls, bidi marks, invisible and unpaired characters, and those of which terminals
    /// disagree how wide they are, become <c>\u</c> escapes; a mark that would combine with what is before gets a circle.
    /// </summary>
    /// <param name="text">Whatever a stranger sent.</param>
    /// <param name="most">Cells that are wanted of it: what is far longer loses its middle already here.</param>
    public static string Safe(string text, int most = int.MaxValue)
    {
        if (most < text.Length / (2 * MostCharsPerCell)) text = string.Concat(text.AsSpan(0, (most + 1) * MostCharsPerCell), text.AsSpan(text.Length - (most + 1) * MostCharsPerCell));
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var safe = new StringBuilder(text.Length);
        var marks = -1; // no character that could carry one
        foreach (var rune in text.EnumerateRunes())
        {
            var isMark = IsPlain(rune) && WidthOf(rune) == 0;
            if (!IsPlain(rune) || (isMark && marks >= MostMarks))
            {
                safe.Append(rune.Value > 0xFFFF ? $"\\U{rune.Value:x8}" : $"\\u{rune.Value:x4}");
                marks = -1;
                continue;
            }
            if (isMark && marks < 0) safe.Append('◌');
            marks = isMark ? Math.Max(0, marks) + 1 : 0;
            safe.Append(rune.ToString());
        }
        return safe.ToString();
    }

    /// <summary>Cells that safe text takes.</summary>
    public static int Width(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange(' ', '~')) return text.Length;
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += WidthOf(rune);
        return width;
    }

    /// <summary>Safe text in at most so many cells, without its middle where it is longer: both ends of a name matter, the node's and the host's.</summary>
    public static string Cut(string text, int width)
    {
        if (Width(text) <= width) return text;
        if (width <= 0) return "";
        var (head, tail) = (Head(text, width / 2), Tail(text, (width - 1) / 2));
        return $"{text.AsSpan(0, head)}…{text.AsSpan(tail)}";
    }

    /// <summary>The same in exactly so many cells, spaces behind it.</summary>
    public static string Fit(string text, int width)
    {
        text = Cut(text, width);
        return text + new string(' ', Math.Max(0, width - Width(text)));
    }

    /// <summary>Prose in lines of at most <paramref name="width"/> cells; a word longer than a line is broken.</summary>
    /// <param name="text">Safe.</param>
    /// <param name="width">More than its indents take.</param>
    /// <param name="first">Before the first line.</param>
    /// <param name="rest">Before the others.</param>
    public static IEnumerable<string> Wrap(string text, int width, string first = "", string rest = "")
    {
        var line = new StringBuilder(first);
        var used = Width(first);
        var isEmpty = true;
        foreach (var part in text.Split(' '))
        {
            var word = part;
            while (true)
            {
                if (!isEmpty && used + 1 + Width(word) > width)
                {
                    yield return line.ToString().TrimEnd();
                    line.Clear().Append(rest);
                    used = Width(rest);
                    isEmpty = true;
                }
                if (!isEmpty) line.Append(' ');
                if (!isEmpty) used++;
                isEmpty = false;
                var fits = used + Width(word) <= width ? word.Length : Head(word, Math.Max(width - used, 2));
                line.Append(word, 0, fits);
                used += Width(word.AsSpan(0, fits));
                if (fits == word.Length) break;
                word = word[fits..];
            }
        }
        yield return line.ToString().TrimEnd();
    }

    /// <summary>How many chars of the beginning fit.</summary>
    private static int Head(string text, int width)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width -= WidthOf(rune);
            if (width < 0) break;
            at += rune.Utf16SequenceLength;
        }
        return at;
    }

    /// <summary>Where the end begins that fits; never at a mark.</summary>
    private static int Tail(string text, int width)
    {
        var (at, start) = (text.Length, text.Length);
        while (at > 0)
        {
            Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var rune, out var length);
            width -= WidthOf(rune);
            if (width < 0) break;
            at -= length;
            if (WidthOf(rune) > 0) start = at;
        }
        return start;
    }

    private static int WidthOf(Rune rune) => rune.Value is >= ' ' and <= '~' ? 1 : Math.Max(0, UnicodeCalculator.GetWidth(rune));

    /// <summary>It shows, and every terminal gives it the same width.</summary>
    private static bool IsPlain(Rune rune) => rune.Value switch
    {
        0xFFFD or 0x3164 or 0xFFA0 or 0x2800 => false, // no character, or a blank that is none
        >= 0x1F1E6 and <= 0x1F1FF or >= 0x1F3FB and <= 0x1F3FF => false, // flags and skins
        >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF or 0x034F or 0x0E33 or 0x0EB3 or 0xFF9E or 0xFF9F => false, // parts or variations of what is before
        _ => Rune.GetUnicodeCategory(rune) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
    };
}
