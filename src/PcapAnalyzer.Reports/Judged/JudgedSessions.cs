using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Sessions;

namespace PcapAnalyzer.Reports;

/// <summary>The sessions of all captures of a report, in order of time within a capture, and how their clusters fell apart.</summary>
/// <remarks>They are judged when they are asked for.</remarks>
public sealed class JudgedSessions
{
    private readonly Lazy<(IReadOnlyList<JudgedSession> All, IReadOnlyList<JudgedSplit> Splits)> _judged;

    private JudgedSessions(Func<(IReadOnlyList<JudgedSession>, IReadOnlyList<JudgedSplit>)> judge) => _judged = new(judge);

    public IReadOnlyList<JudgedSession> All => _judged.Value.All;

    public IReadOnlyList<JudgedSplit> Splits => _judged.Value.Splits;

    /// <param name="captures">The captures; each is judged separately.</param>
    public static JudgedSessions Of(IReadOnlyList<AnalyzedCapture> captures) => new(() =>
    {
        List<ClusterView> clusters = [.. captures.Select(capture => capture.Cluster)];
        var judged = clusters.Select((cluster, index) => Judge(cluster, ReportNumbers.After(clusters[..index],
            clusters.Count > 1))).ToList();
        return ([.. judged.SelectMany(one => one.All)], [.. judged.SelectMany(one => one.Splits)]);
    });

    /// <summary>The sessions of one capture from what is known so far.</summary>
    public static JudgedSessions Of(ClusterView cluster, ReportNumbers? numbers = null) =>
        new(() => Judge(cluster, numbers ?? ReportNumbers.Alone));

    /// <summary>The sessions of several captures, one after the other.</summary>
    public static JudgedSessions Join(IReadOnlyList<JudgedSessions> parts) =>
        parts.Count == 1 ? parts[0] : new(() => ([.. parts.SelectMany(part => part.All)], [.. parts.SelectMany(part => part.Splits)]));

    /// <summary>Sessions that are judged already.</summary>
    internal static JudgedSessions Of(ClusterSessions judged, ClusterView cluster, ReportNumbers? numbers = null) =>
        new(() => Build(judged, cluster, numbers ?? ReportNumbers.Alone));

    private static (IReadOnlyList<JudgedSession> All, IReadOnlyList<JudgedSplit> Splits) Judge(ClusterView cluster,
        ReportNumbers numbers) =>
        Build(SessionJudge.Of(cluster), cluster, numbers);

    private static (IReadOnlyList<JudgedSession> All, IReadOnlyList<JudgedSplit> Splits) Build(ClusterSessions judged, ClusterView cluster,
        ReportNumbers numbers)
    {
        var (sessions, splits) = judged;
        int IdOf(int place) => numbers.OfSession(sessions[place].Facts.Number);
        int? HandshakeOf(int number) => number > 0 && cluster.Handshakes.Contains(number) ? numbers.Of(number) : null;
        return (
            [.. sessions.Select((session, place) => new JudgedSession(IdOf(place), numbers.Source, HandshakeOf(session.Facts.Handshake),
                Redaction.Of(session, cluster.Pseudonyms)) { SeenUntil = cluster.Facts.Totals.LastTime })],
            [.. splits.Select((split, index) => new JudgedSplit(index + 1, numbers.Source, Redaction.Of(split, cluster.Pseudonyms),
                IdOf(split.Cause), sessions[split.Cause].Diagnosis.Code, [.. split.Sessions.Select(place => (long)IdOf(place))]))]);
    }
}
