using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

internal enum LadderStroke
{
    /// <summary>A handshake message.</summary>
    Message,

    /// <summary>A TCP event.</summary>
    Tcp,

    /// <summary>Bytes that were not captured.</summary>
    Missing,

    /// <summary>Text between the lifelines that belongs to neither side.</summary>
    Note,

    /// <summary>Text between the lifelines while neither side sent anything.</summary>
    Silence,
}

/// <summary>One event of a ladder, before it is drawn.</summary>
internal sealed record LadderStep(LadderStroke Stroke, Role? From, IReadOnlyList<InkRun> Label)
{
    /// <summary>Nanoseconds since the connection's first packet; null when the capture does not show it.</summary>
    internal long? Time { get; init; }

    /// <summary>The end time of an event with a duration; for a silence, its length.</summary>
    internal long? Until { get; init; }

    /// <summary>The sort key.</summary>
    internal (long Time, int Rank) Order { get; init; }

    internal int? Message { get; init; }

    internal IReadOnlyList<long> Frames { get; init; } = [];

    /// <summary>The glyph at the end of the sender's lifeline; null when the lifeline continues.</summary>
    internal char? End { get; init; }

    /// <summary>The order of removal when height is short: 1 before 2; 0 is never removed.</summary>
    internal int Fold { get; init; }

    /// <summary>Suppresses a silence row before this step, because other packets were or may have been sent meanwhile.</summary>
    internal bool HidesSilence { get; init; }

    /// <summary>The protocol's timeout for the answer to this step.</summary>
    internal WaitLimit? Limit { get; init; }

    /// <summary>Whether the step belongs to the second handshake of a pair.</summary>
    internal bool IsOther { get; init; }

    /// <summary>Whether the step comes after the acknowledgement: the line to scale leaves it out, or it would show nothing else.</summary>
    internal bool IsAfter { get; init; }

    /// <summary>Whether the sender's lifeline is the left one.</summary>
    internal bool IsFromLeft { get; init; }
}
