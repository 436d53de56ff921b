using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
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

    public required IReadOnlyList<CaptureSource> Sources { get; init; }

    /// <summary>The given cookies, where their hashes were asked for.</summary>
    public IReadOnlyList<Cookie>? Cookies { get; init; }

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
    public IReadOnlyList<JudgedHandshake> Handshakes { get; private init; }

    /// <summary>The same of all, listed or not.</summary>
    public IReadOnlyList<JudgedHandshake> AllHandshakes => _handshakes;

    /// <summary>The outcomes of those that are listed.</summary>
    public IEnumerable<Outcome> ListedOutcomes => Selection == null ? Outcomes.Keys : Handshakes.Select(handshake => handshake.Outcome);

    public IReadOnlyList<JudgedNode> Nodes => _handshakes.Totals.Nodes;

    public IReadOnlyList<JudgedPair> Pairs => _handshakes.Totals.Pairs;

    /// <summary>How many handshakes had each outcome.</summary>
    public IReadOnlyDictionary<Outcome, int> Outcomes => _handshakes.Totals.Outcomes;

    public required IReadOnlyList<Finding> Findings { get; init; }

    public Statistics Statistics => new(_handshakes.Count, Outcomes, _facts, Sources);
}

/// <summary>What the captures held.</summary>
public sealed record Statistics(int Handshakes, IReadOnlyDictionary<Outcome, int> Outcomes, IReadOnlyList<FactStore> Facts, IReadOnlyList<CaptureSource> Sources)
{
    public long Packets => Sources.Sum(source => source.Packets);

    public long TcpSegments => Facts.Sum(one => one.Totals.TcpSegments);

    public long Conversations => Facts.Sum(one => one.Totals.Conversations);

    public long UndecodedPackets => Undecoded.Sum(pair => pair.Value);

    /// <summary>Packets that could not be decoded, by reason.</summary>
    public IReadOnlyList<KeyValuePair<FrameKind, long>> Undecoded =>
        [.. Facts.SelectMany(one => one.Totals.Undecoded).GroupBy(pair => pair.Key, pair => pair.Value).OrderBy(group => group.Key)
            .Select(group => KeyValuePair.Create(group.Key, group.Sum()))];

    /// <summary>Conversations that begin with TLS, between whomever.</summary>
    public int TlsSessions => Facts.Sum(one => one.TlsSessions.Count);

    /// <summary>Conversations forgotten early because a limit was reached.</summary>
    public long ConversationsDropped => Facts.Sum(one => one.Totals.ConversationsDropped);

    /// <summary>Handshakes, TLS sessions and EPMD exchanges beyond what is kept.</summary>
    public long HandshakesDropped => Facts.Sum(one => one.Dropped);
}
