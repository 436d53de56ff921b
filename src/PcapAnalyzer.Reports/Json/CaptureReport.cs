using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Reports;

/// <summary>Everything one run has to say. <see cref="JsonReport"/> and <see cref="TextReport"/> write it.</summary>
public sealed record CaptureReport
{
    private readonly JudgedHandshakes _handshakes;
    private readonly IReadOnlyList<FactStore> _facts;

    internal CaptureReport(JudgedHandshakes handshakes, IReadOnlyList<FactStore> facts)
    {
        _handshakes = handshakes;
        _facts = facts;
        Handshakes = handshakes;
    }

    public required IReadOnlyList<SourceReport> Sources { get; init; }

    /// <summary>The given cookies, where their hashes were asked for.</summary>
    public IReadOnlyList<CookieReport>? Cookies { get; init; }

    /// <summary>Names, challenges and digests are left out.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>Which handshakes are listed; null for all.</summary>
    public Selection? Selection
    {
        get;
        init
        {
            field = IsRedacted && value != null ? value with { Expression = Redaction.LeftOut } : value;
            Handshakes = value == null ? _handshakes : new SelectedHandshakes(_handshakes, value.Lists);
        }
    }

    /// <summary>Those that are listed. Each is judged when it is asked for, and anew each time.</summary>
    public IReadOnlyList<HandshakeReport> Handshakes { get; private init; }

    /// <summary>The same of all, listed or not.</summary>
    public IReadOnlyList<HandshakeReport> AllHandshakes => _handshakes;

    /// <summary>The outcomes of those that are listed.</summary>
    public IEnumerable<string> ListedOutcomes => Selection == null ? Outcomes.Keys : Handshakes.Select(handshake => handshake.Outcome);

    /// <summary>The highest number of a handshake.</summary>
    public int LastId => _handshakes.LastId;

    public IReadOnlyList<NodeReport> Nodes => _handshakes.Totals.Nodes;

    public IReadOnlyList<PairReport> Pairs => _handshakes.Totals.Pairs;

    /// <summary>How many handshakes had each outcome.</summary>
    public IReadOnlyDictionary<string, int> Outcomes => _handshakes.Totals.Outcomes;

    public required IReadOnlyList<FindingReport> Findings { get; init; }

    public StatisticsReport Statistics => StatisticsReport.Of(_handshakes, _facts, Sources);
}

/// <summary>Where packets came from, and what was wrong with it.</summary>
public sealed record SourceReport
{
    /// <summary><c>file</c>, <c>interface</c> or <c>stdin</c>.</summary>
    public required string Kind { get; init; }

    public required string Name { get; init; }

    /// <summary><c>pcap</c> or <c>pcapng</c>.</summary>
    public string? Format { get; init; }

    public required IReadOnlyList<string> LinkTypes { get; init; }

    public required long Packets { get; init; }

    /// <summary>Bytes captured, packet headers of the file not counted.</summary>
    public required long Bytes { get; init; }

    public string? FirstPacket { get; init; }

    public string? LastPacket { get; init; }

    /// <summary>Packets that the kernel or an interface lost, as far as the source tells.</summary>
    public long Dropped { get; init; }

    /// <summary>The interfaces that a pcapng file describes.</summary>
    public IReadOnlyList<SourceInterface>? Interfaces { get; init; }

    /// <summary>What somebody wrote into a pcapng file.</summary>
    public IReadOnlyList<SourceComment>? Comments { get; init; }

    public required IReadOnlyList<SourceProblem> Problems { get; init; }

    internal static SourceReport Of(CaptureSource source) => new()
    {
        Kind = source.Kind,
        Name = source.Name,
        Format = source.Format,
        LinkTypes = source.LinkTypes,
        Packets = source.Packets,
        Bytes = source.Bytes,
        FirstPacket = source.FirstPacket is { } first ? ReportText.Time(first) : null,
        LastPacket = source.LastPacket is { } last ? ReportText.Time(last) : null,
        Dropped = source.Dropped,
        Interfaces = source.Interfaces,
        Comments = source.Comments,
        Problems = source.Problems,
    };
}

/// <param name="Label">The label that the user gave it.</param>
/// <param name="Hash">RabbitMQ's cookie hash: base64 of the cookie's MD5.</param>
public sealed record CookieReport(string Label, string Hash);

/// <summary>A node, from everything that the capture shows of it.</summary>
public sealed record NodeReport
{
    public required string Name { get; init; }

    public required string Protocol { get; init; }

    /// <summary>Where it was seen to listen.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    public string? Release { get; init; }

    public bool? Hidden { get; init; }

    public FlagNames? Flags { get; init; }

    /// <summary>Labels of the cookies it proved.</summary>
    public required IReadOnlyList<string> Cookies { get; init; }

    /// <summary>How many handshakes had each outcome.</summary>
    public required IReadOnlyDictionary<string, int> Handshakes { get; init; }
}

/// <param name="Times">Attempts that met one in the other direction.</param>
/// <param name="PredictedWinner">The node whose connection survives by the rule of names.</param>
/// <param name="Winners">The nodes whose connection was established.</param>
public sealed record SimultaneousReport(int Times, string PredictedWinner, IReadOnlyList<string> Winners);

/// <param name="Nodes">The two names, in byte order.</param>
/// <param name="Protocol">What they speak.</param>
/// <param name="Count">Attempts.</param>
/// <param name="First">Time of the first attempt.</param>
/// <param name="Last">Time of the last attempt.</param>
/// <param name="Outcomes">How many of each.</param>
/// <param name="Interval">Seconds between one attempt and the next, the median.</param>
/// <param name="Simultaneous">Attempts in both directions at once, where there were any.</param>
/// <param name="Cause">The diagnosis code of all attempts that were not established, when they share one.</param>
public sealed record PairReport(
    IReadOnlyList<string> Nodes, string Protocol, int Count, string First, string Last, decimal? Interval,
    IReadOnlyDictionary<string, int> Outcomes, SimultaneousReport? Simultaneous, string? Cause);

/// <summary>Something outside any handshake that explains why there is none.</summary>
public sealed record FindingReport
{
    public required string Code { get; init; }

    /// <summary>As in <see cref="HandshakeReport"/>.</summary>
    public int? Source { get; init; }

    /// <summary>Address of the host that dialled.</summary>
    public string? From { get; init; }

    public string? To { get; init; }

    public string? Node { get; init; }

    /// <summary>The EPMD that was asked.</summary>
    public string? Epmd { get; init; }

    /// <summary>Address of the host that asked it.</summary>
    public string? AskedBy { get; init; }

    public string? How { get; init; }

    public required int Times { get; init; }

    public required string Summary { get; init; }

    public required string Remedy { get; init; }
}

public sealed record StatisticsReport
{
    public required long Packets { get; init; }

    public required long TcpSegments { get; init; }

    public required long Conversations { get; init; }

    public required int Handshakes { get; init; }

    public required int Established { get; init; }

    public required int AuthenticationFailed { get; init; }

    public required int Rejected { get; init; }

    public required int Closed { get; init; }

    public required int Incomplete { get; init; }

    public required int ProtocolViolation { get; init; }

    public required int Encrypted { get; init; }

    /// <summary>Packets that could not be taken apart.</summary>
    public required long UndecodedPackets { get; init; }

    /// <summary>Why not: <c>fragment</c>, <c>fragment-conflict</c>, <c>malformed</c>, <c>cut</c>, <c>unsupported</c>.</summary>
    public IReadOnlyDictionary<string, long>? Undecoded { get; init; }

    /// <summary>Conversations that begin with TLS, between whomever.</summary>
    public required int TlsSessions { get; init; }

    /// <summary>Conversations forgotten early because there were too many at once.</summary>
    public long? ConversationsDropped { get; init; }

    /// <summary>Handshakes and TLS sessions beyond what is kept.</summary>
    public long? HandshakesDropped { get; init; }

    internal static StatisticsReport Of(JudgedHandshakes handshakes, IReadOnlyList<FactStore> facts, IReadOnlyList<SourceReport> sources)
    {
        int Count(Outcome outcome) => handshakes.Totals.Outcomes.GetValueOrDefault(outcome.Kebab());
        var undecoded = facts.SelectMany(one => one.Totals.Undecoded).GroupBy(pair => pair.Key, pair => pair.Value).OrderBy(group => group.Key).ToDictionary(group => group.Key.Kebab(), group => group.Sum());
        return new StatisticsReport
        {
            Packets = sources.Sum(source => source.Packets),
            TcpSegments = facts.Sum(one => one.Totals.TcpSegments),
            Conversations = facts.Sum(one => one.Totals.Conversations),
            Handshakes = handshakes.Count,
            Established = Count(Outcome.Established),
            AuthenticationFailed = Count(Outcome.AuthenticationFailed),
            Rejected = Count(Outcome.Rejected),
            Closed = Count(Outcome.Closed),
            Incomplete = Count(Outcome.Incomplete),
            ProtocolViolation = Count(Outcome.ProtocolViolation),
            Encrypted = Count(Outcome.Encrypted),
            UndecodedPackets = undecoded.Values.Sum(),
            Undecoded = undecoded.Count == 0 ? null : undecoded,
            TlsSessions = facts.Sum(one => one.TlsSessions.Count),
            ConversationsDropped = NullIfNone(facts.Sum(one => one.Totals.ConversationsDropped)),
            HandshakesDropped = NullIfNone(facts.Sum(one => one.Dropped)),
        };
    }

    private static long? NullIfNone(long count) => count == 0 ? null : count;
}
