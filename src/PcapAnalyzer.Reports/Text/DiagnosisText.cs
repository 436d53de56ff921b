using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports;

/// <summary>The text below a ladder: what happened, how certain it is, and what to do.</summary>
public static class DiagnosisText
{
    private const int Indent = 3;

    /// <param name="width">The width of the ladder above.</param>
    /// <param name="height">Maximum rows. The log lines are dropped first, then the ends of the texts.</param>
    /// <param name="inWordsOf">Says a remedy in the words of the reader's program; null for those of the command line.</param>
    public static IReadOnlyList<IReadOnlyList<InkRun>> Rows(JudgedHandshake handshake, int width, int height = int.MaxValue,
        Func<string, string>? inWordsOf = null)
    {
        var diagnosis = handshake.Diagnosis;
        width = new LadderStyle { Width = width }.Right + 1;
        var summary = Wrap("", diagnosis.Summary, width);
        var remedy = diagnosis.Remedy == null ? [] : Wrap("→", inWordsOf?.Invoke(diagnosis.Remedy) ?? diagnosis.Remedy, width);
        var logs = handshake.Logs.SelectMany(log => Wrap("", $"the logs may say: {log}", width)).ToList();
        var room = Math.Max(0, height - 1);
        if (summary.Count + remedy.Count + logs.Count > room) logs = [];
        var most = Math.Min(summary.Count, Math.Max(room - remedy.Count, (room + 1) / 2));
        IReadOnlyList<IReadOnlyList<InkRun>> rows =
        [
            Head(handshake, width), .. Shortened(summary, most, width, Ink.Strong),
                .. Shortened(remedy, Math.Min(remedy.Count, room - most), width, Ink.Accent),
                .. Shortened(logs, logs.Count, width, Ink.Quiet),
        ];
        return height < rows.Count ? [.. rows.Take(Math.Max(0, height))] : rows;
    }

    /// <summary>The glyph, the code, and the packets that show it.</summary>
    private static IReadOnlyList<InkRun> Head(JudgedHandshake handshake, int width)
    {
        var diagnosis = handshake.Diagnosis;
        var code = CellText.Cut($" {handshake.Outcome.Glyph()} {diagnosis.Code.Kebab()}", width);
        var room = width - CellText.Width(code) - 1;
        for (var shown = diagnosis.Frames.Count; shown >= 0; shown--)
        {
            var frames = string.Join(' ', diagnosis.Frames.Take(shown).Select(frame => $"#{frame}"));
            var rest = shown < diagnosis.Frames.Count ? $" +{diagnosis.Frames.Count - shown}" : "";
            var isProven = diagnosis.Certainty == Certainty.Proven;
            var certainty = shown == 0 ? isProven ? "proven" : "likely" : isProven ? "proven by " : "likely, from ";
            var words = $"{certainty}{frames}{rest}";
            if (words.Length <= room - 1)
                return [new(code, handshake.Severity().Ink()), new(new string(' ', room - words.Length), Ink.Plain), new(words, Ink.Quiet)];
        }
        return [new(code, handshake.Severity().Ink())];
    }

    private static List<string> Wrap(string mark, string text, int width) =>
        [.. CellText.Wrap(ReportText.Safe(text, 1000), Math.Max(width, 2 * Indent), CellText.Fit($" {mark}", Indent),
            new string(' ', Indent))];

    /// <summary>At most <paramref name="most"/> lines; the last line marks an omission.</summary>
    private static IEnumerable<IReadOnlyList<InkRun>> Shortened(List<string> lines, int most, int width, Ink ink)
    {
        for (var index = 0; index < Math.Min(most, lines.Count); index++)
        {
            var line = lines[index];
            if (index == most - 1 && most < lines.Count)
            {
                while (CellText.Width(line) > width - 2 && line.LastIndexOf(' ') is > Indent and var at) line = line[..at];
                line = $"{CellText.Cut(line, width - 2)} …";
            }
            yield return [new InkRun(line, ink)];
        }
    }
}
