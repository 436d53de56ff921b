namespace PcapAnalyzer.Reports.Filter;

/// <summary>One completion that the user may choose.</summary>
/// <param name="Text">Replaces the completed text verbatim.</param>
/// <param name="Meaning">One line; empty for values seen in handshakes.</param>
/// <param name="Rows">How many handshakes the expression up to the cursor would match.</param>
/// Null when that is not yet a valid expression, or when there are too many handshakes to count.
public sealed record WhereOffer(string Text, string Meaning, int? Rows);

/// <summary>The completions at a cursor position.</summary>
/// <param name="Start">Start of the text that a completion replaces.</param>
/// <param name="Offers">The completions, best first.</param>
public sealed record WhereCompletion(int Start, int Length, IReadOnlyList<WhereOffer> Offers)
{
    private static readonly WhereWord[] Connectives = [new("and", "both; a space means it, too"), new("or", "one of them")];
    private static readonly WhereWord[] Durations = [.. ((string[])["1ms", "10ms", "100ms", "1s", "7s", "1m"])
        .Select(text => new WhereWord(text, ""))];
    private static readonly WhereWord[] Times = [new("-1m", "a minute ago"), new("-5m", "five minutes ago"),
        new("-15m", "a quarter of an hour ago"), new("-1h", "an hour ago")];

    /// <param name="cursor">From 0 to the length. Text after the cursor stays, except the rest of the current word.</param>
    /// <param name="handshakes">The source of values and counts. Must be in memory, because it is enumerated several times.</param>
    /// <param name="context">As for <see cref="Where.Matches"/>.</param>
    public static WhereCompletion At(string text, int cursor, IReadOnlyList<JudgedHandshake> handshakes, WhereContext context)
    {
        var before = text[..cursor];
        var place = WhereParser.Parse(before).Place;
        var typed = before[place.Start..];
        var end = cursor;
        while (end < text.Length && WhereParser.IsOfValue(text[end])) end++;
        var rows = WhereRows.Left(before[..place.TermStart], place.Depth, handshakes, context);
        var offers = place.Operator == null ? Words(place, typed, rows) : Values(place, before, typed.TrimStart('"'), rows);
        return new WhereCompletion(place.Start, end - place.Start, [.. offers]);
    }

    /// <summary>Offers the operators of the field just written, then <c>and</c> and <c>or</c>, then fields.</summary>
    private static IEnumerable<WhereOffer> Words(WherePlace place, string typed, WhereRows? rows)
    {
        var words = (place.Field?.Operators ?? []).Concat(place.IsBehindTerm ? Connectives : []);
        foreach (var word in Fitting(words, typed, word => word.Text)) yield return new WhereOffer(word.Text, word.Meaning, null);
        foreach (var field in Fitting(WhereFields.All, typed, field => field.Name))
            yield return new WhereOffer(field.Name, field.Meaning, field.Type == FieldType.Flag ? rows?.CountWith(field.Name) : null);
    }

    private static IEnumerable<WhereOffer> Values(WherePlace place, string before, string typed, WhereRows? rows)
    {
        var field = place.Field!;
        var known = field.Type switch
        {
            FieldType.Enumeration or FieldType.Flag => field.Values,
            FieldType.Duration => Durations,
            FieldType.Time => Times,
            _ => (rows?.Seen(field, typed) ?? []).Select(text => new WhereWord(Written(text), "")),
        };
        var isSeen = field.Type is FieldType.Text or FieldType.Address or FieldType.Number;
        var offers = (isSeen ? known : Fitting(known, typed, value => value.Text))
            .Select(value => new WhereOffer(value.Text, value.Meaning,
                rows?.CountWith($"{before[place.TermStart..place.Start]}{value.Text}{(place.IsInSet ? "}" : "")}")));
        return field.Type == FieldType.Enumeration ? offers.OrderByDescending(offer => offer.Rows) : offers;
    }

    /// <summary>Returns prefix matches, then, from two letters on, substring matches. One letter would match almost everything.</summary>
    private static IEnumerable<T> Fitting<T>(IEnumerable<T> all, string typed, Func<T, string> textOf)
    {
        var byStart = all.ToLookup(one => textOf(one).StartsWith(typed, StringComparison.OrdinalIgnoreCase));
        return byStart[true].Concat(byStart[false].Where(one => typed.Length > 1
            && textOf(one).Contains(typed, StringComparison.OrdinalIgnoreCase)));
    }

    private static string Written(string text) =>
        text.Length > 0 && text[0] != '/' && text.All(WhereParser.IsOfValue) ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
