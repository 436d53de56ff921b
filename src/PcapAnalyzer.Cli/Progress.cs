using PcapAnalyzer.Capture;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Shows on the terminal's last line how much of the files was read, or the counters of a live capture.</summary>
internal sealed class Progress(Messages messages, TimeProvider time)
{
    private const int Width = 30;
    private static readonly TimeSpan FirstOfFiles = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NextOfFiles = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Live = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _shown;
    private long _packets;

    /// <summary>Any thread may call it, because several threads read files.</summary>
    internal void ShowFiles(CaptureCounters counters)
    {
        lock (_lock)
        {
            var elapsed = time.GetElapsedTime(_started);
            // A pipe has no length, so there is no share to show.
            if (!IsDue(elapsed, _shown == default ? FirstOfFiles : NextOfFiles) || counters.BytesTotal == 0) return;
            _shown = elapsed;
            var (done, total) = (counters.BytesRead, counters.BytesTotal);
            var share = Math.Min(1, (double)done / total);
            var bar = new string('#', (int)(share * Width)).PadRight(Width, '.');
            messages.ShowLastLine($"[{bar}] {share * 100,3:0} %  {done / 1e6:0} of {total / 1e6:0} MB  "
                + $"{done / 1e6 / elapsed.TotalSeconds:0} MB/s");
        }
    }

    internal void ShowLive(IReadOnlyList<LiveInterface> interfaces, int conversations, LiveReport? handshakes)
    {
        var elapsed = time.GetElapsedTime(_started);
        if (!IsDue(elapsed, Live)) return;
        var packets = interfaces.Sum(one => one.Packets);
        var rate = (packets - _packets) / (elapsed - _shown).TotalSeconds;
        (_packets, _shown) = (packets, elapsed);
        var outcomes = string.Join("", (handshakes?.Outcomes ?? []).Select(pair => $", {pair.Count} {pair.Outcome.Kebab()}"));
        messages.ShowLastLine($"{string.Join(", ", interfaces.Select(one => one.Name))}: {packets} packets, {rate:0}/s, "
            + $"{interfaces.Sum(one => one.DroppedByKernel)} dropped by the kernel, {interfaces.Sum(one => one.DroppedByInterface)} by "
                + $"the interface, {conversations} open{outcomes}");
    }

    private bool IsDue(TimeSpan elapsed, TimeSpan interval) => messages.IsTerminal && elapsed - _shown >= interval;
}
