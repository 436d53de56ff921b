using System.Globalization;
using System.Text;
using Wcwidth;

namespace PcapAnalyzer.Reports;

/// <summary>Measures text in terminal cells. A wide character takes two cells, a combining mark none.</summary>
public static class CellText
{
    /// <summary>Maximum combining marks per character. Further marks are escaped, because they would hide the text around them.</summary>
    private const int MostMarks = 4;

    /// <summary>Maximum chars of the smallest cell: a surrogate pair with marks that are surrogate pairs too.</summary>
    private const int MostCharsPerCell = 2 + 2 * MostMarks;

    /// <summary>Makes untrusted text safe to print.</summary>
    /// <remarks>
    /// Controls, bidi marks, invisible characters, unpaired surrogates, and characters whose width differs between terminals
    /// become <c>\u</c> escapes. A mark that would combine with the text before it gets a dotted circle.
    /// </remarks>
    /// <param name="text">Untrusted text.</param>
    /// <param name="most">Cells that the caller will show. Much longer text loses its middle here.</param>
    public static string Safe(string text, int most = int.MaxValue)
    {
        if (most < text.Length / (2 * MostCharsPerCell))
            text = string.Concat(text.AsSpan(0, (most + 1) * MostCharsPerCell), text.AsSpan(text.Length - (most + 1) * MostCharsPerCell));
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var safe = new StringBuilder(text.Length);
        var marks = -1; // no character that could carry a mark
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

    /// <summary>The number of cells of safe text.</summary>
    public static int Width(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyExceptInRange(' ', '~')) return text.Length;
        var width = 0;
        foreach (var rune in text.EnumerateRunes()) width += WidthOf(rune);
        return width;
    }

    /// <summary>Cuts the middle of safe text so that it fits. Both ends of a node name matter: the node and the host.</summary>
    public static string Cut(string text, int width)
    {
        if (Width(text) <= width) return text;
        if (width <= 0) return "";
        var (head, tail) = (Head(text, width / 2), Tail(text, (width - 1) / 2));
        return $"{text.AsSpan(0, head)}…{text.AsSpan(tail)}";
    }

    /// <summary>Cuts or pads safe text to exactly <paramref name="width"/> cells.</summary>
    public static string Fit(string text, int width)
    {
        text = Cut(text, width);
        return text + new string(' ', Math.Max(0, width - Width(text)));
    }

    /// <summary>Wraps prose into lines of at most <paramref name="width"/> cells; breaks words that are longer than a line.</summary>
    /// <param name="text">Safe text.</param>
    /// <param name="width">Greater than the width of the indents.</param>
    /// <param name="first">Indent of the first line.</param>
    /// <param name="rest">Indent of the other lines.</param>
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

    /// <summary>The number of leading chars that fit.</summary>
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

    /// <summary>The start of the longest tail that fits; never at a combining mark.</summary>
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

    /// <summary>Whether the character is visible and has the same width in every terminal.</summary>
    private static bool IsPlain(Rune rune) => rune.Value switch
    {
        0xFFFD or 0x3164 or 0xFFA0 or 0x2800 => false, // the replacement character, and blanks that are not spaces
        >= 0x1F1E6 and <= 0x1F1FF or >= 0x1F3FB and <= 0x1F3FF => false, // flags and skin tones
        >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF or 0x034F or 0x0E33 or 0x0EB3 or 0xFF9E or 0xFF9F =>
            false, // modifiers of the character before
        _ => Rune.GetUnicodeCategory(rune) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
    };
}
