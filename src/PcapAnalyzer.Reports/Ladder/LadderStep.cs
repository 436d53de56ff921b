using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

internal enum LadderStroke
{
    /// <summary>A handshake message.</summary>
    Message,

    /// <summary>An event of TCP.</summary>
    Tcp,

    /// <summary>Bytes that are not in the capture.</summary>
    Missing,

    /// <summary>Words between the lifelines, of no side.</summary>
    Note,

    /// <summary>The same where nothing was said.</summary>
    Silence,
}

/// <summary>One thing that a ladder shows, before it is drawn.</summary>
internal sealed record LadderStep(LadderStroke Stroke, Role? From, IReadOnlyList<InkRun> Label)
{
    /// <summary>Nanoseconds since the connection's first packet; null where the capture does not tell.</summary>
    internal long? Time { get; init; }

    /// <summary>When it was over, for what takes time.</summary>
    internal long? Until { get; init; }

    /// <summary>Where it stands among the others.</summary>
    internal (long Time, int Rank) Order { get; init; }

    internal int? Message { get; init; }

    internal IReadOnlyList<long> Frames { get; init; } = [];

    /// <summary>What the sender's lifeline has there, where that is its end.</summary>
    internal char? End { get; init; }

    /// <summary>Where there is little room it is left out, 1 before 2; 0 stays.</summary>
    internal int Fold { get; init; }

    /// <summary>No silence is seen before it: other things went on meanwhile, or may have.</summary>
    internal bool HidesSilence { get; init; }

    /// <summary>How long the protocol waits behind it for an answer.</summary>
    internal WaitLimit? Limit { get; init; }

    /// <summary>It belongs to the second handshake of a pair.</summary>
    internal bool IsOther { get; init; }

    /// <summary>The sender's lifeline is the left one.</summary>
    internal bool IsFromLeft { get; init; }
}
