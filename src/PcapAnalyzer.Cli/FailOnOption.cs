using System.CommandLine;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary><c>--fail-on</c>: what makes the exit code 1.</summary>
internal sealed class FailOnOption
{
    private const string Any = "any";

    private readonly Option<string[]> _failOn = new("--fail-on")
    {
        HelpName = "WORD",
        Description = "Exit with 1 when a handshake has this outcome or this diagnosis code, or a finding has the code; a comma-separated "
            + "list. any is every problem and every finding: not what was established or encrypted, and not a connection that gave way to "
            + "another one of the same nodes. With --where only handshakes that match count, and no finding. Outcomes: "
            + $"{string.Join(", ", Outcomes)}. Codes: see pcap-analyzer explain.",
    };

    internal FailOnOption() => _failOn.CompletionSources.Add([.. Words]);

    internal Option Option => _failOn;

    private static IEnumerable<string> Outcomes => Enum.GetValues<Outcome>().Select(outcome => outcome.Kebab());

    private static IEnumerable<string> Words =>
        Outcomes.Concat(Enum.GetValues<DiagnosisCode>().Select(code => code.Kebab())).Append(Any).Distinct();

    /// <exception cref="UsageException">A word is neither an outcome nor a code.</exception>
    internal Predicate<CaptureReport> Read(ParseResult parsed)
    {
        var named = (parsed.GetValue(_failOn) ?? [])
            .SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        if (named.Except(Words).FirstOrDefault() is { } unknown)
        {
            throw new UsageException($"{_failOn.Name} {unknown}: no such outcome or diagnosis code"
                + Spelling.Hint(unknown, Words, $"; use {string.Join(", ", Outcomes)}, a code of 'pcap-analyzer explain', or {Any}"));
        }
        return named.Count == 0 ? _ => false : report => IsIn(report, named);
    }

    private static bool IsIn(CaptureReport report, HashSet<string> named)
    {
        var listed = report.Listed;
        var findings = report.Selection == null ? report.Findings : [];
        return (named.Contains(Any) && (listed.HasProblem || findings.Count > 0))
            || named.Overlaps(listed.Outcomes.Select(outcome => outcome.Kebab()))
            || named.Overlaps(listed.Codes.Concat(findings.Select(finding => finding.Code)).Select(code => code.Kebab()));
    }
}
