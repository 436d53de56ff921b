namespace PcapAnalyzer.Reports.Filter;

/// <summary>Suggests what to write instead.</summary>
internal static class WhereHints
{
    private const int MostSuggestions = 3;
    private const int MostTypos = 2;

    internal static string Unexpected(char letter) => letter switch
    {
        '&' => "use and, or &&",
        '|' => "use or, or ||",
        '\'' => "use \" around text",
        '{' or '}' => "a set needs a field and in before it: code in {tls-to-plain, plain-to-tls}",
        '/' => "a regular expression needs a field and ~ before it: node ~ /web[12]/",
        ')' => "a field or a word is missing before this",
        '=' or '!' or '<' or '>' or '~' => "a field is missing before this",
        _ => "put \" around text with such characters",
    };

    internal static string NoField(string word)
    {
        var close = WhereFields.All.Select(field => field.Name).Where(name => IsClose(name, word)).Take(MostSuggestions).ToList();
        return $"no such field{(close.Count == 0 ? "" : $"; is it {string.Join(" or ", close)}?")}";
    }

    internal static string Article(FieldType type) => type switch
    {
        FieldType.Enumeration => "an enumeration",
        FieldType.Address => "an address",
        _ => $"a {type.ToString().ToLowerInvariant()}",
    };

    private static bool IsClose(string name, string word) =>
        name.EndsWith($".{word}", StringComparison.OrdinalIgnoreCase)
            || (word.Length > MostTypos && (name.StartsWith(word, StringComparison.OrdinalIgnoreCase) || Typos(name, word) <= MostTypos));

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
