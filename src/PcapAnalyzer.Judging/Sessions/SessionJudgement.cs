using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>What is concluded about one session.</summary>
/// <param name="Facts">What the capture shows of it.</param>
/// <param name="Diagnosis">Why it ended, or what it suffers from.</param>
public sealed record SessionJudgement(Session Facts, Diagnosis Diagnosis)
{
    /// <summary>The nodes, from the handshake, from process identifiers in messages, or from their endpoints; null where unknown.</summary>
    public string? InitiatorNode { get; init; }

    public string? AcceptorNode { get; init; }

    public uint? InitiatorCreation { get; init; }

    public uint? AcceptorCreation { get; init; }

    /// <summary>When the first node gave the session up (ns since 1970); null while both hold it.</summary>
    public long? Parted { get; init; }

    /// <summary>The side that parted first; null where that is not known.</summary>
    public Role? PartedBy { get; init; }

    /// <summary>No packet shows the time of parting; it is computed from the tick time.</summary>
    public bool IsPartedInferred { get; init; }

    /// <summary>Time of the last packet that matters to TCP (ns since 1970).</summary>
    public long Ended { get; init; }

    /// <summary>How long a silence a node accepts; null for a protocol without such a limit.</summary>
    public TickTime? TickTime { get; init; }

    /// <summary>What is true besides the code.</summary>
    public IReadOnlyList<SessionMark> Marks { get; init; } = [];

    /// <summary>Log lines that the two nodes will have written.</summary>
    public IReadOnlyList<string> Logs { get; init; } = [];

    /// <summary>Silences, stalls and notices worth telling, in order of time; bounded.</summary>
    public IReadOnlyList<SessionEvent> Events { get; init; } = [];

    /// <summary>Events that were left out.</summary>
    public long EventsLeftOut { get; init; }

    public string? NodeOf(Role role) => role == Role.Initiator ? InitiatorNode : AcceptorNode;
}

/// <summary>Erlang's <c>net_ticktime</c>.</summary>
/// <param name="Length">In nanoseconds.</param>
/// <param name="From">What told it.</param>
public readonly record struct TickTime(long Length, TickTimeSource From);

public enum TickTimeSource
{
    Ticks,
    Option,
    Default,
}

public enum SessionMark
{
    PeerRestarted,
    Hidden,
    CaptureStartsLate,
    ReceiverStalled,
}

public enum SessionEventKind
{
    Silence,
    ZeroWindow,
    LostConnection,
    RemoveConnection,
    LargeMessage,
    Flap,
    Shutdown,
    CallUnanswered,
}

/// <summary>Something that happened to a session.</summary>
/// <param name="Kind">What.</param>
/// <param name="By">Whose direction it concerns.</param>
/// <param name="Time">When it began (ns since 1970).</param>
/// <param name="Duration">How long it lasted (ns); 0 of a moment.</param>
public sealed record SessionEvent(SessionEventKind Kind, Role By, long Time, long Duration = 0)
{
    /// <summary>The nodes or the message that it names.</summary>
    public string? Detail { get; init; }

    public long Frame { get; init; }
}

/// <summary>A cluster fell into groups that are no longer connected with each other.</summary>
/// <param name="At">Time of the last sign of life over the first session that was lost (ns since 1970).</param>
/// <param name="Detected">When the first node gave its peer up.</param>
/// <param name="Groups">The largest sets of nodes in which each has a session with each; each sorted, a node may stand in two.</param>
/// <param name="Cause">The first session that was lost, by its place in the list of sessions.</param>
/// <param name="Sessions">All sessions that were lost, in order.</param>
/// <param name="Certainty">Of the groups and the cause.</param>
/// <param name="Summary">Who parted from whom, and what was only a consequence.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Split(long At, long Detected, IReadOnlyList<IReadOnlyList<string>> Groups, int Cause, IReadOnlyList<int> Sessions,
    Certainty Certainty, string Summary, string Remedy)
{
    /// <summary>When the first handshake between two groups reached its end; null while none did.</summary>
    public long? Healed { get; init; }
}
