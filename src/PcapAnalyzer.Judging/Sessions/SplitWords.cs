using System.Text.Json;
using PcapAnalyzer.Judging.Cluster;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>What a split was, in words: the groups, the first loss, and what was only its consequence.</summary>
internal static class SplitWords
{
    internal static (string Summary, string Remedy) Of(SessionJudgement cause, SessionCase first, IReadOnlyList<SessionSummary> losses,
        IReadOnlyList<IReadOnlyList<string>> groups, long at, long detected, long? healed)
    {
        var cluster = first.Cluster.Cluster;
        var (initiator, acceptor) = (first.Called(Pipeline.Protocols.Role.Initiator), first.Called(Pipeline.Protocols.Role.Acceptor));
        var overlaps = losses.Count(loss => loss.Code == DiagnosisCode.GlobalOverlap);
        var lost = LostBy(first, losses, groups, cluster);
        var summary = $"The cluster fell into {groups.Count} groups: {string.Join(" | ", groups.Select(group => Group(group, cluster)))}. "
            + $"The first session that was lost is {initiator} with {acceptor} "
            + $"({Words(cause.Diagnosis.Code)}), "
            + $"last heard at {Clock(at)}, given up at {Clock(detected)}."
            + (lost ?? "")
            + (overlaps > 0 ? $" {Sessions(overlaps)} by global only because of that (overlapping partitions)." : "")
            + (healed is { } time ? $" The groups connected again at {Clock(time)}, {Durations.Text(time - detected)} later."
                : " The capture shows no new connection between the groups.");
        var remedy = cause.Diagnosis.Remedy ?? "Look at the first session that was lost.";
        return (summary, overlaps > 0 ? remedy + " The sessions that global took down need nothing." : remedy);
    }

    private static string? LostBy(SessionCase first, IReadOnlyList<SessionSummary> losses, IReadOnlyList<IReadOnlyList<string>> groups,
        ClusterView cluster)
    {
        if (losses.Count < 2) return null;
        var alone = groups.Where(group => group.Count == 1).Select(group => group[0])
            .Where(node => losses.All(loss => loss.IsOf(node))).ToList();
        return alone is [var node] && first.Nodes.Contains(node)
            ? $" All {losses.Count} lost sessions are of {cluster.Shown(node)}: that node, its host or its link." : null;
    }

    internal static string Words(DiagnosisCode code) => JsonNamingPolicy.KebabCaseLower.ConvertName($"{code}");

    private static string Sessions(int count) => count == 1 ? "1 more session was closed" : $"{count} more sessions were closed";

    private static string Group(IReadOnlyList<string> nodes, ClusterView cluster) => nodes.Count <= 8
        ? string.Join(", ", nodes.Select(cluster.Shown))
        : $"{string.Join(", ", nodes.Take(6).Select(cluster.Shown))} and {nodes.Count - 6} more";

    internal static string Clock(long time) => DateTimeOffset.UnixEpoch.AddTicks(time / 100)
        .ToString("HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
