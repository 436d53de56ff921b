using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>
/// The main loop of a report. Runs each capture of an input through its own analysis, and passes handshakes to the live report
/// and to <c>--write-handshakes</c>.
/// </summary>
/// <remarks>
/// Files, pipes and live interfaces differ only in their <see cref="IRunInput"/>. Several captures are read at once, unless there
/// is a live report or <c>--write-handshakes</c>; those need one capture after the other.
/// </remarks>
internal sealed class CaptureRun(IRunInput input, Func<CaptureAnalysis> newAnalysis, HandshakesFile? handshakes, Messages messages)
{
    private readonly Progress _progress = new(messages, TimeProvider.System);

    /// <summary>Creates the live report of a capture, which is written while the capture is read.</summary>
    internal delegate LiveReport NewLiveReport(CaptureAnalysis analysis, ReportNumbers numbers);

    /// <summary>A capture could not be opened, or packets could not be written. The user was told.</summary>
    internal bool HasFailed => input.HasFailed || handshakes is { HasFailed: true };

    /// <summary>Reads all captures, then builds the report.</summary>
    internal CaptureReport Read(Func<IReadOnlyList<AnalyzedCapture>, CaptureReport> build, CancellationToken stop)
    {
        var work = new AllCores(most: handshakes == null ? int.MaxValue : 1);
        List<AnalyzedCapture> captures = [.. work.Select(input.Count, index => Read(index, newAnalysis(), null, stop))];
        messages.ClearLastLine();
        GC.Collect(); // frees the memory of reading before the report allocates its own
        return build(captures);
    }

    /// <summary>Reads one capture after the other, and writes each handshake as soon as its outcome is known.</summary>
    internal CaptureReport ReadAndTell(NewLiveReport newLiveReport, Func<IReadOnlyList<AnalyzedCapture>, CaptureReport> build,
        CancellationToken stop)
    {
        var captures = new List<AnalyzedCapture>();
        CaptureReport report;
        do
        {
            var analysis = newAnalysis();
            var live = newLiveReport(analysis, ReportNumbers.After([.. captures.Select(before => before.Cluster)],
                isOneOfSeveral: input.Count > 1));
            captures.Add(Read(captures.Count, analysis, live, stop));
            report = build([captures[^1]]);
            messages.ClearLastLine();
            live.Finish(report);
        }
        while (captures.Count < input.Count);
        return captures.Count == 1 ? report : build(captures);
    }

    private AnalyzedCapture Read(int index, CaptureAnalysis analysis, LiveReport? told, CancellationToken stop)
    {
        var live = input as LiveInput;
        if (told != null)
        {
            told.BeforeWrite = messages.ClearLastLine;
            analysis.HandshakeKnown = handshake =>
            {
                messages.ClearLastLine();
                told.Accept(handshake);
            };
        }
        void Tick(long now)
        {
            handshakes?.Flush();
            analysis.Dropped = input.Counters.Dropped;
            analysis.Advance(now);
            told?.Advance(now);
            if (live != null) _progress.ShowLive(live.Interfaces, analysis.OpenConversations, told);
        }
        handshakes?.Begin(analysis, from => input.NameOf(index, from), isLive: live != null);
        // In a file only packets advance the time. A live report and a live interface also need ticks while no packet arrives.
        var read = input.Read(index, analysis.Accept, told != null || live != null ? Tick : null, stop);
        handshakes?.Stop();
        analysis.Dropped = read.Dropped;
        analysis.Finish();
        handshakes?.End();
        return new AnalyzedCapture(analysis.Cluster, read);
    }
}
