namespace PcapAnalyzer.Reports;

/// <summary>Finds what a misspelt word was meant to be.</summary>
public static class Spelling
{
    private const int MostSuggestions = 3;
    private const int MostTypos = 2;

    /// <summary>A question behind an error: <c>; is it cookie-mismatch?</c></summary>
    /// <param name="otherwise">What to say when no known word is close.</param>
    public static string Hint(string word, IEnumerable<string> known, string otherwise = "") =>
        known.Where(one => IsClose(one, word)).Take(MostSuggestions).ToList() is { Count: > 0 } close
            ? $"; is it {string.Join(" or ", close)}?" : otherwise;

    private static bool IsClose(string known, string word) =>
        known.EndsWith($".{word}", StringComparison.OrdinalIgnoreCase)
            || (word.Length > MostTypos && (known.StartsWith(word, StringComparison.OrdinalIgnoreCase) || Typos(known, word) <= MostTypos));

    /// <summary>The Levenshtein distance.</summary>
    private static int Typos(string one, string other)
    {
        if (Math.Abs(one.Length - other.Length) > MostTypos) return int.MaxValue;
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
