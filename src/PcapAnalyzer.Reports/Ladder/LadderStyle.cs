namespace PcapAnalyzer.Reports;

/// <summary>What the first column of a ladder tells.</summary>
public enum LadderTime
{
    /// <summary>Since the connection's first packet.</summary>
    Relative,

    /// <summary>The time of day, UTC.</summary>
    Clock,

    /// <summary>Since the row above, and nothing else.</summary>
    Delta,
}

/// <summary>How a ladder is drawn. Pure data.</summary>
public sealed record LadderStyle
{
    private const int Least = 40;
    private const int Narrow = 72;

    /// <summary>Cells a row may take; less than 40 count as 40.</summary>
    public int Width { get; init; } = 80;

    /// <summary>Rows that there is room for: what matters least is left out to keep to it. 0 for as many as it takes.</summary>
    public int Height { get; init; }

    public LadderTime Time { get; init; }

    /// <summary>No character beyond ASCII.</summary>
    public bool IsAscii { get; init; }

    /// <summary>How late it is (ns since 1970) while the capture goes on; null when it is over.</summary>
    public long? Now { get; init; }

    /// <summary>Gaps are bars only.</summary>
    internal bool IsNarrow => Width < Narrow;

    /// <summary>Packet numbers have a column.</summary>
    internal bool HasFrames => Width >= 100;

    /// <summary>The cell of the last lifeline: a little air beside it, where there is room.</summary>
    internal int Right => IsNarrow ? Math.Max(Width, Least) - 1 : Width - 3;
}

/// <summary>One row of a ladder.</summary>
/// <param name="Runs">Its text from left to right, safe to print.</param>
/// <param name="Message">The message it shows, as an index into the handshake's messages; null for none.</param>
/// <param name="Frames">The packets it shows; empty where none, or where they are not known.</param>
/// <param name="IsStep">It shows something of which there are packets: it can be selected.</param>
public sealed record LadderRow(IReadOnlyList<InkRun> Runs, int? Message, IReadOnlyList<long> Frames, bool IsStep)
{
    /// <summary>In the ladder of a pair: it shows something of the second handshake.</summary>
    public bool IsOther { get; init; }

    /// <summary>Its text without inks.</summary>
    public override string ToString() => string.Concat(Runs.Select(run => run.Text));
}
