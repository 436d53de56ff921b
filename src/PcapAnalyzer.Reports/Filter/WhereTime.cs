using System.Globalization;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>Parses durations and times into nanoseconds.</summary>
internal static class WhereTime
{
    private const long Second = 1_000_000_000;
    private const long Day = 24 * 60 * 60 * Second;

    private static readonly (string Name, long Nanoseconds)[] Units =
        [("us", 1000), ("µs", 1000), ("ms", Second / 1000), ("s", Second), ("m", 60 * Second), ("h", 60 * 60 * Second)];

    /// <summary>Parses a duration, like <c>1.5s</c> or <c>-20ms</c>.</summary>
    internal static bool TryParseDuration(ReadOnlySpan<char> text, out long duration)
    {
        duration = 0;
        var number = text.TrimEnd("usµmh");
        foreach (var (name, unit) in Units)
        {
            if (!text[number.Length..].SequenceEqual(name)) continue;
            if (!decimal.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var count)) return false;
            if (Math.Abs(count) > long.MaxValue / unit) return false;
            duration = (long)(count * unit);
            return true;
        }
        return false;
    }

    /// <summary>Parses <c>-5m</c>, <c>20:14</c>, <c>20:14:03</c>, or RFC 3339 (UTC without a zone).</summary>
    /// <param name="time">Returns the time for a given now.</param>
    internal static bool TryParse(ReadOnlySpan<char> text, out Func<long, long> time)
    {
        time = now => now;
        if (text is ['-', ..] && TryParseDuration(text[1..], out var ago)) time = now => now - ago;
        else if (TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None,
            out var clock)) time = now => OnDayOf(now, clock.Ticks * 100);
        else if (TryParseRfc3339(text, out var moment)) time = _ => moment;
        else return false;
        return true;
    }

    /// <summary>Puts a time of day on the day of now, or on the one before if it would be over 12 hours ahead.</summary>
    private static long OnDayOf(long now, long clock)
    {
        var (days, rest) = Math.DivRem(now, Day);
        if (rest < 0) days--;
        var time = days * Day + clock;
        return time - now > Day / 2 ? time - Day : time;
    }

    internal static bool TryParseRfc3339(ReadOnlySpan<char> text, out long time)
    {
        const int Length = 19; // 2026-07-12T20:14:03
        time = 0;
        if (text.Length < Length || !DateTime.TryParseExact(text[..Length], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var whole)) return false;
        var rest = text[Length..];
        var fraction = 0L;
        if (rest is ['.', ..])
        {
            var unit = Second;
            for (rest = rest[1..]; rest is [>= '0' and <= '9', ..] && unit > 1; rest = rest[1..])
                fraction += (rest[0] - '0') * (unit /= 10);
        }
        var zone = TimeSpan.Zero;
        if (rest is ['+' or '-', ..] && !TimeSpan.TryParseExact(rest[1..], @"hh\:mm", CultureInfo.InvariantCulture, out zone)) return false;
        if (rest is not ([] or ['Z'] or ['+' or '-', ..])) return false;
        var ticks = (whole - DateTime.UnixEpoch).Ticks - (rest is ['-', ..] ? -zone : zone).Ticks;
        // Clamp what nanoseconds cannot represent to the earliest or latest time.
        time = Math.Clamp(ticks, long.MinValue / 100 + Day, long.MaxValue / 100 - Day) * 100 + fraction;
        return true;
    }
}
