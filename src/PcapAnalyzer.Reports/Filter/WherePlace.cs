namespace PcapAnalyzer.Reports.Filter;

/// <summary>Where in an expression its end stands, for who wants to go on from there.</summary>
/// <param name="Start">Where the word begins that its end stands in, or may begin.</param>
/// <param name="TermStart">Where the test begins that it belongs to.</param>
/// <param name="Depth">Parentheses that are open there.</param>
internal readonly record struct WherePlace(int Start, int TermStart, int Depth)
{
    /// <summary>A term has just ended: <c>and</c> or <c>or</c> may follow.</summary>
    internal bool IsBehindTerm { get; init; }

    /// <summary>The field that an operator may follow, or that a value is due for.</summary>
    internal Field<JudgedHandshake>? Field { get; init; }

    /// <summary>The operator that a value is due for.</summary>
    internal string? Operator { get; init; }

    internal bool IsInSet { get; init; }
}

/// <param name="Test">Null where there is an error.</param>
/// <param name="ValidTo">How far the text is an expression of whole tests.</param>
/// <param name="Place">Where its end stands.</param>
/// <param name="Error">Null where there is none.</param>
internal sealed record WhereParsed(Test? Test, int ValidTo, WherePlace Place, WhereError? Error);
