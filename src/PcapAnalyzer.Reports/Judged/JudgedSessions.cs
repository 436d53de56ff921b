using System.Collections;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>All sessions and splits of the captures of a report. Each session is judged on access.</summary>
public sealed class JudgedSessions : IReadOnlyList<JudgedSession>
{
    private readonly IReadOnlyList<Part> _parts;
    private readonly IOrderedWork _work;

    private JudgedSessions(IReadOnlyList<Part> parts, IOrderedWork work) => (_parts, _work) = (parts, work);

    public int Count => _parts.Sum(part => part.Sessions.Count);

    public IReadOnlyList<JudgedSplit> Splits => [.. _parts.SelectMany(part => part.Splits)];

    /// <summary>Sessions that were lost, and that no split was looked for.</summary>
    public long LossesLeftOut => _parts.Sum(part => (long)part.Sessions.LossesLeftOut);

    /// <summary>What they show beside their own ends.</summary>
    public IReadOnlyList<Finding> Findings => [.. _parts.SelectMany(part => part.Findings)];

    /// <summary>Dials that nobody answered.</summary>
    public IEnumerable<ConnectionAttempt> Attempts => _parts.SelectMany(part => part.Attempts);

    /// <summary>How often each code was given.</summary>
    public IEnumerable<KeyValuePair<DiagnosisCode, int>> Codes => _parts.SelectMany(part => part.Sessions.Codes)
        .GroupBy(pair => pair.Key, pair => pair.Value).OrderBy(group => group.Key)
        .Select(group => KeyValuePair.Create(group.Key, group.Sum()));

    /// <summary>Each session with the handshake before it, judged on access as well; null where the capture does not have it.</summary>
    internal IEnumerable<(JudgedSession Session, JudgedHandshake? Handshake)> WithHandshakes =>
        _parts.SelectMany(part => part.WithHandshakes);

    public JudgedSession this[int index]
    {
        get
        {
            foreach (var part in _parts)
            {
                if (index < part.Sessions.Count) return part[index];
                index -= part.Sessions.Count;
            }
            throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    /// <param name="captures">The captures; each is judged separately.</param>
    /// <param name="work">Decides how many sessions are judged at once.</param>
    public static JudgedSessions Of(IReadOnlyList<AnalyzedCapture> captures, IOrderedWork work)
    {
        List<ClusterView> clusters = [.. captures.Select(capture => capture.Cluster)];
        return new([.. clusters.Select((cluster, index) => new Part(cluster, ReportNumbers.After(clusters[..index], clusters.Count > 1)))],
            work);
    }

    /// <summary>The sessions of one capture from what is known so far.</summary>
    public static JudgedSessions Of(ClusterView cluster, ReportNumbers? numbers = null) =>
        new([new Part(cluster, numbers ?? ReportNumbers.Alone)], new OneByOne());

    public IEnumerator<JudgedSession> GetEnumerator() => _work.InBlocks(Count, index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The sessions of one capture.</summary>
    private sealed class Part(ClusterView cluster, ReportNumbers numbers)
    {
        private readonly Lazy<ClusterSessions> _sessions = new(() => SessionJudge.Of(cluster));

        internal ClusterSessions Sessions => _sessions.Value;

        internal IEnumerable<ConnectionAttempt> Attempts => cluster.Facts.Attempts;

        internal IEnumerable<JudgedSplit> Splits => Sessions.Splits.Select((split, index) => new JudgedSplit(index + 1, numbers.Source,
            Redaction.Of(split, cluster.Pseudonyms), IdOf(split.Cause), Sessions.CodeOf(split.Cause),
            [.. split.Sessions.Select(place => (long)IdOf(place))]));

        internal IEnumerable<Finding> Findings => Sessions.Findings.Select(finding => finding with
        {
            Source = numbers.Source,
            Session = finding.Session is { } session ? numbers.OfSession(session) : null,
        });

        internal IEnumerable<(JudgedSession, JudgedHandshake?)> WithHandshakes =>
            Enumerable.Range(0, Sessions.Count).Select(place => this[place])
            .Select(session => (session,
                session.Handshake == null ? null : ReportBuilder.Of(cluster.Handshakes[session.Facts.Handshake], cluster, numbers)));

        internal JudgedSession this[int place]
        {
            get
            {
                var judged = Sessions[place];
                var handshake = judged.Facts.Handshake;
                return new JudgedSession(numbers.OfSession(judged.Facts.Number), numbers.Source,
                    handshake > 0 && cluster.Handshakes.Contains(handshake) ? numbers.Of(handshake) : null,
                        Redaction.Of(judged, cluster.Pseudonyms))
                { SeenUntil = cluster.Facts.Totals.LastTime, Unredacted = cluster.Pseudonyms == null ? null : judged };
            }
        }

        private int IdOf(int place) => numbers.OfSession(Sessions.NumberOf(place));
    }
}
