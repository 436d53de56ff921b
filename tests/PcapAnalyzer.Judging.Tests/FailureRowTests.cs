using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>Every row of both failure tables is judged with the code that <c>docs/diagnoses.md</c> names for it.</summary>
public sealed class FailureRowTests
{
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
        Assert.Equal(all, Explanation.All.SelectMany(one => one.Rows).Where(row => row[0] is 'E' or 'R').Order());
    }

    [Fact]
    public void Every_row_of_the_tables_of_sessions_is_explained_once()
    {
        var all = Enumerable.Range(1, 18).SelectMany(i => new[] { $"S{i}", $"T{i}" }).Concat(["T4a", "T4b", "T5b", "T6b"]).Order();
        Assert.Equal(all, Explanation.All.SelectMany(one => one.Rows).Where(row => row[0] is 'S' or 'T').Order());
    }

    [Fact]
    public void Every_diagnosis_code_is_explained()
    {
        Assert.Equal(Enum.GetValues<DiagnosisCode>().Select(code => code.Kebab()).Order(), Explanation.All.Select(one => one.Code).Order());
        Assert.All(Explanation.All, one => Assert.True(one.Text.Contains("What to do:", StringComparison.Ordinal) && one.Text.Contains("Example:\n    ", StringComparison.Ordinal), one.Code));
    }
}
