using System.Text;

namespace PcapAnalyzer.Reports;

/// <summary>Writes text as ASCII through <see cref="GlyphSet.Ascii(string)"/>.</summary>
public sealed class AsciiWriter(TextWriter output) : TextWriter
{
    private char _high;

    public override Encoding Encoding => Encoding.ASCII;

    public override void Write(char value)
    {
        if (char.IsHighSurrogate(value)) _high = value;
        else output.Write(GlyphSet.Ascii(char.IsLowSurrogate(value)
            && Rune.TryCreate(_high, value, out var pair) ? pair : Rune.TryCreate(value, out var rune) ? rune : Rune.ReplacementChar));
    }

    public override void Flush() => output.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing) output.Dispose();
        base.Dispose(disposing);
    }
}
