namespace PcapAnalyzer.Core.Reports;

/// <summary>What happened and what to do, as it stands under a ladder.</summary>
public static class DiagnosisText
{
    /// <param name="handshake">The handshake.</param>
    /// <param name="width">Cells.</param>
    /// <param name="height">Rows at most; what has no room is cut at the end, and says so.</param>
    public static IReadOnlyList<IReadOnlyList<InkRun>> Rows(HandshakeReport handshake, int width, int height)
    {
        var diagnosis = handshake.Diagnosis;
        var ink = handshake.Severity() switch { Severity.Good => Ink.Good, Severity.Quiet => Ink.Quiet, Severity.Warn => Ink.Warn, _ => Ink.Bad };
        var proof = $"{(diagnosis.Certainty == "proven" ? "proven by" : "likely, from")} {string.Join(' ', diagnosis.Frames.Take(5).Select(frame => $"#{frame}"))}{(diagnosis.Frames.Count > 5 ? " …" : "")}";
        var title = $" {OutcomeGlyph.Of(handshake.Outcome)} {diagnosis.Code}";
        var gap = width - CellText.Width(title) - CellText.Width(proof) - 1;
        var rows = new List<IReadOnlyList<InkRun>> { gap > 0 && diagnosis.Frames.Count > 0 ? [new(title, ink), new(new string(' ', gap), Ink.Plain), new(proof, Ink.Quiet)] : [new(title, ink)] };
        rows.AddRange(Wrapped(diagnosis.Summary, width, "   ", Ink.Strong));
        if (diagnosis.Remedy is { } remedy) rows.AddRange(Wrapped(remedy, width, " → ", Ink.Accent));
        if (rows.Count <= height) return rows;
        return [.. rows.Take(height - 1), [.. rows[height - 1].SkipLast(1), new InkRun(CellText.Fit($"{rows[height - 1][^1].Text} … e tells more", width - 1), rows[height - 1][^1].Ink)]];
    }

    private static IEnumerable<IReadOnlyList<InkRun>> Wrapped(string text, int width, string first, Ink ink) =>
        ReportText.Wrap(ReportText.Safe(text, 1000), width - 1, first, "   ").Select(line => (IReadOnlyList<InkRun>)[new InkRun(line, ink)]);
}
