using System.Globalization;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Draws the view <em>Time</em>: an axis, a band for each split, a lane for each pair of nodes.</summary>
/// <remarks>Every sign has a twin in <see cref="GlyphSet"/>; a colour only repeats what signs say.</remarks>
public static class TimeRows
{
    /// <summary>Cells between two labels of the axis.</summary>
    private const int LeastStep = 9;

    private const int LeastCells = 16;
    private const int Second = 1000;

    /// <summary>Steps of the axis, in milliseconds.</summary>
    private static readonly long[] Steps =
    [
        1, 2, 5, 10, 20, 50, 100, 200, 500, Second, 2 * Second, 5 * Second, 10 * Second, 15 * Second, 30 * Second, 60 * Second,
            120 * Second,
        300 * Second, 600 * Second, 900 * Second, 1800 * Second, 3600 * Second, 7200 * Second, 14_400 * Second, 43_200 * Second,
            86_400 * Second,
    ];

    /// <summary>Cells before the lanes: what the longest pair needs, at most a little more than half of the width.</summary>
    public static int LabelWidth(TimeModel model, int width)
    {
        var wanted = model.Lanes.Select(lane => CellText.Width(Label(lane, width))).DefaultIfEmpty().Max() + 2;
        return Math.Clamp(wanted, 8, Math.Max(8, Math.Min(width - LeastCells, width * 9 / 16)));
    }

    /// <summary>The time at a cell of the screen.</summary>
    public static long TimeAt(TimeModel model, int width, int x)
    {
        var (label, cells) = Places(model, width);
        return model.From + (long)((Int128)(model.To - model.From) * Math.Clamp(x - label, 0, cells) / Math.Max(1, cells));
    }

    /// <summary>The axis.</summary>
    /// <param name="zone">The time zone; null for UTC.</param>
    public static IReadOnlyList<InkRun> Axis(TimeModel model, int width, TimeZoneInfo? zone)
    {
        var (label, cells) = Places(model, width);
        var line = new char[cells];
        Array.Fill(line, ' ');
        var length = Math.Max(1, model.To - model.From);
        var step = Steps.FirstOrDefault(one => (Int128)one * 1_000_000 * cells / length >= LeastStep, Steps[^1]) * 1_000_000;
        var offset = zone?.GetUtcOffset(DateTime.UnixEpoch.AddTicks(model.From / 100)).Ticks * 100 ?? 0;
        var first = model.From + (step - (model.From + offset) % step) % step;
        var free = 0;
        for (var time = first; time <= model.To && time >= first; time += step)
        {
            var text = Label(time + offset, step);
            var at = Place(model, time, cells);
            if (at < free || at + text.Length > cells) continue;
            text.CopyTo(0, line, at, text.Length);
            free = at + text.Length + 1;
        }
        return [new(new string(' ', label), Ink.Quiet), new(new string(line), Ink.Quiet)];
    }

    public static IReadOnlyList<InkRun> Row(TimeModel model, int row, int width)
    {
        var (label, cells) = Places(model, width);
        var drawn = new (char Glyph, Ink Ink)[cells];
        if (row < model.Splits.Count)
        {
            var text = Band(model, model.Splits[row], drawn);
            return [new(CellText.Fit($" ◇ split {model.Splits[row].Id}", label), Ink.Bad), .. Runs(drawn, text)];
        }
        var lane = model.Lanes[row - model.Splits.Count];
        foreach (var item in lane.Items) Draw(model, item, drawn);
        var ink = lane.Items.Any(item => item.Session?.IsProblem() ?? item.Attempt?.IsProblem() ?? false) ? Ink.Strong : Ink.Plain;
        return [new(CellText.Fit($" {Label(lane, label)}", label), ink), .. Runs(drawn, null)];
    }

    /// <summary>What is selected, in words.</summary>
    /// <param name="inWordsOf">Says a remedy in the words of the screen.</param>
    public static IReadOnlyList<IReadOnlyList<InkRun>> Detail(TimeModel model, int width, TimeZoneInfo? zone, Func<string,
        string> inWordsOf)
    {
        var rows = new List<IReadOnlyList<InkRun>>();
        void Add(string head, string text, Ink ink)
        {
            foreach (var line in CellText.Wrap(ReportText.Safe(text, 2000), Math.Max(20, width), head,
                new string(' ', 3))) rows.Add([new(line, ink)]);
        }
        if (model.SelectedSplit is { } split)
        {
            var judged = split.Split;
            var healed = judged.Healed is { } time ? $"healed {Clock(time, zone)}" : "not healed";
            rows.Add([new(" ◇ cluster-split", Ink.Bad), new($"  {Sureness(judged.Certainty)}  first loss {Clock(judged.At, zone)}  "
                + $"given up {Clock(judged.Detected, zone)}  {healed}", Ink.Quiet)]);
            Add("   ", judged.Summary, Ink.Strong);
            Add(" → ", inWordsOf(judged.Remedy), Ink.Accent);
        }
        else if (model.Selected?.Session is { } session)
        {
            var end = session.Judgement.Parted is { } parted ? $"parted {Clock(parted, zone)}" : "connected";
            rows.Add([new($" {session.Glyph()} {session.Code.Kebab()}", session.Severity().Ink()),
                new($"  {Sureness(session.Diagnosis.Certainty)}  session #{session.Id}  from {Clock(session.Facts.Started, zone)}  {end}",
                    Ink.Quiet)]);
            Add("   ", session.Diagnosis.Summary, Ink.Strong);
            if (session.Diagnosis.Remedy is { } remedy) Add(" → ", inWordsOf(remedy), Ink.Accent);
            foreach (var log in session.Logs) Add("   the logs may say: ", log, Ink.Quiet);
        }
        else if (model.Selected?.Attempt is { } attempt)
        {
            rows.Add([new($" {attempt.Outcome.Glyph()} {attempt.Diagnosis.Code.Kebab()}", attempt.Severity().Ink()),
                new($"  {Sureness(attempt.Diagnosis.Certainty)}  handshake #{attempt.Id}  {Clock(attempt.Started, zone)}", Ink.Quiet)]);
            Add("   ", attempt.Diagnosis.Summary, Ink.Strong);
            if (attempt.Diagnosis.Remedy is { } remedy) Add(" → ", inWordsOf(remedy), Ink.Accent);
        }
        else if (model.Selected?.Dial is { } dial)
        {
            var times = $"{dial.Times} {(dial.Times == 1 ? "dial" : "dials")}, {Clock(dial.First, zone)} to {Clock(dial.Last, zone)}";
            rows.Add([new($" ◇ {dial.How}", Ink.Warn), new($"  {times}", Ink.Quiet)]);
            Add("   ", $"{model.SelectedLane!.First} and {model.SelectedLane.Second}: {dial.From.Address} dialled {dial.To} "
                + "and was not connected.", Ink.Strong);
        }
        return rows;
    }

    private static (int Label, int Cells) Places(TimeModel model, int width)
    {
        var label = LabelWidth(model, width);
        return (label, Math.Max(1, width - label - 1));
    }

    /// <summary>Both names, cut alike.</summary>
    private static string Label(TimeLane lane, int width)
    {
        var sign = lane.IsBothWays ? " ⇄ " : " → ";
        var (first, second) = (ReportText.Safe(lane.First), ReportText.Safe(lane.Second));
        var room = Math.Max(4, width - sign.Length - 2);
        if (CellText.Width(first) + CellText.Width(second) <= room) return first + sign + second;
        var one = Math.Max(room / 2, room - CellText.Width(second));
        first = CellText.Cut(first, Math.Min(one, CellText.Width(first)));
        return first + sign + CellText.Cut(second, room - CellText.Width(first));
    }

    private static int Place(TimeModel model, long time, int cells) =>
        (int)Int128.Clamp((Int128)(time - model.From) * (cells - 1) / Math.Max(1, model.To - model.From), -1, cells);

    /// <summary>Draws a band over the time of a split; the words stand in it where there is room, else behind or before it.</summary>
    private static (int At, string Text)? Band(TimeModel model, JudgedSplit split, (char Glyph, Ink Ink)[] drawn)
    {
        var (from, to) = (Place(model, split.Split.At, drawn.Length), Place(model, split.Split.Healed ?? model.To, drawn.Length));
        for (var at = Math.Max(0, from); at <= Math.Min(to, drawn.Length - 1); at++) drawn[at] = ('─', Ink.Bad);
        if (from >= 0 && from < drawn.Length) drawn[from] = ('┌', Ink.Bad);
        if (split.Split.Healed != null && to >= 0 && to < drawn.Length) drawn[to] = ('┐', Ink.Bad);
        var length = split.Split.Healed is { } healed ? Durations.Text(healed - split.Split.At) : "not healed";
        var groups = split.Split.Groups.Select(group => string.Join(", ", group.Select(node => ReportText.Safe(node))));
        var words = $" {length}: {string.Join(" | ", groups)} ";
        var inside = Math.Min(to, drawn.Length) - Math.Max(0, from) - 4;
        var (before, behind) = (from - 1, drawn.Length - to - 2);
        if (inside >= Math.Min(CellText.Width(words), 16)) return (Math.Max(0, from) + 2, CellText.Cut(words, inside));
        if (behind >= before && behind > 8) return (to + 2, CellText.Cut(words, behind));
        return before > 8 ? (Math.Max(0, from - 1 - CellText.Width(CellText.Cut(words, before))), CellText.Cut(words, before)) : null;
    }

    private static void Draw(TimeModel model, TimeItem item, (char Glyph, Ink Ink)[] drawn)
    {
        void Put(long time, char glyph, Ink ink)
        {
            var at = Place(model, time, drawn.Length);
            if (at >= 0 && at < drawn.Length) drawn[at] = (glyph, ink);
        }
        void Fill(long from, long to, char glyph, Ink ink)
        {
            var (first, last) = (Math.Max(0, Place(model, from, drawn.Length)), Math.Min(drawn.Length - 1, Place(model, to, drawn.Length)));
            for (var at = first; at <= last; at++) drawn[at] = (glyph, ink);
        }
        if (item.Attempt is { } attempt)
        {
            Put(item.Start, attempt.Outcome == Outcome.Established ? '✓' : attempt.IsProblem() ? '✗' : '○', attempt.Severity().Ink());
            return;
        }
        if (item.Dial is { } dial)
        {
            Put(item.Start, dial.How == "refused" ? '✗' : '◇', Ink.Warn);
            return;
        }
        var session = item.Session!;
        var isOpen = session.Judgement.Parted == null && session.Close == Closing.Open;
        var end = isOpen ? Math.Max(item.End, session.SeenUntil) : item.End;
        Fill(item.Start, end, '━', Ink.Good);
        foreach (var one in session.Judgement.Events)
            if (one.Kind == SessionEventKind.Silence && one.Time < end) Fill(one.Time, Math.Min(end, one.Time + one.Duration), '░',
                Ink.Warn);
        // The nodes had parted; the connection itself lived on.
        if (session.Facts.FirstEnd is { } first && first.Time > end) Fill(end, first.Time, '·', Ink.Quiet);
        if (session.Handshake != null) Put(item.Start, '✓', Ink.Good);
        if (isOpen) Put(end, '▸', Ink.Good);
        else Put(end, Sign(session), session.Severity().Ink());
    }

    private static char Sign(JudgedSession session) => session.Judgement.IsPartedInferred || IsTimeout(session.Code) ? '◷'
        : session.Close == Closing.Rst ? '✗' : '|';

    private static bool IsTimeout(DiagnosisCode code) => code is DiagnosisCode.PeerFrozen
        or DiagnosisCode.PathDead or DiagnosisCode.PathDeadOneWay
        or DiagnosisCode.PathMtuBlackhole or DiagnosisCode.TickMismatch;

    private static List<InkRun> Runs((char Glyph, Ink Ink)[] drawn, (int At, string Text)? words)
    {
        var runs = new List<InkRun>();
        var at = 0;
        while (at < drawn.Length)
        {
            if (words is { } said && at == said.At)
            {
                runs.Add(new InkRun(said.Text, Ink.Strong));
                at += Math.Max(1, CellText.Width(said.Text));
                continue;
            }
            var (glyph, ink) = drawn[at] is { Glyph: not '\0' } cell ? cell : (' ', Ink.Plain);
            if (runs.Count > 0 && runs[^1].Ink == ink && words?.At != at) runs[^1] = new InkRun(runs[^1].Text + glyph, ink);
            else runs.Add(new InkRun($"{glyph}", ink));
            at++;
        }
        return runs;
    }

    private static string Label(long time, long step)
    {
        var clock = DateTime.UnixEpoch.AddTicks(time / 100);
        var format = step >= 86_400_000_000_000 ? "MM-dd" : step >= 60_000_000_000 || (step >= 1_000_000_000 && clock.Second == 0) ? "HH:mm"
            : step >= 1_000_000_000 ? "':'ss" : "':'ss.fff";
        return clock.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Clock(long time, TimeZoneInfo? zone)
    {
        var clock = DateTime.UnixEpoch.AddTicks(time / 100);
        return (zone == null ? clock : TimeZoneInfo.ConvertTimeFromUtc(clock, zone)).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
    }

    private static string Sureness(Certainty certainty) => certainty == Certainty.Proven ? "proven" : "likely";
}
