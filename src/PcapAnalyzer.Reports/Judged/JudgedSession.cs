using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>A session as reports show it.</summary>
/// <param name="Id">Its number in the report, from 1.</param>
/// <param name="Source">The capture's position, from 1; null when there is one capture.</param>
/// <param name="Handshake">The report number of its handshake; null where the capture does not have that.</param>
/// <param name="Judgement">What is concluded.</param>
public sealed record JudgedSession(int Id, int? Source, int? Handshake, SessionJudgement Judgement)
{
    public Session Facts => Judgement.Facts;

    public Diagnosis Diagnosis => Judgement.Diagnosis;

    /// <summary>Log lines that its nodes will have written.</summary>
    public IReadOnlyList<string> Logs => Explanation.LogsOf(Diagnosis.Code.Kebab(), [Facts.Protocol.Name]);

    public Closing Close => Facts.FirstEnd is not { } end ? Closing.Open : end.IsReset ? Closing.Rst : Closing.Fin;

    /// <summary>Who ended it, as its packets claim, or the network where a device between the nodes did.</summary>
    public SessionCloser? ClosedBy => Facts.FirstEnd is not { } end ? null
        : Diagnosis.Code == DiagnosisCode.MiddleboxReset ? SessionCloser.Network
        : end.By == Role.Initiator ? SessionCloser.Initiator : SessionCloser.Acceptor;

    /// <summary>How long the nodes held it, as far as the capture shows (ns).</summary>
    public long Duration => Math.Max(0, (Judgement.Parted ?? Judgement.Ended) - Facts.Started);

    /// <summary>The longest silence of either side, in ns.</summary>
    public long Silence => Math.Max(Facts.FromInitiator.LongestSilence, Facts.FromAcceptor.LongestSilence);

    /// <summary>A side's node, or its endpoint.</summary>
    public string Called(Role role) => Judgement.NodeOf(role) is { Length: > 0 } node ? node : Facts.EndpointOf(role).ToString();
}

public enum SessionCloser
{
    Initiator,
    Acceptor,
    Network,
}

/// <summary>A split as reports show it.</summary>
/// <param name="Source">The capture's position, from 1; null when there is one capture.</param>
/// <param name="Split">What is concluded; its sessions are counted from 0 in its capture.</param>
/// <param name="Before">The number of the last session of the captures before.</param>
/// <param name="Code">Why the first session was lost.</param>
public sealed record JudgedSplit(int? Source, Split Split, int Before, DiagnosisCode Code)
{
    public long Cause => Before + Split.Cause + 1;

    public IReadOnlyList<long> Sessions => [.. Split.Sessions.Select(place => (long)Before + place + 1)];
}

/// <summary>The sessions and splits of all captures of a report.</summary>
public sealed class JudgedSessions
{
    private JudgedSessions(IReadOnlyList<JudgedSession> all, IReadOnlyList<JudgedSplit> splits) => (All, Splits) = (all, splits);

    public IReadOnlyList<JudgedSession> All { get; }

    public IReadOnlyList<JudgedSplit> Splits { get; }

    /// <param name="captures">The captures; each is judged separately.</param>
    public static JudgedSessions Of(IReadOnlyList<AnalyzedCapture> captures)
    {
        var all = new List<JudgedSession>();
        var splits = new List<JudgedSplit>();
        var before = new List<ClusterView>();
        foreach (var capture in captures)
        {
            var numbers = ReportNumbers.After(before, captures.Count > 1);
            var (sessions, found) = SessionJudge.Of(capture.Cluster);
            var first = all.Count;
            foreach (var session in sessions)
            {
                int? handshake = session.Facts.Handshake > 0 && capture.Cluster.Handshakes.Contains(session.Facts.Handshake) ? numbers.Of(session.Facts.Handshake) : null;
                all.Add(new JudgedSession(all.Count + 1, numbers.Source, handshake, Redaction.Of(session, capture.Cluster.Pseudonyms)));
            }
            splits.AddRange(found.Select(split => new JudgedSplit(numbers.Source, Redaction.Of(split, capture.Cluster.Pseudonyms), first, sessions[split.Cause].Diagnosis.Code)));
            before.Add(capture.Cluster);
        }
        return new JudgedSessions(all, splits);
    }
}
