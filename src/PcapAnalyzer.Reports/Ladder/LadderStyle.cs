namespace PcapAnalyzer.Reports;

/// <summary>The content of a ladder's time column.</summary>
public enum LadderTime
{
    /// <summary>Time since the connection's first packet.</summary>
    Relative,

    /// <summary>The time of day, in UTC or local time.</summary>
    Clock,

    /// <summary>Only the time since the row above.</summary>
    Delta,
}

/// <summary>How a ladder is drawn. Pure data.</summary>
public sealed record LadderStyle
{
    private const int Least = 40;
    private const int Narrow = 72;

    /// <summary>Cells per row; at least 40.</summary>
    public int Width { get; init; } = 80;

    /// <summary>Maximum rows. The least important rows are dropped to fit. 0 for no limit.</summary>
    public int Height { get; init; }

    public LadderTime Time { get; init; }

    /// <summary>The offset of local time from UTC; null for times in UTC.</summary>
    public TimeSpan? LocalOffset { get; init; }

    /// <summary>Use ASCII characters only.</summary>
    public bool IsAscii { get; init; }

    /// <summary>The current time in nanoseconds since 1970 while the capture is running; null when it is over.</summary>
    public long? Now { get; init; }

    /// <summary>Gaps show as bars without text.</summary>
    internal bool IsNarrow => Width < Narrow;

    /// <summary>Packet numbers have their own column.</summary>
    internal bool HasFrames => Width >= 100;

    /// <summary>The cell of the right lifeline; wide ladders leave a margin of two cells.</summary>
    internal int Right => IsNarrow ? Math.Max(Width, Least) - 1 : Width - 3;
}

/// <summary>One row of a ladder.</summary>
/// <param name="Runs">The text from left to right, safe to print.</param>
/// <param name="Message">Index of the message that the row shows; null for none.</param>
/// <param name="Frames">The packets that the row shows; empty for none or when they are unknown.</param>
/// <param name="IsStep">Whether the row has packets, so that it can be selected.</param>
public sealed record LadderRow(IReadOnlyList<InkRun> Runs, int? Message, IReadOnlyList<long> Frames, bool IsStep)
{
    /// <summary>In the ladder of a pair, whether the row shows the second handshake.</summary>
    public bool IsOther { get; init; }

    /// <summary>The text without inks.</summary>
    public override string ToString() => string.Concat(Runs.Select(run => run.Text));
}
