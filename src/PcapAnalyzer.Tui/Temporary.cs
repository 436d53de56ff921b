using PcapAnalyzer.Core.Reports;
using Terminal.Gui.Text;
namespace PcapAnalyzer.Tui;
public enum LadderTime { Relative, Clock, Delta }
public sealed record LadderStyle { public int Width { get; init; } public int Height { get; init; } public LadderTime Time { get; init; } }
public sealed record LadderRow(IReadOnlyList<InkRun> Runs, int? Message, IReadOnlyList<long> Frames, bool IsStep);
public static class LadderDrawing
{
    public static IReadOnlyList<LadderRow> Draw(HandshakeReport r, LadderStyle s) => [.. r.Messages.Select((m, i) => new LadderRow([new($" {m.SinceStart,10} {(m.From == "initiator" ? "──►" : "◄──")} {m.Type} {m.Fields["node"]}{m.Fields["status"]}", Ink.Plain)], i, m.Frames, true))];
    public static IReadOnlyList<LadderRow> DrawPair(HandshakeReport a, HandshakeReport b, LadderStyle s) => Draw(a, s);
}
public static class DiagnosisText
{
    public static IReadOnlyList<IReadOnlyList<InkRun>> Rows(HandshakeReport r, int width, int height) => [[new($" {r.Diagnosis.Code}", Ink.Bad)], .. ReportText.Wrap(r.Diagnosis.Summary, width - 3).Select(l => (IReadOnlyList<InkRun>)[new($"   {l}", Ink.Strong)]), .. ReportText.Wrap(r.Diagnosis.Remedy ?? "", width - 3).Select(l => (IReadOnlyList<InkRun>)[new($" → {l}", Ink.Accent)])];
}
public static class CellText
{
    public static string Fit(string text, int width)
    {
        if (width <= 0) return "";
        while (text.GetColumns() > width) text = text[..^1];
        return text + new string(' ', width - text.GetColumns());
    }
}
