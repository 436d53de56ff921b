using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports;

/// <summary>Shows durations: a bar with one cell per decade, rows of silence, and a line to scale.</summary>
public static class GapScale
{
    /// <summary>Cells of the longest bar.</summary>
    public const int MostCells = 6;

    private const long Least = 100_000;
    private const long Second = 1_000_000_000;

    /// <summary>From this length on, a gap is a silence with its own row.</summary>
    internal const long Silence = 100_000_000;

    /// <summary>A logarithmic bar length: one cell from 0.1 ms, one more per decade, six from 10 s.</summary>
    public static int Cells(long nanoseconds)
    {
        var cells = 0;
        for (var from = Least; nanoseconds >= from && cells < MostCells; from *= 10) cells++;
        return cells;
    }

    /// <summary>Rows that a silence takes when there is enough height.</summary>
    internal static int Rows(long nanoseconds) => nanoseconds >= 10 * Second ? 3 : nanoseconds >= Second ? 2 : 1;

    /// <summary>The cell of a time on a linear scale from 0 to <paramref name="end"/>.</summary>
    internal static int Place(long time, long end, int cells) =>
        (int)Int128.Clamp((Int128)time * (cells - 1) / Math.Max(1, end), 0, cells - 1);

    /// <summary>A duration as text; zero is <c>0</c>.</summary>
    internal static string Text(long nanoseconds) => nanoseconds == 0 ? "0" : nanoseconds < 0
        ? $"-{Text(-Math.Max(nanoseconds, -long.MaxValue))}" : Durations.Text(nanoseconds);

    /// <summary>A timeout as the documentation writes it: <c>7 s</c>, <c>500 ms</c>.</summary>
    internal static string Limit(long nanoseconds) => nanoseconds % Second == 0 ? $"{nanoseconds / Second} s"
        : $"{nanoseconds / (Second / 1000)} ms";
}
