using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>A report that is written while its capture is still running.</summary>
/// <param name="cluster">What is known so far.</param>
/// <param name="numbers">The report numbers of the capture's handshakes; null when there is one capture.</param>
/// <param name="selection">Which handshakes and sessions are written, from the moment they match; null for all.</param>
public abstract class LiveReport(ClusterView cluster, ReportNumbers? numbers = null, Selection? selection = null)
{
    private const long Second = 1_000_000_000;

    /// <summary>Sessions that are judged in a second of the capture: a thousand open ones cost little, a hundred thousand would.</summary>
    private const int SessionsPerSecond = 1000;

    private readonly Dictionary<int, Outcome> _outcomes = [];
    private readonly HashSet<int> _sessions = [];
    private long _sessionsDue;

    /// <summary>How many handshakes have each outcome so far, the most frequent first.</summary>
    public IEnumerable<(Outcome Outcome, int Count)> Outcomes =>
        _outcomes.Values.GroupBy(outcome => outcome).Select(group => (group.Key, group.Count())).OrderByDescending(pair => pair.Item2);

    /// <summary>Called before a session or a split is written, which may happen at any time.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Call this when a handshake's outcome becomes known, or when anything in it changes.</summary>
    public void Accept(Handshake handshake)
    {
        var judged = ReportBuilder.Of(handshake, cluster, numbers);
        _outcomes[judged.Id] = judged.Outcome;
        Offer(judged);
    }

    /// <summary>Call this as time passes: a silence, an end or a split becomes known though no handshake does.</summary>
    /// <param name="now">Time of the capture, in nanoseconds since 1970.</param>
    public void Advance(long now)
    {
        if (now < _sessionsDue || cluster.Facts.Sessions.Count == 0) return;
        _sessionsDue = now + Second + Second * (cluster.Facts.Sessions.Count / SessionsPerSecond);
        Offer(JudgedSessions.Of(cluster, numbers));
    }

    /// <summary>Ends the report. The whole capture may change what was written before.</summary>
    public virtual void Finish(CaptureReport report)
    {
        OfferHandshakes(report);
        Offer(JudgedSessions.Of(cluster, numbers));
    }

    /// <summary>Writes a session if there is anything new to write.</summary>
    protected abstract void Write(JudgedSession session);

    /// <summary>Writes a split if there is anything new to write.</summary>
    protected abstract void Write(JudgedSplit split);

    private void Offer(JudgedSessions all)
    {
        foreach (var session in all)
            if (selection == null || _sessions.Contains(session.Id) || IsSelected(session, selection)) Write(session);
        if (selection != null) return; // a filter is not about splits, and the text does not list them either
        foreach (var split in all.Splits) Write(split);
    }

    /// <summary>Whether a session matches. If so, its changes are written from then on.</summary>
    private bool IsSelected(JudgedSession session, Selection selection)
    {
        var number = session.Facts.Handshake;
        var handshake = number > 0 && cluster.Handshakes.Contains(number) ? ReportBuilder.Of(cluster.Handshakes[number], cluster, numbers)
            : null;
        return selection.Lists(session, handshake) && _sessions.Add(session.Id);
    }

    private void OfferHandshakes(CaptureReport report)
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
