using PcapAnalyzer.Reports;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

public sealed class ExplainCommandTests
{
    [Fact]
    [Trait("Only", "test-all")]
    public void The_list_has_every_code_and_every_code_has_its_page()
    {
        var list = CommandLine.Start(["explain"]).Output;
        foreach (var explanation in Explanation.All)
        {
            Assert.Contains($"\n{explanation.Code} ", $"\n{list}", StringComparison.Ordinal);
            var page = CommandLine.Start(["explain", explanation.Code]);
            Assert.Equal(0, page.ExitCode);
            Assert.StartsWith($"{explanation.Code}\n{explanation.Title}\n", page.Output, StringComparison.Ordinal);
            Assert.All(page.Output.Split('\n'),
                line => Assert.True(line.Length <= 80 || line.StartsWith("    ", StringComparison.Ordinal), line));
        }
    }

    [Fact]
    public void A_split_has_its_walk_and_stands_in_the_list()
    {
        var walk = CommandLine.Start(["explain", "split"]).Output;
        Assert.Contains("\n    pcap-analyzer report both.pcap --net-ticktime 60\n", walk, StringComparison.Ordinal);
        Assert.All(walk.Split('\n'), line => Assert.True(line.Length <= 80 || line.StartsWith("    ", StringComparison.Ordinal), line));
        Assert.Contains("\nsplit ", CommandLine.Start(["explain"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_the_splits_walk_has_only_codes_that_are_explained()
    {
        var lines = Explanation.Split.Split('\n');
        var rule = Array.FindIndex(lines, line => line.StartsWith("    ----", StringComparison.Ordinal));
        var column = lines[rule].IndexOf("  ", 4, StringComparison.Ordinal) + 2;
        var codes = lines[(rule + 1)..].TakeWhile(line => line.Length > 0).Where(line => line[column] != ' ')
            .Select(line => line[column..].Split(' ')[0].TrimEnd(',')).ToHashSet();
        Assert.Subset(Explanation.All.Select(one => one.Code).ToHashSet(), codes);
        Assert.Superset(new HashSet<string> { "peer-frozen", "path-dead", "global-overlap", "tick-mismatch", "middlebox-reset" }, codes);
        Assert.Contains("pcap-analyzer explain split              ", CommandLine.Start(["explain", "--help"]).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void RabbitMQ_has_its_walk_and_an_unknown_code_is_a_usage_error()
    {
        Assert.Contains("/var/lib/rabbitmq/.erlang.cookie", CommandLine.Start(["explain", "rabbitmq"]).Output, StringComparison.Ordinal);
        var unknown = CommandLine.Start(["explain", "nope"]);
        Assert.Equal((2, "pcap-analyzer: nope: no such diagnosis; 'pcap-analyzer explain' lists them"),
            (unknown.ExitCode, unknown.Error.Split('\n')[0]));
    }

    [Fact]
    public void A_cookie_hash_is_RabbitMQs() =>
        Assert.Contains("has RabbitMQ's cookie hash Xr4ilOzQ4PCOq3aQ0qbuaQ==",
            CommandLine.Report("captures/erlang/ok.pcap", "--cookie", "secret", "--cookie-hash").Output, StringComparison.Ordinal);
}
