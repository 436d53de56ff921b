using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;

namespace PcapAnalyzer.Reports;

/// <summary>Writes text during a capture: each handshake when its outcome is known, and again if outcome or diagnosis change.</summary>
public sealed class LiveText(ClusterView cluster, TextWriter output, TextStyle style, Selection? selection = null)
    : LiveReport(cluster, selection: selection)
{
    private readonly Dictionary<int, (Outcome Outcome, DiagnosisCode Code)> _written = [];

    public override void Finish(CaptureReport report)
    {
        base.Finish(report);
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
}
