using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The completions as the shells run them.</summary>
public sealed class CompletionTests
{
    /// <summary>What bash offers for a line whose words are divided as bash divides them, at '=' too.</summary>
    private static string[] Bash(string words)
    {
        var run = CommandLine.Shell($$"""
            source packaging/pcap-analyzer.bash
            COMP_WORDS=("$P" {{words}}); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _pcap_analyzer
            [ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
            """);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory]
    [InlineData("''", "report", "view", "interfaces", "explain")]
    [InlineData("rep", "report")]
    [InlineData("--v", "--version")]
    [InlineData("report --cookie", "--cookie-file", "--cookies", "--cookie", "--cookie-hash")]
    [InlineData("report -- --format ''", "text", "json", "jsonl")]
    [InlineData("report a.pcap --format j", "json", "jsonl")]
    [InlineData("report --format =", "text", "json", "jsonl")]
    [InlineData("report --format = t", "text")]
    [InlineData("--parser ''", "fast", "packetdotnet")]
    [InlineData("report --parser p", "packetdotnet")]
    [InlineData("report --protocol ''", "ractor", "erlang")]
    [InlineData("report --fail-on a", "authentication-failed", "alive-stall", "any")]
    [InlineData("explain cookie", "cookie-not-given", "cookie-mismatch", "cookie-crossed")]
    [InlineData("explain rab", "rabbitmq")]
    public void Bash_offers(string words, params string[] expected) => Assert.Equal(expected, Bash(words));

    [Theory]
    [InlineData("report ''")]
    [InlineData("report captures/")]
    [InlineData("report --cookie-file ''")]
    [InlineData("report --cookie-file prod = ''")]
    [InlineData("report -o ''")]
    public void Bash_is_left_to_offer_files(string words)
    {
        Assert.Empty(Bash(words));
        Assert.Contains("-o default", File.ReadAllText(Path.Combine(Testing.Repository.Root, "packaging/pcap-analyzer.bash")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_diagnosis_and_every_option_of_the_help_is_offered()
    {
        Assert.Equal([.. Explanation.All.Select(one => one.Code), "rabbitmq", "split"], Bash("explain ''"));
        var help = CommandLine.Report("--help").Output;
        Assert.All(Bash("report -"), option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [Fact]
    public void Other_shells_get_descriptions_and_whole_words()
    {
        Assert.Contains("\n--output\tWrite to a file, whole or not at all\n", CommandLine.Start(["complete", "--", "report", "-"]).Output,
            StringComparison.Ordinal);
        Assert.Equal("--format=json\t\n--format=jsonl\t\n", CommandLine.Start(["complete", "--", "report", "--format=j"]).Output);
    }

    [Fact]
    public void Fish_offers_words_and_files()
    {
        if (CommandLine.Shell("command -v fish").ExitCode != 0) Missing.Tool("fish is not installed");
        const string Source = "PATH=$(dirname $P):$PATH HOME=$(mktemp -d) fish --no-config -c 'source packaging/pcap-analyzer.fish; ";
        Assert.Equal("json\njsonl\n", CommandLine.Shell(Source + "complete -C \"pcap-analyzer report --format j\"'").Output);
        Assert.Equal("README.md\n", CommandLine.Shell(Source + "complete -C \"pcap-analyzer report READ\"'").Output);
    }
}
