using System.Globalization;

namespace PcapAnalyzer.Judging;

/// <summary>Writes durations for people.</summary>
public static class Durations
{
    /// <summary>Three significant digits with the unit that fits: <c>90 µs</c>, <c>1.24 ms</c>, <c>7.003 s</c>.</summary>
    public static string Text(long nanoseconds)
    {
        var (value, unit) = nanoseconds switch
        {
            < 1_000 => (nanoseconds, "ns"),
            < 1_000_000 => (nanoseconds / 1e3, "µs"),
            < 1_000_000_000 => (nanoseconds / 1e6, "ms"),
            _ => (nanoseconds / 1e9, "s"),
        };
        var format = unit == "s" && value < 1000 ? "0.000" : value < 10 ? "0.00" : value < 100 ? "0.0" : "0";
        if (unit is "ns" or "µs" && value == Math.Floor(value)) format = "0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {unit}";
    }
}
