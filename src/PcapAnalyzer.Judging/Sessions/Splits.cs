using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>When a cluster fell into which groups, by what first loss, and when it healed.</summary>
internal sealed class Splits
{
    private const long Second = 1_000_000_000;

    /// <summary>More nodes than this are grouped by who reaches whom at all: the largest cliques of many nodes take too long.</summary>
    private const int MostNodes = 40;

    /// <summary>Pairs of nodes that are looked at for all splits together: 100 splits of 100 nodes need as many.</summary>
    private const long MostWork = 500_000;

    private readonly record struct Loss(int Place, SessionSummary Session, long Time)
    {
        internal DiagnosisCode Code => Session.Code;
    }

    private readonly ClusterSessions _sessions;
    private readonly SessionSummary[] _summaries;

    /// <summary>The pairs of nodes that had a session so far, and until when one was up (ns since 1970).</summary>
    private readonly Dictionary<(string, string), long> _known = [];
    private int _noted;

    internal Splits(ClusterSessions sessions, SessionSummary[] summaries)
    {
        (_sessions, _summaries) = (sessions, summaries);
        var losses = Losses();
        var work = 0L;
        for (var at = 0; at < losses.Count;)
        {
            if (work > MostWork)
            {
                LossesLeftOut = losses.Count - at;
                break;
            }
            var together = Together(losses, at);
            at += together.Count;
            if (SplitOf(together) is { } split) All.Add(split);
            work += _known.Count;
        }
    }

    internal List<Split> All { get; } = [];

    internal int LossesLeftOut { get; }

    internal static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);

    /// <summary>The sessions of visible nodes that both nodes survived, in order of their loss.</summary>
    private List<Loss> Losses()
    {
        var all = new List<Loss>();
        for (var place = 0; place < _summaries.Length; place++)
            if (_summaries[place] is { IsOfCluster: true, Parted: { } parted } session) all.Add(new Loss(place, session, parted));
        var overlaps = all.Where(loss => loss.Code == GlobalOverlap).OrderBy(loss => loss.Time).ToList();
        return [.. all.Where(loss => IsLoss(loss.Code) || IsBlamed(loss, overlaps)).OrderBy(loss => loss.Time)];
    }

    private static bool IsLoss(DiagnosisCode code) => code is PathDead or PathDeadOneWay or PathMtuBlackhole or PeerFrozen or TickMismatch
        or MiddleboxReset or GlobalOverlap or Disconnected;

    /// <summary>A session that ended without a known cause just before <c>global</c> took another one down for it.</summary>
    private static bool IsBlamed(Loss loss, List<Loss> overlaps) => loss.Code is ClosedUnexplained or NodeDied
        && overlaps.Skip(NodeHistory.IndexAfter(overlaps, one => one.Time, loss.Time - 1))
            .TakeWhile(overlap => overlap.Time - loss.Time < Second)
            .Any(overlap => overlap.Session.IsOf(loss.Session.Initiator!) || overlap.Session.IsOf(loss.Session.Acceptor!));

    /// <summary>Timeouts of one cut spread over the tick time and two tick intervals.</summary>
    private List<Loss> Together(List<Loss> losses, int from)
    {
        var first = losses[from];
        var window = _sessions.Judge(first.Place).Case.Limit(Role.Initiator) * 3 / 2;
        return [.. losses.Skip(from).TakeWhile(loss => loss.Time - first.Time <= window)];
    }

    private Split? SplitOf(List<Loss> losses)
    {
        // A node that closes one session on purpose splits no cluster.
        if (losses.TrueForAll(loss => loss.Code == Disconnected)) return null;
        var cause = losses.Where(loss => loss.Code != GlobalOverlap).DefaultIfEmpty(losses[0]).MinBy(loss => loss.Time);
        var (first, judged) = _sessions.Judge(cause.Place);
        var (detected, last) = (losses[0].Time, losses[^1].Time);
        var at = Math.Min(first.LastLife(Role.Initiator), first.LastLife(Role.Acceptor));
        NoteUntil(last);
        var up = _known.Where(pair => pair.Value > last).Select(pair => pair.Key).ToHashSet();
        var nodes = losses.Select(loss => loss.Session.Pair).Concat(_known.Keys).SelectMany(pair => new[] { pair.Item1, pair.Item2 })
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (nodes.Count <= MostNodes) AssumeUnseen(nodes, up, first.Cluster.LostByHearsay);
        var groups = Groups.Of(nodes, up, MostNodes);
        if (groups.Count < 2) return null;
        var healed = losses.Select(loss => first.Cluster.HandshakesOf(loss.Session.Initiator!, loss.Session.Acceptor!, detected + 1,
            long.MaxValue)
            .FirstOrDefault()?.Time).Min();
        var isSeen = nodes.Count == 2 || _known.Count >= nodes.Count * (nodes.Count - 1) / 2;
        var certainty = isSeen && judged.Diagnosis.Certainty == Certainty.Proven ? Certainty.Proven : Certainty.Inferred;
        var (summary, remedy) = SplitWords.Of(judged, first, losses.ConvertAll(loss => loss.Session), groups, at, detected, healed);
        return new Split(at, detected, groups, cause.Place, [.. losses.Select(loss => loss.Place)], certainty, summary, remedy)
        { Healed = healed };
    }

    /// <summary>Notes the sessions that began until then. They stand in order of time.</summary>
    private void NoteUntil(long time)
    {
        for (; _noted < _summaries.Length && _summaries[_noted].Started <= time; _noted++)
        {
            var session = _summaries[_noted];
            if (session.IsOfCluster) _known[session.Pair] = Math.Max(_known.GetValueOrDefault(session.Pair), session.UpUntil);
        }
    }

    /// <summary>
    /// Sessions that do not pass the place of the capture: two nodes are taken to be connected where both are on one side of what was
    /// lost, and nobody told (<c>lost_connection</c>) that they lost each other.
    /// </summary>
    private void AssumeUnseen(List<string> nodes, HashSet<(string, string)> up, HashSet<(string, string)> told)
    {
        var seen = new HashSet<(string, string)>(up);
        foreach (var a in nodes)
        {
            foreach (var b in nodes)
            {
                if (string.CompareOrdinal(a, b) >= 0 || _known.ContainsKey((a, b)) || told.Contains((a, b))) continue;
                if (nodes.TrueForAll(third => third == a || third == b || !_known.ContainsKey(Pair(a, third))
                    || !_known.ContainsKey(Pair(b, third))
                    || seen.Contains(Pair(a, third)) == seen.Contains(Pair(b, third)))) up.Add((a, b));
            }
        }
    }
}

/// <summary>The largest sets of nodes in which each is connected with each (Bron and Kerbosch, 1973).</summary>
internal static class Groups
{
    private const int MostGroups = 64;

    internal static IReadOnlyList<IReadOnlyList<string>> Of(IReadOnlyList<string> nodes, HashSet<(string, string)> up, int mostNodes)
    {
        var groups = new List<IReadOnlyList<string>>();
        if (nodes.Count <= mostNodes) Grow([], [.. nodes], [], up, groups);
        if (nodes.Count > mostNodes || groups.Count > MostGroups)
        {
            groups.Clear();
            AddReachable(nodes, up, groups);
        }
        return [.. groups.OrderBy(group => group.Count).ThenBy(group => group[0], StringComparer.Ordinal)];
    }

    private static void Grow(List<string> group, List<string> candidates, List<string> done, HashSet<(string, string)> up,
        List<IReadOnlyList<string>> groups)
    {
        if (candidates.Count == 0 && done.Count == 0) groups.Add([.. group.Order(StringComparer.Ordinal)]);
        foreach (var node in candidates.ToList())
        {
            if (groups.Count > MostGroups) return;
            bool IsUp(string other) => up.Contains(Splits.Pair(node, other));
            Grow([.. group, node], candidates.FindAll(IsUp), done.FindAll(IsUp), up, groups);
            candidates.Remove(node);
            done.Add(node);
        }
    }

    private static void AddReachable(IReadOnlyList<string> nodes, HashSet<(string, string)> up, List<IReadOnlyList<string>> groups)
    {
        var peers = up.Concat(up.Select(pair => (pair.Item2, pair.Item1))).ToLookup(pair => pair.Item1, pair => pair.Item2);
        var left = new HashSet<string>(nodes);
        foreach (var node in nodes.Where(left.Remove))
        {
            var group = new List<string> { node };
            for (var i = 0; i < group.Count; i++) group.AddRange(peers[group[i]].Where(left.Remove));
            groups.Add([.. group.Order(StringComparer.Ordinal)]);
        }
    }
}
