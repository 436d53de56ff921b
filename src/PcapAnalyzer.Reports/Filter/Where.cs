using System.Diagnostics.CodeAnalysis;
using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>Whether a handshake or a session matches.</summary>
internal delegate bool Test(WhereSubject subject, WhereContext context);

/// <summary>
/// A filter over handshakes and sessions, like <c>outcome == closed and node ~ web2</c>; <c>docs/where.md</c> defines the language.
/// </summary>
/// <remarks>Immutable and safe to use from many threads.</remarks>
public sealed class Where
{
    private readonly Test _test;

    private Where(string expression, Test test)
    {
        Expression = expression;
        _test = test;
    }

    /// <summary>The empty filter: it matches every handshake.</summary>
    public static Where Everything { get; } = new("", (_, _) => true);

    /// <summary>The text of the filter; after <see cref="ParsePrefix"/>, only its valid part.</summary>
    public string Expression { get; }

    /// <summary>Parses a filter. An empty expression matches every handshake.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Where? where, [NotNullWhen(false)] out WhereError? error)
    {
        var parsed = WhereParser.Parse(text);
        where = parsed.Test == null ? null : new Where(text, parsed.Test);
        error = parsed.Error;
        return where != null;
    }

    /// <summary>Parses a filter while the user types it: only the whole tests before the first error, outside parentheses, apply.</summary>
    /// <param name="text">The expression, which may end anywhere.</param>
    /// <param name="error">What is wrong with the whole text; null when nothing is.</param>
    public static Where ParsePrefix(string text, out WhereError? error)
    {
        var parsed = WhereParser.Parse(text);
        error = parsed.Error;
        return TryParse(text[..parsed.ValidTo], out var where, out _) ? where : Everything;
    }

    public bool Matches(JudgedHandshake handshake, WhereContext context) => _test(new WhereSubject(handshake, null), context);

    /// <param name="session">The session.</param>
    /// <param name="handshake">
    /// The handshake before it, which has the fields that a session lacks; null where the capture does not have it.
    /// </param>
    /// <param name="context">As for a handshake.</param>
    public bool Matches(JudgedSession session, JudgedHandshake? handshake, WhereContext context) =>
        _test(new WhereSubject(handshake, session), context);
}

/// <summary>What is wrong with an expression.</summary>
/// <param name="Column">The position, from 1, in UTF-16 units; one past the end when something is missing.</param>
/// <param name="Length">The length in UTF-16 units; 0 when something is missing.</param>
/// <param name="Message">What to write instead, in one line.</param>
/// <param name="IsIncomplete">The error is at the very end, so more typing may fix it.</param>
public sealed record WhereError(int Column, int Length, string Message, bool IsIncomplete);

/// <summary>What a filter can test although no report field holds it.</summary>
public sealed record WhereContext
{
    private static readonly HashSet<int> None = [];

    /// <summary>Now (ns since 1970), the base of <c>-5m</c> and the day of <c>20:14</c>: the last packet's time or the clock's.</summary>
    public required long Now { get; init; }

    /// <summary>Report numbers of the handshakes that the user has marked.</summary>
    public IReadOnlySet<int> Marked { get; init; } = None;

    /// <summary>Whether a handshake is still going. Default: it is incomplete and its connection is still open.</summary>
    public Predicate<JudgedHandshake> IsOpen { get; init; } = handshake =>
        handshake is { Outcome: Outcome.Incomplete, Close: Closing.Open };
}
