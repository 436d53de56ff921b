using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports;

/// <summary>How long something took, for the eye: a bar by decades, rows of silence, a line to scale.</summary>
public static class GapScale
{
    /// <summary>Cells of the longest bar.</summary>
    public const int MostCells = 6;

    private const long Least = 100_000;
    private const long Second = 1_000_000_000;

    /// <summary>So long a gap is a silence that has a row of its own.</summary>
    internal const long Silence = 100_000_000;

    /// <summary>Logarithmic: a cell from 0.1 ms, one more for each decade, six from 10 s.</summary>
    public static int Cells(long nanoseconds)
    {
        var cells = 0;
        for (var from = Least; nanoseconds >= from && cells < MostCells; from *= 10) cells++;
        return cells;
    }

    /// <summary>Rows that a silence takes where there is room.</summary>
    internal static int Rows(long nanoseconds) => nanoseconds >= 10 * Second ? 3 : nanoseconds >= Second ? 2 : 1;

    /// <summary>The cell of a moment on a line of so many cells, from 0 to the end.</summary>
    internal static int Place(long time, long end, int cells) => (int)Int128.Clamp((Int128)time * (cells - 1) / Math.Max(1, end), 0, cells - 1);

    /// <summary>A duration; nothing is <c>0</c>.</summary>
    internal static string Text(long nanoseconds) => nanoseconds == 0 ? "0" : nanoseconds < 0 ? $"-{Text(-Math.Max(nanoseconds, -long.MaxValue))}" : Durations.Text(nanoseconds);

    /// <summary>A limit as its documentation writes it: <c>7 s</c>, <c>500 ms</c>.</summary>
    internal static string Limit(long nanoseconds) => nanoseconds % Second == 0 ? $"{nanoseconds / Second} s" : $"{nanoseconds / (Second / 1000)} ms";
}
