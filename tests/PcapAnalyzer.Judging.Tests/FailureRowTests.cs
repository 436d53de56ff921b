using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>Every row of both failure tables is judged with the code that <c>docs/diagnoses.md</c> names for it.</summary>
public sealed class FailureRowTests
{
    /// <summary>The sessions' tables, S for Erlang distribution and T for ractor_cluster: the rows of each code.</summary>
    private static readonly Dictionary<DiagnosisCode, string> SessionRows = new()
    {
        [DiagnosisCode.DuplicateConnection] = "T4a",
        [DiagnosisCode.FrameTooLarge] = "T11",
        [DiagnosisCode.MalformedMessage] = "T13",
        [DiagnosisCode.CaptureStartsLate] = "T18",
        [DiagnosisCode.Healthy] = "S1 T1",
        [DiagnosisCode.LargeMessage] = "S2",
        [DiagnosisCode.NodeStopped] = "S3 T2",
        [DiagnosisCode.NodeDied] = "S4 T3",
        [DiagnosisCode.Disconnected] = "S5 T4",
        [DiagnosisCode.GlobalOverlap] = "S6",
        [DiagnosisCode.PeerFrozen] = "S7 T5",
        [DiagnosisCode.PathDead] = "S8 T6",
        [DiagnosisCode.PathDeadOneWay] = "S9",
        [DiagnosisCode.TickMismatch] = "S10",
        [DiagnosisCode.MiddleboxReset] = "S11 T8",
        [DiagnosisCode.ReceiverStalled] = "S12 T7",
        [DiagnosisCode.PathFlap] = "S13 T6b",
        [DiagnosisCode.PeerPaused] = "S14 T5b",
        [DiagnosisCode.PathMtuBlackhole] = "S15",
        [DiagnosisCode.OpenSilent] = "S16",
        [DiagnosisCode.ToolSession] = "S17",
        [DiagnosisCode.ClosedUnexplained] = "S18",
        [DiagnosisCode.SessionDisplaced] = "T4b",
        [DiagnosisCode.HostRestarted] = "T9",
        [DiagnosisCode.DeadSessionWins] = "T10",
        [DiagnosisCode.MessageNotUnderstood] = "T12",
        [DiagnosisCode.CallUnanswered] = "T14",
        [DiagnosisCode.LinkMissing] = "T15",
        [DiagnosisCode.TransitivePlainDial] = "T16",
        [DiagnosisCode.TlsListenerBlocked] = "T17",
    };

    public static TheoryData<string> Rows => [.. FailureRow.All.Select(row => row.Row)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_failure_row_is_judged_as_the_table_says(string name)
    {
        var row = FailureRow.All.Single(row => row.Row == name);
        var report = Playbook.Report(FailureRow.Cookies, row.Plays);
        Assert.Contains(row.Verdict, row.VerdictsIn(report));
        Assert.Contains(name, Explanation.All.Single(one => one.Code == row.Code).Rows);
    }

    [Fact]
    public void Every_row_of_the_tables_has_a_test()
    {
        var all = Enumerable.Range(1, 17).Select(i => $"E{i}").Concat(Enumerable.Range(1, 11).Select(i => $"R{i}")).Order().ToList();
        Assert.Equal(all, FailureRow.All.Select(row => row.Row).Order());
        Assert.Equal(all, Explanation.All.SelectMany(one => one.Rows).Where(row => !IsOfSessions(row)).Order());
    }

    [Fact]
    public void Every_row_of_the_tables_of_sessions_stands_at_its_code_and_nowhere_else() =>
        Assert.Equal(SessionRows.Select(row => $"{row.Key.Kebab()}: {row.Value}").Order(),
            Explanation.All.Where(one => one.Rows.Any(IsOfSessions))
                .Select(one => $"{one.Code}: {string.Join(' ', one.Rows.Where(IsOfSessions))}").Order());

    [Fact]
    public void Every_diagnosis_code_is_explained()
    {
        Assert.Equal(Enum.GetValues<DiagnosisCode>().Select(code => code.Kebab()).Order(), Explanation.All.Select(one => one.Code).Order());
        Assert.All(Explanation.All, one => Assert.True(one.Text.Contains("What to do:", StringComparison.Ordinal)
            && one.Text.Contains("Example:\n    ", StringComparison.Ordinal), one.Code));
    }

    private static bool IsOfSessions(string row) => row[0] is 'S' or 'T';
}
