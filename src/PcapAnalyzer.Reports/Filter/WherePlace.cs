namespace PcapAnalyzer.Reports.Filter;

/// <summary>The syntactic position at the end of an expression, for completion.</summary>
/// <param name="Start">Start of the word at the end, or where a word may start.</param>
/// <param name="TermStart">Start of the test that contains the end.</param>
/// <param name="Depth">Number of open parentheses.</param>
internal readonly record struct WherePlace(int Start, int TermStart, int Depth)
{
    /// <summary>Whether a term has just ended, so that <c>and</c> or <c>or</c> may follow.</summary>
    internal bool IsBehindTerm { get; init; }

    /// <summary>The field that an operator may follow, or that needs a value.</summary>
    internal Field<WhereSubject>? Field { get; init; }

    /// <summary>The operator that needs a value.</summary>
    internal string? Operator { get; init; }

    internal bool IsInSet { get; init; }
}

/// <param name="Test">Null when there is an error.</param>
/// <param name="ValidTo">Length of the prefix that consists of whole tests.</param>
/// <param name="Place">The position at the end, for completion.</param>
/// <param name="Error">Null when there is none.</param>
internal sealed record WhereParsed(Test? Test, int ValidTo, WherePlace Place, WhereError? Error);
