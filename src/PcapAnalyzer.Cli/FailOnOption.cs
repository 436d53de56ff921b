using System.CommandLine;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>--fail-on</c>: what makes the exit code 1.</summary>
internal sealed class FailOnOption
{
    private const string Any = "any";
    private const string Split = "split";

    private readonly Option<string[]> _failOn = new("--fail-on")
    {
        HelpName = "WORD",
        Description = "Exit with 1 when a handshake has this outcome or this diagnosis code, or a session or a finding has the code; a "
            + "comma-separated list. split is a cluster that fell apart. any is every problem, every finding and every split: not what was "
            + "established or encrypted, not a connection that gave way to another one of the same nodes, and not a session that ended in "
            + "order. With --where only handshakes and sessions that match count, and no finding and no split. Outcomes: "
            + $"{string.Join(", ", Outcomes)}. Codes: see pcap-analyzer explain.",
    };

    internal FailOnOption() => _failOn.CompletionSources.Add([.. Words]);

    internal Option Option => _failOn;

    private static IEnumerable<string> Outcomes => Enum.GetValues<Outcome>().Select(outcome => outcome.Kebab());

    private static IEnumerable<string> Words =>
        Outcomes.Concat(Enum.GetValues<DiagnosisCode>().Select(code => code.Kebab())).Append(Split).Append(Any).Distinct();

    /// <exception cref="UsageException">A word is neither an outcome nor a code.</exception>
    internal Predicate<CaptureReport> Read(ParseResult parsed)
    {
        var named = (parsed.GetValue(_failOn) ?? [])
            .SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        if (named.Except(Words).FirstOrDefault() is { } unknown)
        {
            throw new UsageException($"{_failOn.Name} {unknown}: no such outcome or diagnosis code"
                + Spelling.Hint(unknown, Words, $"; use {string.Join(", ", Outcomes)}, "
                    + $"a code of 'pcap-analyzer explain', {Split} or {Any}"));
        }
        return named.Count == 0 ? _ => false : report => IsIn(report, named);
    }

    private static bool IsIn(CaptureReport report, HashSet<string> named)
    {
        var listed = report.Listed;
        var findings = report.Selection == null ? report.Findings : [];
        var splits = report.Selection == null ? report.Sessions.Splits : [];
        var sessions = report.ListedSessions;
        return (named.Contains(Any) && (listed.HasProblem || findings.Count > 0 || splits.Count > 0
            || sessions.Any(session => session.IsProblem())))
            || (named.Contains(Split) && splits.Count > 0)
            || sessions.Any(session => named.Contains(session.Code.Kebab()))
            || named.Overlaps(listed.Outcomes.Select(outcome => outcome.Kebab()))
            || named.Overlaps(listed.Codes.Concat(findings.Select(finding => finding.Code)).Select(code => code.Kebab()));
    }
}
