using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PcapAnalyzer.Reports;

/// <summary>Formats values as text, the same in every output.</summary>
public static class ReportText
{
    private const long Second = 1_000_000_000;

    /// <summary><c>AuthenticationFailed</c> → <c>authentication-failed</c>.</summary>
    public static string Kebab<T>(this T value) where T : struct, Enum => KebabNames<T>.Of[Unsafe.BitCast<T, int>(value)];

    /// <summary>The kebab-case name, encoded for JSON.</summary>
    internal static JsonEncodedText Encoded<T>(this T value) where T : struct, Enum => KebabNames<T>.Encoded[Unsafe.BitCast<T, int>(value)];

    private static class KebabNames<T> where T : struct, Enum
    {
        /// <summary>Indexed by value, for enumerations that count from 0.</summary>
        internal static readonly string[] Of = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
        internal static readonly JsonEncodedText[] Encoded = [.. Of.Select(name => JsonEncodedText.Encode(name))];
    }

    /// <summary>Maximum characters of a time.</summary>
    internal const int TimeLength = 30;

    /// <summary>RFC 3339 in UTC, with nanoseconds when they are not zero, otherwise with microseconds.</summary>
    /// <param name="time">Nanoseconds since 1970.</param>
    public static string Time(long time)
    {
        Span<char> text = stackalloc char[TimeLength];
        return new string(text[..Time(time, text)]);
    }

    /// <summary>Writes a time into <paramref name="text"/>.</summary>
    /// <returns>The number of characters written.</returns>
    internal static int Time(long time, Span<char> text)
    {
        var (seconds, rest) = Math.DivRem(time, Second);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + Second);
        var whole = DateTime.UnixEpoch.AddTicks(Math.Clamp(seconds, -62_135_596_800, 253_402_300_799) * TimeSpan.TicksPerSecond);
        var isMicroseconds = rest % 1000 == 0;
        text = text[..(isMicroseconds ? TimeLength - 3 : TimeLength)];
        // Formatted by hand: a report has a dozen times per handshake, and .NET's custom formats are slow.
        "0000-00-00T00:00:00.".CopyTo(text);
        var (year, month, day) = whole;
        Put(text[..4], year);
        Put(text[5..7], month);
        Put(text[8..10], day);
        Put(text[11..13], whole.Hour);
        Put(text[14..16], whole.Minute);
        Put(text[17..19], whole.Second);
        Put(text[20..^1], (int)(isMicroseconds ? rest / 1000 : rest));
        text[^1] = 'Z';
        return text.Length;
    }

    private static void Put(Span<char> digits, int number)
    {
        for (var at = digits.Length - 1; at >= 0; at--, number /= 10) digits[at] = (char)('0' + number % 10);
    }

    /// <summary>Nanoseconds as seconds, without rounding.</summary>
    public static decimal Seconds(long nanoseconds) => nanoseconds / 1_000_000_000m;

    /// <summary>The median nanoseconds between consecutive attempts.</summary>
    /// <param name="starts">At least two times, in any order.</param>
    public static long MedianGap(IEnumerable<long> starts)
    {
        var ordered = starts.Order().ToList();
        var gaps = ordered.Skip(1).Zip(ordered, (next, one) => next - one).Order().ToList();
        return gaps[gaps.Count / 2];
    }

    /// <summary>Makes untrusted text safe and cuts it to a width: see <see cref="CellText.Safe"/> and <see cref="CellText.Cut"/>.</summary>
    public static string Safe(string text, int most = 80) => CellText.Cut(CellText.Safe(text, most), most);
}
