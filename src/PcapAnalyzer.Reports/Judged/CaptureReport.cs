using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Reports;

/// <summary>The result of one run. <see cref="JsonReport"/> and <see cref="TextReport"/> write it.</summary>
public sealed record CaptureReport
{
    private readonly JudgedHandshakes _handshakes;
    private readonly IReadOnlyList<FactStore> _facts;
    private IReadOnlyList<JudgedSession>? _listedSessions;

    internal CaptureReport(JudgedHandshakes handshakes, IReadOnlyList<FactStore> facts)
    {
        _handshakes = handshakes;
        _facts = facts;
        Handshakes = handshakes;
    }

    public required IReadOnlyList<CaptureSource> Sources { get; init; }

    /// <summary>The given cookies; set only when their hashes were requested.</summary>
    public IReadOnlyList<Cookie>? Cookies { get; init; }

    /// <summary>Names, challenges and digests are left out.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>Which handshakes and sessions the report lists; null for all.</summary>
    public Selection? Selection
    {
        get;
        init
        {
            _listedSessions = null;
            field = IsRedacted && value != null ? value with { Expression = Redaction.LeftOut } : value;
            Handshakes = value == null ? _handshakes : new SelectedHandshakes(_handshakes, value.Lists);
        }
    }

    /// <summary>The listed handshakes. Each access judges a handshake again.</summary>
    public IReadOnlyList<JudgedHandshake> Handshakes { get; private init; }

    /// <summary>All handshakes, listed or not. Each access judges a handshake again.</summary>
    public IReadOnlyList<JudgedHandshake> AllHandshakes => _handshakes;

    /// <summary>What became of the listed handshakes.</summary>
    public Conclusions Listed
    {
        get
        {
            if (Selection == null) return _handshakes.Totals.Conclusions;
            var conclusions = new Conclusions();
            foreach (var handshake in Handshakes) conclusions.Add(handshake);
            return conclusions;
        }
    }

    public IReadOnlyList<JudgedNode> Nodes => _handshakes.Totals.Nodes;

    public IReadOnlyList<JudgedPair> Pairs => _handshakes.Totals.Pairs;

    /// <summary>The number of handshakes with each outcome.</summary>
    public IReadOnlyDictionary<Outcome, int> Outcomes => _handshakes.Totals.Outcomes;

    /// <summary>What was seen outside handshakes and sessions, and what sessions show beside their own ends.</summary>
    public IReadOnlyList<Finding> Findings => [.. FindingsOfCaptures, .. Sessions.Findings];

    internal IReadOnlyList<Finding> FindingsOfCaptures { get; init; } = [];

    /// <summary>All sessions, listed or not, and the splits.</summary>
    public required JudgedSessions Sessions { get; init; }

    /// <summary>All sessions; with a selection those that match.</summary>
    public IReadOnlyList<JudgedSession> ListedSessions => Selection is not { } selection || Sessions.Count == 0 ? Sessions
        : _listedSessions ??= [.. Sessions.WithHandshakes.Where(pair => selection.Lists(pair.Session, pair.Handshake))
        .Select(pair => pair.Session)];

    public Statistics Statistics => new(_handshakes.Count, Outcomes, _facts, Sources);
}

/// <summary>Counts over all captures.</summary>
public sealed record Statistics(int Handshakes, IReadOnlyDictionary<Outcome, int> Outcomes, IReadOnlyList<FactStore> Facts,
    IReadOnlyList<CaptureSource> Sources)
{
    public long Packets => Sources.Sum(source => source.Packets);

    public long TcpSegments => Facts.Sum(one => one.Totals.TcpSegments);

    public long Conversations => Facts.Sum(one => one.Totals.Conversations);

    public long UndecodedPackets => Undecoded.Sum(pair => pair.Value);

    /// <summary>Packets that could not be decoded, by reason.</summary>
    public IReadOnlyList<KeyValuePair<FrameKind, long>> Undecoded =>
        [.. Facts.SelectMany(one => one.Totals.Undecoded).GroupBy(pair => pair.Key, pair => pair.Value).OrderBy(group => group.Key)
            .Select(group => KeyValuePair.Create(group.Key, group.Sum()))];

    /// <summary>The unsupported ones by the header that is not opened, the most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Unopened =>
        [.. Facts.SelectMany(one => one.Totals.Unopened).GroupBy(pair => pair.Key, pair => pair.Value)
            .Select(group => KeyValuePair.Create(group.Key, group.Sum())).OrderByDescending(pair => pair.Value)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <summary>Conversations that were captured from their SYN on.</summary>
    public long ConversationsFromSyn => Facts.Sum(one => one.Totals.ConversationsFromSyn);

    /// <summary>The ports seen on which programs of these protocols speak something else.</summary>
    public IReadOnlyList<ushort> OtherPorts => [.. Facts.SelectMany(one => one.Totals.OtherPorts.Keys).Distinct().Order()];

    /// <summary>Number of conversations that begin with TLS, between any hosts.</summary>
    public int TlsSessions => Facts.Sum(one => one.TlsSessions.Count);

    /// <summary>Conversations dropped early because a limit was reached.</summary>
    public long ConversationsDropped => Facts.Sum(one => one.Totals.ConversationsDropped);

    /// <summary>Handshakes, TLS sessions and EPMD exchanges dropped because a limit was reached.</summary>
    public long HandshakesDropped => Facts.Sum(one => one.Dropped);
}
