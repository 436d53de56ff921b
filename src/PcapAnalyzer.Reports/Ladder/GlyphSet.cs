using System.Text;

namespace PcapAnalyzer.Reports;

/// <summary>The glyphs of all drawings and texts, each with an ASCII replacement of the same width.</summary>
public static class GlyphSet
{
    /// <summary>Replaces our glyphs with their ASCII replacements and escapes everything else.</summary>
    public static string Ascii(string text)
    {
        if (System.Text.Ascii.IsValid(text)) return text;
        var ascii = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) ascii.Append(Ascii(rune));
        return ascii.ToString();
    }

    internal static string Ascii(Rune rune) => rune.Value switch
    {
        <= 0x7F => rune.ToString(),
        '✓' or '├' or '┤' or '┌' or '┐' => "+",
        '✗' => "X",
        '⊘' => "R",
        '○' => "o",
        '◐' => "~",
        '▒' or '■' => "#",
        '∅' => "0",
        '·' or '─' => "-",
        '→' or '►' or '»' => ">",
        '←' or '◄' => "<",
        '…' => "~",
        'µ' => "u",
        '╌' => ".",
        '│' or '┃' => "|",
        '┊' => ":",
        '╳' => "x",
        '━' => "=",
        '░' => "%",
        '╰' => "`",
        '▌' => "*",
        '◷' => "T",
        '◇' => "?",
        '▸' => ">",
        '┷' => "+",
        '⇄' => "=",
        > 0xFFFF => $"\\U{rune.Value:x8}",
        _ => $"\\u{rune.Value:x4}",
    };
}
