using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;

namespace PcapAnalyzer.Reports;

/// <summary>
/// Writes text during a capture: each handshake when its outcome is known, each session when it is not
/// healthy, each split, and all again if outcome or diagnosis change.
/// </summary>
public sealed class LiveText(ClusterView cluster, TextWriter output, TextStyle style, Selection? selection = null)
    : LiveReport(cluster, selection: selection)
{
    private readonly Dictionary<int, (Outcome Outcome, DiagnosisCode Code)> _written = [];
    private readonly Dictionary<int, DiagnosisCode> _sessions = [];
    private readonly Dictionary<int, (string Groups, DiagnosisCode Cause, long? Healed)> _splits = [];

    public override void Finish(CaptureReport report)
    {
        base.Finish(report);
        TextSessions.WriteHealthy(report.ListedSessions, output, style);
        TextReport.WriteEnd(report, output, style);
        output.Flush();
    }

    protected override bool HasWritten(int id) => _written.ContainsKey(id);

    protected override void Write(JudgedHandshake handshake)
    {
        var verdict = (handshake.Outcome, handshake.Diagnosis.Code);
        if (_written.TryGetValue(handshake.Id, out var known) && known == verdict) return;
        _written[handshake.Id] = verdict;
        TextReport.Write(handshake, output, style);
        if (style.Detail != TextDetail.Quiet) output.WriteLine();
        output.Flush();
    }

    protected override void Write(JudgedSession session)
    {
        var known = _sessions.GetValueOrDefault(session.Id, DiagnosisCode.Healthy);
        if (known == session.Code) return;
        _sessions[session.Id] = session.Code;
        Write(() => TextSessions.Write(session, output, style));
    }

    protected override void Write(JudgedSplit split)
    {
        var verdict = (TextSessions.Groups(split), split.Code, split.Split.Healed);
        if (_splits.TryGetValue(split.Id, out var known) && known == verdict) return;
        _splits[split.Id] = verdict;
        Write(() => TextSessions.Write(split, output, style));
    }

    private void Write(Action write)
    {
        BeforeWrite?.Invoke();
        write();
        if (style.Detail != TextDetail.Quiet) output.WriteLine();
        output.Flush();
    }
}
