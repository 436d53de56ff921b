using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>A report that is written while its capture goes on.</summary>
/// <param name="cluster">What is known so far.</param>
/// <param name="numbers">The numbers of the capture's handshakes; null where it is the only one.</param>
/// <param name="selection">Which handshakes are told of, from when it holds for them; null for all.</param>
public abstract class LiveReport(ClusterView cluster, ReportNumbers? numbers = null, Selection? selection = null)
{
    private readonly Dictionary<int, Outcome> _outcomes = [];

    /// <summary>How many handshakes have each outcome by now, the most frequent first.</summary>
    public IEnumerable<(Outcome Outcome, int Count)> Outcomes =>
        _outcomes.Values.GroupBy(outcome => outcome).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2);

    /// <summary>A handshake's outcome is known, or something of it has changed.</summary>
    public void Accept(Handshake handshake)
    {
        var judged = ReportBuilder.Of(handshake, cluster, numbers);
        _outcomes[judged.Id] = judged.Outcome;
        Offer(judged);
    }

    /// <summary>The capture is over: what the whole of it shows may change what was said.</summary>
    public virtual void Finish(CaptureReport report)
    {
        foreach (var handshake in report.AllHandshakes) Offer(numbers == null ? handshake : handshake with { Id = numbers.Of(handshake.Id), Source = numbers.Source });
    }

    /// <summary>Whether something was written of it, which then has to be kept true.</summary>
    protected abstract bool HasWritten(int id);

    /// <summary>Writes what is new of it, if anything is.</summary>
    protected abstract void Write(JudgedHandshake handshake);

    private void Offer(JudgedHandshake handshake)
    {
        if (selection == null || HasWritten(handshake.Id) || selection.Lists(handshake)) Write(handshake);
    }
}
