using System.Globalization;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The state of the capture for the status line, shortened to fit.</summary>
public static class CaptureState
{
    private const int BarWidth = 12;

    /// <param name="rate">Packets in the last second.</param>
    public static IReadOnlyList<InkRun> Runs(CaptureSession session, TimelineModel model, long rate, int room)
    {
        var counters = session.Counters;
        var drops = counters.Dropped == 0 ? new InkRun(session.IsLive ? "0 drops" : "", Ink.Quiet)
            : new InkRun($"! {Number(counters.Dropped)} drops", Ink.Bad);
        var isStill = model is { IsPaused: true }
            || (session is { IsLive: true, IsOver: false } && !model.IsFollowing && model.NewBelow > 0);
        var mark = session.Failure != null ? new InkRun("✗ ", Ink.Bad)
            : session.IsOver ? new InkRun(session.IsLive ? "■ stopped  " : "", Ink.Quiet)
            : isStill ? new InkRun($"▮▮ {(model.IsPaused ? "paused" : $"{model.NewBelow} new below, G")}  ", Ink.Warn)
            : session.IsLive ? new InkRun("● ", Ink.Good)
            : counters.BytesTotal > 0 ? new InkRun(Bar((double)counters.BytesRead / counters.BytesTotal), Ink.Accent)
            : new InkRun("reading  ", Ink.Accent);
        var open = session is { IsLive: true, IsOver: false } ? $"  {Number(rate)}/s  {Number(session.OpenConversations)} open" : "";
        IReadOnlyList<InkRun> all = [mark, new($"{Number(session.Packets)} packets{open}{(drops.Text.Length > 0 ? "  " : "")}", Ink.Plain),
            drops, new(" ", Ink.Plain)];
        if (Width(all) <= room) return all;
        var few = counters.Dropped == 0 ? new("", Ink.Plain) : drops with { Text = $"{drops.Text} " };
        return [mark, new($"{Number(session.Packets)} pkts ", Ink.Plain), few];
    }

    private static string Bar(double share)
    {
        share = Math.Clamp(share, 0, 1);
        var full = (int)(share * BarWidth);
        return $"▐{new string('█', full)}{new string('░', BarWidth - full)}▌ {share * 100:0} %  ";
    }

    private static int Width(IReadOnlyList<InkRun> runs) => runs.Sum(run => run.Text.Length);

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
