using System.Text.RegularExpressions;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The man page says what the help says, in a form that man takes.</summary>
public sealed partial class ManualTests
{
    /// <summary>The page without roff's escapes and fonts.</summary>
    private static string Plain(string page) =>
        new[] { ("\\-", "-"), ("\\(aq", "'"), ("\\(ti", "~"), ("\\(dq", "\""), ("\\fB", ""), ("\\fR", "") }.Aggregate(page,
            (text, one) => text.Replace(one.Item1, one.Item2, StringComparison.Ordinal));

    [Fact]
    public void It_names_every_verb_option_example_and_exit_code_of_the_help()
    {
        var page = Plain(CommandLine.Start(["man"]).Output);
        var help = CommandLine.Start(["--help"]).Output;
        var verbs = Verb().Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value)
            .ToList();
        Assert.Equal(["report", "view", "interfaces", "explain"], verbs.Take(4));
        foreach (var verb in verbs)
        {
            var ofVerb = CommandLine.Start([verb, "--help"]).Output;
            Assert.Matches($"\n\\.TP\n{verb}[ \n]", page);
            foreach (Match option in OptionNames().Matches(help + ofVerb))
                Assert.Contains($".TP\n{option.Groups[1].Value.TrimEnd()}", page, StringComparison.Ordinal);
            foreach (Match example in Example().Matches(ofVerb))
                Assert.Contains($".TP\n{example.Groups[1].Value}\n{example.Groups[2].Value}\n", page, StringComparison.Ordinal);
        }
        foreach (var code in new[] { 0, 1, 2, 3, 130 }) Assert.Contains($".TP\n{code}\n", page, StringComparison.Ordinal);
        Assert.Contains("Exit codes: 0 done, 1 ", CommandLine.Report("--help").Output, StringComparison.Ordinal);
        foreach (var heading in new[] { "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES",
            "SEE ALSO" })
            Assert.Contains($"\n.SH {heading}\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_keeps_quiet_about_the_verbs_that_installing_needs() =>
        Assert.DoesNotMatch("\n  (man|complete) ", CommandLine.Start(["--help"]).Output);

    [Theory]
    [InlineData("groff", "groff -man -ww -Tutf8 -z")]
    [InlineData("mandoc", "mandoc -Tlint -Wwarning")]
    public void Formatters_report_no_fault_in_the_manual(string tool, string line)
    {
        if (CommandLine.Shell($"command -v {tool}").ExitCode != 0) Missing.Tool($"{tool} is not installed");
        var run = CommandLine.Shell($"export SOURCE_DATE_EPOCH=0; $P man | {line}");
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
    }

    [GeneratedRegex(@"^  ([a-z]+) .*  ", RegexOptions.Multiline)]
    private static partial Regex Verb();

    [GeneratedRegex(@"^  (-[-a-z?, ]*)(?: <|  )", RegexOptions.Multiline)]
    private static partial Regex OptionNames();

    [GeneratedRegex(@"^  (pcap-analyzer .*?)(?:  +|\n      )(.*)$", RegexOptions.Multiline)]
    private static partial Regex Example();
}
