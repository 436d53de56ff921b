namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Why tshark says something else of a byte than we do.</summary>
/// <param name="Name">In short.</param>
/// <param name="Explains">Whether it is why, from what is known of the stream: history, offset, ours, tshark's.</param>
internal sealed record Rule(string Name, Func<History, int, Stream, Stream, bool> Explains);

internal static class Rules
{
    internal static IReadOnlyList<Rule> All { get; } =
    [
        new("of bytes that were sent twice with other content we read the first, or what came when they were due",
            (history, offset, ours, theirs) =>
            ours[offset] >= 0 && theirs[offset] >= 0 && history.IsDue(offset, ours[offset])
                && history.Versions(offset).Any(one => one.Value == theirs[offset])),
        new("what is missing at the end is told by us", (history, offset, ours, theirs) =>
            ours[offset] == Stream.Missing && theirs[offset] == Stream.Untold && Enumerable.Range(offset, ours.End - offset)
                .All(at => ours[at] == Stream.Missing)),
        new("what stands behind a hole that nobody acknowledged since is read by us", (history, offset, ours, theirs) =>
            theirs[offset] == Stream.Untold && Enumerable.Range(0, offset + 1)
                .Any(at => !history.IsCaptured(at) && !history.Acknowledged(at).Any(index => index > history.Reached(at)))),
        new("what is acknowledged before it is captured is no hole for us", (history, offset, ours, theirs) =>
            theirs[offset] == Stream.Missing && ours[offset] >= 0 && history.Acknowledged(offset)
                .Any(index => index < history.FirstOf(offset)!.Value.Index)),
        new("without a SYN we wait a little for what stands before the first segment", (history, offset, ours, theirs) =>
            !history.HasSyn && theirs[offset] == Stream.Untold && offset < theirs.Start),
        new("without a SYN we begin with the first byte that was captured", (history, offset, ours, theirs) =>
            !history.HasSyn && ours[offset] == Stream.Untold && theirs[offset] == Stream.Missing && offset < ours.Start),
    ];
}
