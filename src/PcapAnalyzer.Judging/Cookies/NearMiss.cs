using System.Text;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cookies;

/// <summary>A given cookie that fits a digest after a usual mistake.</summary>
/// <param name="Cookie">Its label.</param>
/// <param name="How">The mistake, as a code.</param>
/// <param name="Words">The mistake in words that follow "cookie NAME".</param>
public sealed record NearMiss(string Cookie, string How, string Words)
{
    private static readonly (string How, string Words, string Before, string After)[] Additions =
    [
        ("trailing-newline", "with a newline at its end", "", "\n"),
        ("trailing-crlf", "with CR LF at its end", "", "\r\n"),
        ("trailing-space", "with a space at its end", "", " "),
        ("leading-space", "with a space before it", " ", ""),
        ("double-quotes", "in double quotes", "\"", "\""),
        ("single-quotes", "in single quotes", "'", "'"),
    ];

    /// <summary>The cookie itself, then the variants that people and scripts make of it by mistake.</summary>
    internal static IEnumerable<(string How, string Words, byte[] Bytes)> Variants(Cookie cookie, Encoding encoding)
    {
        var plain = cookie.Encode(encoding);
        if (plain != null)
        {
            yield return ("", "", plain);
            foreach (var (how, words, before, after) in Additions)
                yield return (how, words, [.. Encoding.ASCII.GetBytes(before), .. plain, .. Encoding.ASCII.GetBytes(after)]);
            var trimmed = plain.AsSpan().Trim(" \t\r\n"u8).ToArray();
            if (trimmed.Length < plain.Length) yield return ("without-spaces", "without the spaces or line ends around it", trimmed);
            var unquoted = trimmed.AsSpan().Trim("'\""u8).ToArray();
            if (unquoted.Length < trimmed.Length) yield return ("without-quotes", "without its quotes", unquoted);
        }
        foreach (var other in (Encoding[])[CookieEncodings.Utf8, CookieEncodings.Latin1])
            if (cookie.Encode(other) is { } bytes && (plain == null || !bytes.AsSpan().SequenceEqual(plain)))
                yield return ($"encoded-as-{other.WebName}", $"encoded as {other.WebName}", bytes);
    }
}
