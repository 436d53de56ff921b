namespace PcapAnalyzer.Reports;

/// <summary>Builds a row of coloured text and counts its cells.</summary>
internal sealed class InkLine(bool isAscii)
{
    private readonly List<InkRun> _runs = [];

    internal int Cells { get; private set; }

    internal IReadOnlyList<InkRun> Runs => _runs;

    /// <summary>The text as it will be written, for measuring.</summary>
    internal string Text(string text) => isAscii ? GlyphSet.Ascii(text) : text;

    internal InkLine Add(string text, Ink ink)
    {
        if (text.Length == 0) return this;
        text = Text(text);
        Cells += CellText.Width(text);
        if (_runs.Count > 0 && _runs[^1].Ink == ink) _runs[^1] = new InkRun(_runs[^1].Text + text, ink);
        else _runs.Add(new InkRun(text, ink));
        return this;
    }

    internal InkLine Add(char glyph, Ink ink, int times = 1) => times <= 0 ? this : Add(new string(glyph, times), ink);

    /// <summary>Adds spaces up to a cell.</summary>
    internal InkLine To(int cell) => Add(' ', Ink.Plain, cell - Cells);
}
