using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>A session as reports show it.</summary>
/// <param name="Id">Its number in the report, from 1: the order in which sessions were recognised.</param>
/// <param name="Source">The capture's position, from 1; null when there is one capture.</param>
/// <param name="Handshake">The report number of its handshake; null where the capture does not have that.</param>
/// <param name="Judgement">What is concluded.</param>
public sealed record JudgedSession(int Id, int? Source, int? Handshake, SessionJudgement Judgement)
{
    /// <summary>In JSON Lines, the line number among the lines of this session, from 1.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>Time of the capture's last packet so far, in nanoseconds since 1970.</summary>
    public long SeenUntil { get; init; }

    /// <summary>What is concluded, with the names that a redacted report leaves out; null in one that is not redacted.</summary>
    internal SessionJudgement? Unredacted { get; init; }

    public Session Facts => Judgement.Facts;

    public Diagnosis Diagnosis => Judgement.Diagnosis;

    /// <summary>Log lines that its nodes will have written.</summary>
    public IReadOnlyList<string> Logs => Explanation.LogsOf(Code.Kebab(), Writers());

    public DiagnosisCode Code => Diagnosis.Code;

    public Closing Close => Facts.FirstEnd is not { } end ? Closing.Open : end.IsReset ? Closing.Rst : Closing.Fin;

    /// <summary>Who ended it, as its packets claim, or the network where a device between the nodes did.</summary>
    public SessionCloser? ClosedBy => Facts.FirstEnd is not { } end ? null
        : Diagnosis.Code == DiagnosisCode.MiddleboxReset ? SessionCloser.Network
        : end.By == Role.Initiator ? SessionCloser.Initiator : SessionCloser.Acceptor;

    /// <summary>How long the nodes held it, as far as the capture shows (ns).</summary>
    public long Duration => Math.Max(0, (Judgement.Parted ?? Judgement.Ended) - Facts.Started);

    /// <summary>The longest silence of either side, in ns.</summary>
    public long Silence => Math.Max(Facts.FromInitiator.LongestSilence, Facts.FromAcceptor.LongestSilence);

    /// <summary>How long a side had said nothing at the first end of the connection, or at that of the capture (ns).</summary>
    public long SilenceAtEnd(Role role) => Math.Max(0, (Facts.FirstEnd?.Time ?? Math.Max(SeenUntil, Facts.LastTime))
        - Math.Max(Facts.Of(role).LastLifeTime, Facts.Started));

    /// <summary>Nanoseconds since its start.</summary>
    public long Since(long time) => Math.Max(0, time - Facts.Started);

    /// <summary><see cref="Called"/>, safe to print.</summary>
    public string Shown(Role role) => ReportText.Safe(Called(role));

    /// <summary>A side's node, or its endpoint.</summary>
    public string Called(Role role) => Judgement.NodeOf(role) is { Length: > 0 } node ? node : Facts.EndpointOf(role).ToString();

    private IEnumerable<string> Writers()
    {
        yield return Facts.Protocol.Name;
        if ((Judgement.InitiatorNode ?? Judgement.AcceptorNode) is { } node && Facts.Protocol.ProductOf(node) is { } product)
            yield return product;
    }
}

public enum SessionCloser
{
    Initiator,
    Acceptor,
    Network,
}

/// <summary>A split as reports show it.</summary>
/// <param name="Id">Its number within its capture, from 1.</param>
/// <param name="Source">The capture's position, from 1; null when there is one capture.</param>
/// <param name="Split">What is concluded.</param>
/// <param name="Cause">The number of the first session that was lost.</param>
/// <param name="Code">Why it was lost.</param>
/// <param name="Sessions">The numbers of all sessions that were lost.</param>
public sealed record JudgedSplit(int Id, int? Source, Split Split, long Cause, DiagnosisCode Code, IReadOnlyList<long> Sessions)
{
    /// <inheritdoc cref="JudgedSession.Revision"/>
    public int Revision { get; init; } = 1;

    /// <summary>Nanoseconds from the first timeout to the healing; null while it is not healed.</summary>
    public long? Length => Split.Healed is { } healed ? Math.Max(0, healed - Split.Detected) : null;
}
