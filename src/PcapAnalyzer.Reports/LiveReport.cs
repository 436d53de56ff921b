using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>A report that is written while its capture goes on.</summary>
/// <param name="cluster">What is known so far.</param>
/// <param name="source">The capture's place among several, from 1; null where there is one.</param>
/// <param name="idsBefore">The last number that the captures before it have taken.</param>
/// <param name="selection">Which handshakes are told of, from when it holds for them; null for all.</param>
public abstract class LiveReport(ClusterView cluster, int? source = null, int idsBefore = 0, Selection? selection = null)
{
    private readonly Dictionary<int, string> _outcomes = [];

    /// <summary>How many handshakes have each outcome by now, the most frequent first.</summary>
    public IEnumerable<(string Outcome, int Count)> Outcomes => _outcomes.Values.GroupBy(outcome => outcome).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2);

    /// <summary>A handshake's outcome is known, or something of it has changed.</summary>
    public void Accept(Handshake handshake)
    {
        var report = ReportBuilder.Of(handshake, cluster);
        _outcomes[report.Id] = report.Outcome;
        Offer(report);
    }

    /// <summary>The capture is over: what the whole of it shows may change what was said.</summary>
    public virtual void Finish(CaptureReport report)
    {
        foreach (var handshake in report.AllHandshakes) Offer(handshake);
    }

    /// <summary>Whether something was written of it, which then has to be kept true.</summary>
    protected abstract bool HasWritten(int id);

    /// <summary>Writes what is new of it, if anything is.</summary>
    protected abstract void Write(HandshakeReport report);

    private void Offer(HandshakeReport report)
    {
        report = report with { Id = idsBefore + report.Id, Source = source };
        if (selection == null || HasWritten(report.Id) || selection.Lists(report)) Write(report);
    }
}
