namespace PcapAnalyzer.Reports.Filter;

/// <summary>Suggests what to write instead.</summary>
internal static class WhereHints
{
    private const int MostNamed = 10;

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

    internal static string NoField(string word) =>
        $"no such field{Spelling.Hint(word, WhereFields.All.Select(field => field.Name))}";

    /// <summary>Names the values of an enumeration when they are few enough to read.</summary>
    internal static string NoValue(Field<WhereSubject> field, string word)
    {
        var values = field.Values.Select(value => value.Text).ToList();
        var few = values.Count <= MostNamed ? values.Count : MostNamed / 2;
        return $"no such {field.Name}"
            + Spelling.Hint(word, values, $"; one of {string.Join(", ", values.Take(few))}"
                + (few < values.Count ? $" and {values.Count - few} more" : ""));
    }

    internal static string Article(FieldType type) => type switch
    {
        FieldType.Enumeration => "an enumeration",
        FieldType.Address => "an address",
        _ => $"a {type.ToString().ToLowerInvariant()}",
    };
}
