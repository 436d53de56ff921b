using System.CommandLine;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Cli;

/// <summary><c>--where</c>: selects the handshakes and sessions to report.</summary>
internal sealed class WhereOptions
{
    /// <summary>Most characters of an expression shown before its error, in it and after it.</summary>
    private const int MostBefore = 60;

    private readonly Option<string?> _where = new("--where")
    {
        HelpName = "EXPR",
        Description = "List only the handshakes and sessions that match: fields of the JSON and short names like node, ip, code, duration, "
            + "with == != "
            + "< <= > >= ~ (contains) in, joined by and, or, not; a word by itself looks in names, addresses and codes, and problem is a "
            + "field; session.NAME is a field of sessions only. Totals, findings and pairs stay those of all. "
                + "In jsonl a handshake or a session "
            + "is written once it matches, and then whatever becomes of it.",
    };

    internal WhereOptions() => _where.CompletionSources.Add([.. WhereFields.All.Select(field => field.Name)]);

    internal Option Option => _where;

    /// <param name="now">Returns the time that relative times count back from, in nanoseconds since 1970.</param>
    /// <returns>Null for all handshakes.</returns>
    /// <exception cref="UsageException">The expression is invalid.</exception>
    internal Selection? Select(ParseResult parsed, Func<long> now)
    {
        if (parsed.GetValue(_where) is not { } expression) return null;
        if (!Where.TryParse(expression, out var where, out var error))
            throw new UsageException($"--where: column {error.Column}: {error.Message}\n{Shown(expression, error)}");
        WhereContext Context() => new() { Now = now() };
        return new Selection(expression, handshake => where.Matches(handshake, Context()),
            (session, handshake) => where.Matches(session, handshake, Context()));
    }

    /// <summary>The expression, with carets under the error.</summary>
    private static string Shown(string expression, WhereError error)
    {
        var at = error.Column - 1;
        var start = Math.Max(0, at - MostBefore);
        var before = ReportText.Safe(expression[start..at], int.MaxValue);
        var wrong = ReportText.Safe(expression.Substring(at, error.Length), MostBefore);
        var rest = ReportText.Safe(expression[(at + error.Length)..], MostBefore);
        return $"    {before}{wrong}{rest}\n    {new string(' ', before.Length)}{new string('^', Math.Max(1, wrong.Length))}";
    }
}
