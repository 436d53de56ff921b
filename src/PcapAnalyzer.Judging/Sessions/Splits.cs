using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>When a cluster fell into which groups, by what first loss, and when it healed.</summary>
internal static class Splits
{
    private const long Second = 1_000_000_000;

    /// <summary>More nodes than this are grouped by who reaches whom at all: the largest cliques of many nodes take too long.</summary>
    private const int MostNodes = 40;

    private sealed record Loss(int Place, SessionCase Case, SessionJudgement Judged, long Time);

    internal static IReadOnlyList<Split> Of(IReadOnlyList<SessionCase> cases, IReadOnlyList<SessionJudgement> judged)
    {
        var losses = Losses(cases, judged);
        var splits = new List<Split>();
        while (losses.Count > 0)
        {
            var together = Together(losses);
            losses.RemoveRange(0, together.Count);
            if (SplitOf(together, cases, judged) is { } split) splits.Add(split);
        }
        return splits;
    }

    /// <summary>The sessions of visible nodes that both nodes survived, in order of their loss.</summary>
    private static List<Loss> Losses(IReadOnlyList<SessionCase> cases, IReadOnlyList<SessionJudgement> judged)
    {
        var all = new List<Loss>();
        for (var i = 0; i < cases.Count; i++)
        {
            if (judged[i].Parted is not { } parted || !IsOfCluster(cases[i])) continue;
            all.Add(new Loss(i, cases[i], judged[i], parted));
        }
        var overlaps = all.Where(loss => loss.Judged.Diagnosis.Code == GlobalOverlap).ToList();
        return [.. all.Where(loss => IsLoss(loss.Judged.Diagnosis.Code) || overlaps.Any(overlap => IsBlamedFor(loss, overlap))).OrderBy(loss => loss.Time)];
    }

    private static bool IsLoss(DiagnosisCode code) => code is PathDead or PathDeadOneWay or PathMtuBlackhole or PeerFrozen or TickMismatch
        or MiddleboxReset or GlobalOverlap or Disconnected;

    /// <summary>A session that ended without a known cause just before <c>global</c> took another one down is what it took it down for.</summary>
    private static bool IsBlamedFor(Loss loss, Loss overlap) => loss.Judged.Diagnosis.Code is ClosedUnexplained or NodeDied
        && overlap.Time - loss.Time is >= 0 and < Second && loss.Case.Nodes.Any(node => overlap.Case.Nodes.Contains(node));

    private static bool IsOfCluster(SessionCase it) => it.Initiator != null && it.Acceptor != null && !it.IsHidden(Role.Initiator) && !it.IsHidden(Role.Acceptor);

    /// <summary>Timeouts of one cut spread over the tick time and two tick intervals.</summary>
    private static List<Loss> Together(List<Loss> losses)
    {
        var first = losses[0];
        var window = first.Case.Limit(Role.Initiator) * 3 / 2;
        return [.. losses.TakeWhile(loss => loss.Time - first.Time <= window)];
    }

    private static Split? SplitOf(List<Loss> losses, IReadOnlyList<SessionCase> cases, IReadOnlyList<SessionJudgement> judged)
    {
        // A node that closes one session on purpose splits no cluster.
        if (losses.TrueForAll(loss => loss.Judged.Diagnosis.Code == Disconnected)) return null;
        var cause = losses.Where(loss => loss.Judged.Diagnosis.Code != GlobalOverlap).DefaultIfEmpty(losses[0]).MinBy(loss => loss.Time)!;
        var (detected, last) = (losses[0].Time, losses[^1].Time);
        var at = Math.Min(cause.Case.LastLife(Role.Initiator), cause.Case.LastLife(Role.Acceptor));
        var up = new HashSet<(string, string)>();
        var known = new HashSet<(string, string)>();
        for (var i = 0; i < cases.Count; i++)
        {
            var it = cases[i];
            if (!IsOfCluster(it) || it.Facts.Started > last) continue;
            var pair = Pair(it.Initiator!, it.Acceptor!);
            known.Add(pair);
            if (!losses.Exists(loss => loss.Place == i) && (judged[i].Parted ?? long.MaxValue) > last && (it.End?.Time ?? long.MaxValue) > last) up.Add(pair);
        }
        var nodes = losses.SelectMany(loss => loss.Case.Nodes).Concat(known.SelectMany(pair => new[] { pair.Item1, pair.Item2 }))
            .Distinct().Order(StringComparer.Ordinal).ToList();
        if (nodes.Count <= MostNodes) AssumeUnseen(nodes, known, up, losses);
        var groups = Groups.Of(nodes, up, MostNodes);
        if (groups.Count < 2) return null;
        var healed = losses.Select(loss => cause.Case.Cluster.HandshakesOf(loss.Case.Initiator!, loss.Case.Acceptor!, detected + 1, long.MaxValue)
            .FirstOrDefault()?.Time).Min();
        var isSeen = nodes.Count == 2 || known.Count >= nodes.Count * (nodes.Count - 1) / 2;
        var certainty = isSeen && cause.Judged.Diagnosis.Certainty == Certainty.Proven ? Certainty.Proven : Certainty.Inferred;
        var (summary, remedy) = SplitWords.Of(cause.Judged, cause.Case, losses.ConvertAll(loss => loss.Judged), groups, at, detected, healed);
        return new Split(at, detected, groups, cause.Place, [.. losses.Select(loss => loss.Place)], certainty, summary, remedy) { Healed = healed };
    }

    /// <summary>
    /// Sessions that do not pass the place of the capture: two nodes are taken to be connected where both are on one side of what was
    /// lost, and nobody told (<c>lost_connection</c>) that they lost each other.
    /// </summary>
    private static void AssumeUnseen(List<string> nodes, HashSet<(string, string)> known, HashSet<(string, string)> up, List<Loss> losses)
    {
        var told = losses[0].Case.Cluster.Sessions.SelectMany(one => one.Facts.Notices)
            .Where(notice => notice.Kind == SessionNoticeKind.LostConnection && notice.Name != null && notice.Other != null)
            .Select(notice => Pair(notice.Name!, notice.Other!)).ToHashSet();
        var seen = new HashSet<(string, string)>(up);
        foreach (var a in nodes)
        {
            foreach (var b in nodes)
            {
                if (string.CompareOrdinal(a, b) >= 0 || known.Contains((a, b)) || told.Contains((a, b))) continue;
                if (nodes.TrueForAll(third => third == a || third == b || !known.Contains(Pair(a, third)) || !known.Contains(Pair(b, third))
                    || seen.Contains(Pair(a, third)) == seen.Contains(Pair(b, third)))) up.Add((a, b));
            }
        }
    }

    internal static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);
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

    private static void Grow(List<string> group, List<string> candidates, List<string> done, HashSet<(string, string)> up, List<IReadOnlyList<string>> groups)
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
        var left = new SortedSet<string>(nodes, StringComparer.Ordinal);
        while (left.Count > 0)
        {
            var group = new List<string> { left.Min! };
            left.Remove(group[0]);
            for (var i = 0; i < group.Count; i++)
            {
                var next = left.Where(node => up.Contains(Splits.Pair(group[i], node))).ToList();
                left.ExceptWith(next);
                group.AddRange(next);
            }
            groups.Add([.. group.Order(StringComparer.Ordinal)]);
        }
    }
}
