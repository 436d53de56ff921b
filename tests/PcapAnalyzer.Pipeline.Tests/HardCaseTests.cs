using System.Text;
using System.Text.RegularExpressions;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>docs/hard-cases.md is made of what tests of all projects say that they show, read from their sources.</summary>
public sealed partial class HardCaseTests
{
    /// <summary>A test, and which rows of its data show the phenomenon: none when all do.</summary>
    private sealed record Shown(string Path, string Test, string Phenomenon, string[] Rows);

    private static IEnumerable<string> Sources => Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*.cs",
        SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static IReadOnlyList<Shown> All { get; } =
    [
        .. from path in Sources
           from test in Tests().Matches(File.ReadAllText(path))
           from use in Uses().Matches(test.Value)
           let words = Words().Matches(use.Value).Select(word => word.Groups[1].Value).ToArray()
           select new Shown(path, $"{Path.GetFileNameWithoutExtension(path)}.{test.Groups["name"].Value}", words[0], words[1..]),
    ];

    [Fact]
    public void Every_hard_case_has_a_test_and_every_attribute_a_hard_case()
    {
        var known = HardCases.All.Select(one => one.Phenomenon).ToList();
        Assert.Equal(known.Distinct(), known);
        Assert.Equal([], known.Except(All.Select(one => one.Phenomenon)));
        Assert.Equal([], All.Select(one => one.Phenomenon).Except(known));
        // What the expressions below do not see would go unnoticed.
        Assert.Equal(Sources.Sum(path => Attribute().Count(File.ReadAllText(path))), All.Count);
    }

    [Fact]
    public void Every_row_that_an_attribute_names_exists()
    {
        foreach (var shown in All)
        {
            var beside = Directory.EnumerateFiles(Path.GetDirectoryName(shown.Path)!, "*.cs")
                .Select(path => Uses().Replace(File.ReadAllText(path), ""));
            foreach (var row in shown.Rows) Assert.True(beside.Any(text => text.Contains($"\"{row}\"", StringComparison.Ordinal)),
                $"{shown.Test} has no row \"{row}\"");
        }
    }

    [Fact]
    public void The_table_is_current()
    {
        var text = new StringBuilder("""
            # Hard cases

            What captures, networks and attackers do to an analyzer, what we do about it, and the test that shows it.
            Made by `make accept` from the tests; the list of what must be shown is `tests/PcapAnalyzer.Testing/HardCases.cs`.

            """);
        foreach (var area in HardCases.All.GroupBy(one => one.Area))
        {
            text.Append($"\n## {area.Key}\n\n| Phenomenon | What we do | Shown by |\n|---|---|---|\n");
            foreach (var one in area)
            {
                var tests = All.Where(shown => shown.Phenomenon == one.Phenomenon)
                    .Select(shown => $"`{shown.Test}`" + (shown.Rows.Length == 0 ? "" : $" ({string.Join("; ", shown.Rows)})"));
                text.Append($"| {one.Phenomenon} | {one.Answer} | {string.Join("<br>", tests)} |\n");
            }
        }
        Golden.Matches(Path.Combine(Repository.Root, "docs/hard-cases.md"), text.ToString());
    }

    /// <summary>The attributes of a test and its name.</summary>
    [GeneratedRegex(
        @"(?:^    \[[^\n]*(?:\n        [^\n]*)*\]\n)+    public (?:async )?(?:void|Task) (?<name>\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Tests();

    [GeneratedRegex(@"^    \[HardCase\([^\n]*(?:\n        [^\n]*)*\)\]\n", RegexOptions.Multiline)]
    private static partial Regex Uses();

    [GeneratedRegex(@"\[HardCase\(""")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Words();
}
