using System.Diagnostics.CodeAnalysis;
using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>Whether a handshake is meant.</summary>
internal delegate bool Test(JudgedHandshake handshake, WhereContext context);

/// <summary>A filter over handshakes, like <c>outcome == closed and node ~ web2</c>; the language is in <c>docs/where.md</c>. Immutable, and safe to use from many threads.</summary>
public sealed class Where
{
    private readonly Test _test;

    private Where(string expression, Test test)
    {
        Expression = expression;
        _test = test;
    }

    /// <summary>The empty filter.</summary>
    public static Where Everything { get; } = new("", (_, _) => true);

    /// <summary>As it was written; of <see cref="ParsePrefix"/>, as far as it is valid.</summary>
    public string Expression { get; }

    /// <summary>An empty expression means everything.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Where? where, [NotNullWhen(false)] out WhereError? error)
    {
        var parsed = WhereParser.Parse(text);
        where = parsed.Test == null ? null : new Where(text, parsed.Test);
        error = parsed.Error;
        return where != null;
    }

    /// <summary>For a filter while it is typed: what holds of it so far are the whole tests, outside parentheses, before the first error.</summary>
    /// <param name="text">The expression, which may end anywhere.</param>
    /// <param name="error">What is wrong with all of it; null if nothing is.</param>
    public static Where ParsePrefix(string text, out WhereError? error)
    {
        var parsed = WhereParser.Parse(text);
        error = parsed.Error;
        return TryParse(text[..parsed.ValidTo], out var where, out _) ? where : Everything;
    }

    public bool Matches(JudgedHandshake handshake, WhereContext context) => _test(handshake, context);
}

/// <summary>What is wrong with an expression.</summary>
/// <param name="Column">Where, from 1, in UTF-16 units; the one behind the last where something is missing.</param>
/// <param name="Length">How many units; 0 where something is missing.</param>
/// <param name="Message">What to write instead, one line.</param>
/// <param name="IsIncomplete">It stands at the very end: more typing may put it right.</param>
public sealed record WhereError(int Column, int Length, string Message, bool IsIncomplete);

/// <summary>What a filter may ask that a report does not tell.</summary>
public sealed record WhereContext
{
    private static readonly HashSet<int> None = [];

    /// <summary>Nanoseconds since 1970: what <c>-5m</c> counts back from, and the day that <c>20:14</c> lies on. The last packet's time, or now.</summary>
    public required long Now { get; init; }

    /// <summary>Numbers of the handshakes that the user has marked.</summary>
    public IReadOnlySet<int> Marked { get; init; } = None;

    /// <summary>Which handshakes are still going. By itself those that the capture's end leaves undecided on an open connection.</summary>
    public Predicate<JudgedHandshake> IsOpen { get; init; } = handshake => handshake is { Outcome: Outcome.Incomplete, Close: Closing.Open };
}
