using PcapAnalyzer.Core.Cluster;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Reports;

/// <summary>A report that is written while its capture goes on.</summary>
/// <param name="cluster">What is known so far.</param>
public abstract class LiveReport(ClusterView cluster)
{
    private readonly Dictionary<int, string> _outcomes = [];

    /// <summary>How many handshakes have each outcome by now, the most frequent first.</summary>
    public IEnumerable<(string Outcome, int Count)> Outcomes => _outcomes.Values.GroupBy(outcome => outcome).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2);

    /// <summary>A handshake's outcome is known, or something of it has changed.</summary>
    public void Accept(Handshake handshake)
    {
        var report = ReportBuilder.Of(handshake, cluster);
        _outcomes[report.Id] = report.Outcome;
        Write(report);
    }

    /// <summary>The capture is over: what the whole of it shows may change what was said.</summary>
    public virtual void Finish(CaptureReport report)
    {
        foreach (var handshake in report.Handshakes) Write(handshake);
    }

    /// <summary>Writes what is new of it, if anything is.</summary>
    protected abstract void Write(HandshakeReport report);
}
