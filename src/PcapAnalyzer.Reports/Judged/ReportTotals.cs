using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>A node: everything that the capture shows about it.</summary>
/// <remarks>A flood may name a million of them, of which most have sent a name and nothing more: such a one takes 100 bytes.</remarks>
public sealed record JudgedNode(string Name, string Protocol)
{
    private HashSet<Endpoint>? _endpoints;
    private SortedSet<string>? _cookies;
    private OutcomeCounts _outcomes;

    /// <summary>Endpoints at which it accepted connections. Ports of outgoing connections are ephemeral and not listed.</summary>
    public IReadOnlyCollection<Endpoint> Endpoints => _endpoints ?? (IReadOnlyCollection<Endpoint>)[];

    public string? Release { get; private set; }

    /// <summary>The flags of its first introduction that contained some.</summary>
    public CapabilityBits? Flags { get; private set; }

    /// <summary>These flags ask not to list it.</summary>
    public bool IsHidden { get; private set; }

    /// <summary>Labels of the cookies that verified its proofs.</summary>
    public IReadOnlyCollection<string> Cookies => _cookies ?? (IReadOnlyCollection<string>)[];

    public IEnumerable<KeyValuePair<Outcome, int>> Outcomes => _outcomes.All;

    internal void Add(JudgedHandshake handshake, Role role)
    {
        var peer = handshake.Peer(role);
        if (role == Role.Acceptor) (_endpoints ??= []).Add(peer.Endpoint);
        if (handshake.ProofBy(role)?.Cookie is { } cookie) (_cookies ??= new SortedSet<string>(StringComparer.Ordinal)).Add(cookie);
        _outcomes.Add(handshake.Outcome);
        Release ??= peer.Release;
        if (Flags == null && peer.Flags != null) (Flags, IsHidden) = (peer.Flags, peer.IsHidden);
    }
}

/// <summary>How many handshakes had each outcome.</summary>
internal struct OutcomeCounts
{
    [InlineArray((int)Outcome.Encrypted + 1)]
    private struct Counts
    {
        private int _first;
    }

    private Counts _counts;

    internal readonly IEnumerable<KeyValuePair<Outcome, int>> All
    {
        get
        {
            var all = new List<KeyValuePair<Outcome, int>>();
            for (var outcome = 0; outcome <= (int)Outcome.Encrypted; outcome++)
                if (_counts[outcome] > 0) all.Add(new((Outcome)outcome, _counts[outcome]));
            return all;
        }
    }

    internal void Add(Outcome outcome) => _counts[(int)outcome]++;
}

/// <summary>The connection attempts between two nodes, in either direction.</summary>
/// <param name="First">The lesser name, in byte order.</param>
/// <param name="Second">The greater name.</param>
/// <param name="Protocol">The protocol of both nodes.</param>
public sealed record JudgedPair(string First, string Second, string Protocol)
{
    /// <summary>Start times of the attempts.</summary>
    public List<long> Starts { get; } = [];

    public Dictionary<Outcome, int> Outcomes { get; } = [];

    /// <summary>Number of attempts that met a simultaneous attempt in the other direction.</summary>
    public int Simultaneous { get; internal set; }

    /// <summary>The node whose connection survives a simultaneous connect: the greater name, compared before redaction.</summary>
    public string PredictedWinner { get; internal set; } = "";

    /// <summary>The nodes whose connection was established.</summary>
    public ISet<string> Winners { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Diagnosis codes of the attempts that were not established.</summary>
    public ISet<DiagnosisCode> Causes { get; } = new HashSet<DiagnosisCode>();

    /// <summary>The cause of all attempts that were not established; null when they differ.</summary>
    public DiagnosisCode? Cause => Causes.Count == 1 ? Causes.First() : null;

    /// <summary>Median nanoseconds between consecutive attempts; null with fewer than three attempts.</summary>
    public long? Interval => Starts.Count < 3 ? null : ReportText.MedianGap(Starts);
}

/// <summary>What became of handshakes: every outcome and code among them.</summary>
public sealed class Conclusions
{
    private readonly HashSet<Outcome> _outcomes = [];
    private readonly HashSet<DiagnosisCode> _codes = [];

    public IReadOnlySet<Outcome> Outcomes => _outcomes;

    public IReadOnlySet<DiagnosisCode> Codes => _codes;

    public bool HasProblem { get; private set; }

    internal void Add(JudgedHandshake handshake)
    {
        _outcomes.Add(handshake.Outcome);
        _codes.Add(handshake.Diagnosis.Code);
        HasProblem |= handshake.IsProblem();
    }
}

/// <summary>The cluster as the handshakes show it: nodes, pairs of nodes, and counts of outcomes.</summary>
internal sealed class ReportTotals
{
    private readonly Dictionary<(string Name, string Protocol), JudgedNode> _nodes = [];
    private readonly Dictionary<(string First, string Second, string Protocol), JudgedPair> _pairs = [];

    internal Dictionary<Outcome, int> Outcomes { get; } = [];

    internal Conclusions Conclusions { get; } = new();

    internal IReadOnlyList<JudgedNode> Nodes =>
        [.. _nodes.Values.OrderBy(node => node.Name, StringComparer.Ordinal).ThenBy(node => node.Protocol, StringComparer.Ordinal)];

    internal IReadOnlyList<JudgedPair> Pairs =>
        [.. _pairs.Values.OrderBy(pair => pair.First, StringComparer.Ordinal).ThenBy(pair => pair.Second, StringComparer.Ordinal)];

    internal void Add(JudgedHandshake handshake)
    {
        Count(Outcomes, handshake.Outcome);
        Conclusions.Add(handshake);
        AddNode(handshake, Role.Initiator);
        AddNode(handshake, Role.Acceptor);
        if (handshake.Initiator.Node is not { Length: > 0 } initiator || handshake.Acceptor.Node is not { Length: > 0 } acceptor) return;
        var (first, second) = string.CompareOrdinal(initiator, acceptor) <= 0 ? (initiator, acceptor) : (acceptor, initiator);
        ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, (first, second, handshake.Protocol.Name), out _);
        pair ??= new JudgedPair(first, second, handshake.Protocol.Name);
        pair.Starts.Add(handshake.Started);
        Count(pair.Outcomes, handshake.Outcome);
        if (handshake.Diagnosis.Code == DiagnosisCode.SimultaneousConnect) pair.Simultaneous++;
        if (handshake.Outcome == Outcome.Established) pair.Winners.Add(initiator);
        else pair.Causes.Add(handshake.Diagnosis.Code);
        var known = handshake.Unredacted ?? handshake;
        pair.PredictedWinner = string.CompareOrdinal(known.Initiator.Node, known.Acceptor.Node) > 0 ? initiator : acceptor;
    }

    private void AddNode(JudgedHandshake handshake, Role role)
    {
        if (handshake.Peer(role).Node is not { Length: > 0 } name) return;
        ref var node = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodes, (name, handshake.Protocol.Name), out _);
        node ??= new JudgedNode(name, handshake.Protocol.Name);
        node.Add(handshake, role);
    }

    private static void Count(Dictionary<Outcome, int> counts, Outcome outcome) =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, outcome, out _)++;
}
