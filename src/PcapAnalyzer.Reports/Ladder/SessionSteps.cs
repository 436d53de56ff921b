using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Builds the steps of a ladder after the acknowledgement: traffic folded, silences against the tick time, the end.</summary>
internal static class SessionSteps
{
    /// <summary>Cells of a bar as long as the tick time.</summary>
    private const int BarCells = 10;

    /// <summary>A silence of several tick times gets no longer bar.</summary>
    private const int MostBarCells = BarCells * 3 / 2;

    // Ranks of steps with the same time: cause before effect.
    private const int Traffic = 0;
    private const int Event = 1;
    private const int Parting = 2;
    private const int Leaving = 3;
    private const int Last = 4;

    /// <param name="start">Time 0 of the ladder, in nanoseconds since 1970.</param>
    /// <param name="isOver">The capture is over.</param>
    internal static IEnumerable<LadderStep> Of(JudgedSession session, long start, bool isOver)
    {
        var steps = new List<LadderStep>();
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
            if (Folded(session, role, start) is { } step) steps.Add(step);
        foreach (var one in session.Judgement.Events) steps.Add(Of(session, one, start));
        if (session.Judgement.EventsLeftOut is > 0 and var more)
            steps.Add(Note($"{more} more events", Ink.Quiet, (session.Judgement.Events[^1].Time - start, Event)) with { Fold = 1 });
        if (session.Judgement is { IsPartedInferred: true, Parted: { } parted, PartedBy: { } by })
        {
            steps.Add(Arrow(LadderStroke.Tcp, by, [new("◷", Ink.Warn), new($" {by.Word()} gives it up", Ink.Warn),
                new("  computed", Ink.Quiet)],
                parted - start, Parting));
        }
        AddEnds(session, start, steps);
        if (session.Facts.FirstEnd == null)
        {
            var words = isOver ? "still open when the capture ends" : "still open";
            steps.Add(Note(words, Ink.Quiet, (long.MaxValue, Last)));
        }
        return steps.OrderBy(step => step.Order);
    }

    /// <summary>All that a side said, in one row: single messages are not kept.</summary>
    private static LadderStep? Folded(JudgedSession session, Role role, long start)
    {
        var side = session.Facts.Of(role);
        if (side.FirstFrameTime == 0) return null;
        var parts = new[]
        {
            TextReport.Count(side.Ticks, "tick"), TextReport.Count(side.Pings, "ping"),
                TextReport.Count(side.Messages - side.Pings - side.Pongs, "message"),
        };
        var label = new List<InkRun> { new("··· ", Ink.Quiet), new(string.Join(", ", parts.OfType<string>()), Ink.Strong) };
        if (side.LastFrameTime > side.FirstFrameTime)
            label.Add(new InkRun($" in {GapScale.Text(side.LastFrameTime - side.FirstFrameTime)}", Ink.Plain));
        label.Add(new InkRun($"  {side.Bytes} B", Ink.Quiet));
        return Arrow(LadderStroke.Message, role, label, side.FirstFrameTime - start, Traffic);
    }

    private static LadderStep Of(JudgedSession session, SessionEvent one, long start)
    {
        var time = one.Time - start;
        IReadOnlyList<long> frames = one.Frame > 0 ? [one.Frame] : [];
        if (one.Kind is SessionEventKind.Silence)
        {
            // What follows the end of the session is nobody's silence any more.
            var length = session.Facts.FirstEnd is { } end && end.Time > one.Time ? Math.Min(end.Time - one.Time, one.Duration)
                : one.Duration;
            return new LadderStep(LadderStroke.Silence, null, Silence(session, one.By, length))
            {
                Until = length,
                Order = (time, Event),
                IsAfter = true,
            };
        }
        if (one.Kind is SessionEventKind.ZeroWindow or SessionEventKind.Flap or SessionEventKind.LargeMessage)
            return Note(TextSessions.Words(session, one), Ink.Warn, (time, Event)) with { Frames = frames };
        var label = one.Kind switch
        {
            SessionEventKind.LostConnection => $"lost_connection  {ReportText.Safe(one.Detail ?? "")}",
            SessionEventKind.RemoveConnection => "remove_connection",
            SessionEventKind.Shutdown => "shutdown",
            _ => $"call {ReportText.Safe(one.Detail ?? "")} without a reply",
        };
        return Arrow(LadderStroke.Message, one.By, [new(label.TrimEnd(), Ink.Warn)], time, Event) with { Frames = frames };
    }

    /// <summary><c>← silent 8.673 s of 8 s [░░░░░░░░░░◷]</c>: the bar is to scale, the tick time its mark.</summary>
    private static List<InkRun> Silence(JudgedSession session, Role by, long length)
    {
        var label = new List<InkRun> { new($"{(by == Role.Initiator ? '→' : '←')} silent {GapScale.Text(length)}", Ink.Warn) };
        if (session.Judgement.TickTime is not { } limit || limit.Length <= 0) return label;
        label.Add(new InkRun($" of {GapScale.Limit(limit.Length)}", Ink.Warn));
        var cells = (int)Int128.Clamp((Int128)length * BarCells / limit.Length, 1, MostBarCells);
        var bar = cells <= BarCells ? new string('░', cells) + new string('·', BarCells - cells)
            : $"{new string('░', BarCells)}◷{new string('░', cells - BarCells)}";
        label.Add(new InkRun($" [{bar}]", Ink.Quiet));
        return label;
    }

    private static void AddEnds(JudgedSession session, long start, List<LadderStep> steps)
    {
        var first = session.Facts.FirstEnd;
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (session.Facts.Of(role).End is not { } end) continue;
            var isFirst = end == first;
            var words = !isFirst ? "" : session.ClosedBy == SessionCloser.Network ? "  sent by a device between"
                : $"  {role.Word()} {(end.IsReset ? "reset" : "closed")}";
            List<InkRun> label = [new(end.IsReset ? "RST" : "FIN", Ink.Plain)];
            if (isFirst) label.Add(new InkRun($"{words}: {session.Code.Kebab()}", session.Severity().Ink()));
            steps.Add(Arrow(LadderStroke.Tcp, role, label, end.Time - start, Leaving) with
            {
                End = end.IsReset ? '╳' : '■',
                Frames = [end.Frame],
                Fold = isFirst ? 0 : 2,
            });
        }
    }

    private static LadderStep Note(string words, Ink ink, (long, int) order) =>
        new(LadderStroke.Note, null, [new(words, ink)]) { Order = order, HidesSilence = true, IsAfter = true };

    private static LadderStep Arrow(LadderStroke stroke, Role from, IReadOnlyList<InkRun> label, long time, int rank) =>
        new(stroke, from, label) { Time = time, Order = (time, rank), HidesSilence = true, IsAfter = true };
}
