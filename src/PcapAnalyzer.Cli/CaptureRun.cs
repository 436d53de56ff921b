using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>
/// The loop of every report: each capture of an input goes through an analysis of its own, and what is known of it is told and
/// kept.
/// </summary>
/// <remarks>
/// Files, pipes and live interfaces differ in their <see cref="IRunInput"/> alone. Without somebody who is told meanwhile, and
/// without a file for packets, captures do not depend on each other, and several are read at once.
/// </remarks>
internal sealed class CaptureRun(IRunInput input, Func<CaptureAnalysis> newAnalysis, HandshakesFile? handshakes, Messages messages)
{
    private readonly Progress _progress = new(messages, TimeProvider.System);

    /// <summary>Begins what is told of a capture while it is read.</summary>
    internal delegate LiveReport NewLiveReport(CaptureAnalysis analysis, ReportNumbers numbers);

    /// <summary>A capture was not read or not kept whole, which the user was told.</summary>
    internal bool HasFailed => input.HasFailed || handshakes is { HasFailed: true };

    /// <summary>Reads all captures.</summary>
    internal CaptureReport Read(Func<IReadOnlyList<AnalyzedCapture>, CaptureReport> build, CancellationToken stop)
    {
        var work = new AllCores(most: handshakes == null ? int.MaxValue : 1);
        List<AnalyzedCapture> captures = [.. work.Select(input.Count, index => Read(index, newAnalysis(), null, stop))];
        messages.ClearLastLine();
        GC.Collect(); // the memory that reading took, before the report takes its own
        return build(captures);
    }

    /// <summary>Reads one capture after the other, and tells each handshake as soon as its outcome is known.</summary>
    internal CaptureReport ReadAndTell(NewLiveReport newLiveReport, Func<IReadOnlyList<AnalyzedCapture>, CaptureReport> build,
        CancellationToken stop)
    {
        var captures = new List<AnalyzedCapture>();
        CaptureReport report;
        do
        {
            var analysis = newAnalysis();
            var live = newLiveReport(analysis, ReportNumbers.After([.. captures.Select(before => before.Cluster)], isOneOfSeveral: input.Count > 1));
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
            if (live != null) _progress.ShowLive(live.Interfaces, analysis.OpenConversations, told);
        }
        handshakes?.Begin(analysis, from => input.NameOf(index, from), isLive: live != null);
        // In a file time goes on from packet to packet; only who is told of a pipe needs to know that it went on without one.
        var read = input.Read(index, analysis.Accept, told != null || live != null ? Tick : null, stop);
        handshakes?.Stop();
        analysis.Dropped = read.Dropped;
        analysis.Finish();
        handshakes?.End();
        return new AnalyzedCapture(analysis.Cluster, read);
    }
}
