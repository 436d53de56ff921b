namespace PcapAnalyzer.Reports.Filter;

internal static class WhereOperators
{
    private static readonly WhereWord[] Order = [new("<", "less"), new("<=", "less or equal"), new(">", "greater"),
        new(">=", "greater or equal")];
    private static readonly WhereWord[] Equality = [new("==", "equal"), new("!=", "some value differs; false where there is none")];
    private static readonly WhereWord[] Containing =
        [new("~", "contains; * for anything, /…/ for a regular expression"),
            new("!~", "some value does not contain it; false where there is none")];

    private static readonly WhereWord[] Membership = [new("in", "one of {…, …}")];
    private static readonly WhereWord[] OfTexts = [.. Equality, .. Containing, .. Membership];
    private static readonly WhereWord[] OfNumbers = [.. Equality, .. Order, .. Membership];
    private static readonly WhereWord[] OfTimes = [.. Order, .. Equality, .. Membership];

    internal static WhereWord[] Of(FieldType type) => type switch
    {
        FieldType.Text or FieldType.Enumeration or FieldType.Address => OfTexts,
        FieldType.Number => OfNumbers,
        FieldType.Flag => Equality,
        _ => OfTimes,
    };
}
