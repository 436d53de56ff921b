using System.Text;

namespace PcapAnalyzer.Core.Reports;

/// <summary>Passes text on in ASCII: our glyphs by their stand-ins, everything else beyond ASCII as an escape.</summary>
public sealed class AsciiWriter(TextWriter output) : TextWriter
{
    private char _high;

    public override Encoding Encoding => Encoding.ASCII;

    public override void Write(char value)
    {
        if (char.IsHighSurrogate(value)) _high = value;
        else if (char.IsLowSurrogate(value) && _high != 0) output.Write($"\\U{char.ConvertToUtf32(_high, value):x8}");
        else output.Write(StandIn(value));
    }

    public override void Flush() => output.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing) output.Dispose();
        base.Dispose(disposing);
    }

    private static string StandIn(char value) => value switch
    {
        <= '\x7F' => value.ToString(),
        '✓' => "+",
        '✗' => "X",
        '⊘' => "R",
        '○' => "o",
        '◐' => "~",
        '▒' => "#",
        '∅' => "0",
        '·' => "-",
        '→' => ">",
        '←' => "<",
        '…' => "~",
        'µ' => "u",
        '─' => "-",
        '╌' => ".",
        '━' => "=",
        '│' or '┃' => "|",
        '┊' => ":",
        '├' or '┤' => "+",
        '►' => ">",
        '◄' => "<",
        '■' => "#",
        '╳' => "x",
        '░' => "%",
        '╰' => "\\",
        _ => $"\\u{(int)value:x4}",
    };
}
