using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>A report that is written while its capture is still running.</summary>
/// <param name="cluster">What is known so far.</param>
/// <param name="numbers">The report numbers of the capture's handshakes; null when there is one capture.</param>
/// <param name="selection">Which handshakes are written, from the moment they match; null for all.</param>
public abstract class LiveReport(ClusterView cluster, ReportNumbers? numbers = null, Selection? selection = null)
{
    private readonly Dictionary<int, Outcome> _outcomes = [];

    /// <summary>How many handshakes have each outcome so far, the most frequent first.</summary>
    public IEnumerable<(Outcome Outcome, int Count)> Outcomes =>
        _outcomes.Values.GroupBy(outcome => outcome).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2);

    /// <summary>Call this when a handshake's outcome becomes known, or when anything in it changes.</summary>
    public void Accept(Handshake handshake)
    {
        var judged = ReportBuilder.Of(handshake, cluster, numbers);
        _outcomes[judged.Id] = judged.Outcome;
        Offer(judged);
    }

    /// <summary>Ends the report. The whole capture may change what was written before.</summary>
    public virtual void Finish(CaptureReport report)
    {
        foreach (var handshake in report.AllHandshakes)
            Offer(numbers == null ? handshake : handshake with { Id = numbers.Of(handshake.Id), Source = numbers.Source });
    }

    /// <summary>Whether the handshake was written before. If so, its changes must be written too.</summary>
    protected abstract bool HasWritten(int id);

    /// <summary>Writes the handshake if there is anything new to write.</summary>
    protected abstract void Write(JudgedHandshake handshake);

    private void Offer(JudgedHandshake handshake)
    {
        if (selection == null || HasWritten(handshake.Id) || selection.Lists(handshake)) Write(handshake);
    }
}
