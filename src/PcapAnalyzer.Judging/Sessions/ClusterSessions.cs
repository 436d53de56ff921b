using System.Collections;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>All sessions of a capture in order of time, each judged when it is asked for, and how its cluster fell apart.</summary>
/// <remarks>Several threads may ask at once. Of each session only its findings and what splits are drawn from are remembered.</remarks>
public sealed class ClusterSessions : IReadOnlyList<SessionJudgement>
{
    private readonly SessionCluster _cluster;
    private readonly SessionSummary[] _summaries;
    private readonly IReadOnlyList<Finding>[] _findings;
    private Splits? _splits;

    internal ClusterSessions(SessionCluster cluster)
    {
        _cluster = cluster;
        _summaries = new SessionSummary[cluster.Count];
        _findings = new IReadOnlyList<Finding>[cluster.Count];
    }

    public int Count => _cluster.Count;

    /// <summary>When the cluster fell into which groups.</summary>
    public IReadOnlyList<Split> Splits => Drawn.All;

    /// <summary>Sessions that were lost, and that no split was looked for: there are too many losses and nodes.</summary>
    public int LossesLeftOut => Drawn.LossesLeftOut;

    /// <summary>What sessions show beside their own ends. Empty until the capture is over, since a late answer is no finding.</summary>
    public IEnumerable<Finding> Findings => _cluster.Cluster.IsComplete && Summaries.Length > 0 ? _findings.SelectMany(of => of) : [];

    /// <summary>How often each code was given.</summary>
    public IEnumerable<KeyValuePair<DiagnosisCode, int>> Codes => Summaries.GroupBy(one => one.Code).OrderBy(group => group.Key)
        .Select(group => KeyValuePair.Create(group.Key, group.Count()));

    /// <summary>The number of a session's fact.</summary>
    public int NumberOf(int place) => _cluster.NumberOf(place);

    public DiagnosisCode CodeOf(int place) => Summaries[place].Code;

    public SessionJudgement this[int place] => Judge(place).Judgement;

    public IEnumerator<SessionJudgement> GetEnumerator() => Enumerable.Range(0, Count).Select(place => this[place]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal (SessionCase Case, SessionJudgement Judgement) Judge(int place)
    {
        var it = _cluster[place];
        var judgement = SessionJudge.Of(it);
        if (_summaries[place].IsKnown) return (it, judgement);
        _findings[place] = SessionFindings.Of(it, judgement);
        _summaries[place] = SessionSummary.Of(it, judgement);
        return (it, judgement);
    }

    private Splits Drawn => _splits ??= new Splits(this, Summaries);

    private SessionSummary[] Summaries
    {
        get
        {
            for (var place = 0; place < Count; place++)
                if (!_summaries[place].IsKnown) Judge(place);
            return _summaries;
        }
    }
}

/// <summary>What splits are drawn from, of one session. Times are in ns since 1970.</summary>
internal readonly record struct SessionSummary(DiagnosisCode Code, long Started, long? Parted, string? Initiator, string? Acceptor)
{
    internal bool IsKnown { get; private init; }

    /// <summary>The session was up until then, as far as is known.</summary>
    internal long UpUntil { get; private init; }

    /// <summary>Both nodes are visible members of a cluster.</summary>
    internal bool IsOfCluster { get; private init; }

    internal (string, string) Pair => Splits.Pair(Initiator!, Acceptor!);

    internal bool IsOf(string node) => Initiator == node || Acceptor == node;

    internal static SessionSummary Of(SessionCase it, SessionJudgement judgement) =>
        new(judgement.Diagnosis.Code, it.Facts.Started, judgement.Parted, it.Initiator, it.Acceptor)
        {
            IsKnown = true,
            UpUntil = Math.Min(judgement.Parted ?? long.MaxValue, it.End?.Time ?? long.MaxValue),
            IsOfCluster = it.Initiator != null && it.Acceptor != null && !it.IsHidden(Pipeline.Protocols.Role.Initiator)
                && !it.IsHidden(Pipeline.Protocols.Role.Acceptor),
        };
}
