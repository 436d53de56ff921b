using System.Text.Json.Nodes;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary><c>report --where</c> from end to end.</summary>
public sealed class WhereTests
{
    private const string Capture = "captures/rows/failure_rows.pcap";
    private const string Simultaneous = "captures/ractor/05_simultaneous_new.pcap";

    private static JsonNode Json(params string[] arguments) =>
        JsonNode.Parse(CommandLine.Report([.. arguments, "--format", "json"]).Output)!;

    [Fact]
    public void Json_lists_what_matches_and_leaves_the_rest_whole()
    {
        var (all, some) = (Json(Capture), Json(Capture, "--where", "code ~ tls"));
        Assert.Null(all["where"]);
        Assert.Equal("""{"expression":"code ~ tls","matching":3}""", some["where"]!.ToJsonString());
        var expected = all["handshakes"]!.AsArray()
            .Where(one => ((string)one!["diagnosis"]!["code"]!).Contains("tls", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, expected.Count);
        Assert.True(JsonNode.DeepEquals(new JsonArray([.. expected.Select(one => one!.DeepClone())]), some["handshakes"]));
        foreach (var part in (string[])["statistics", "nodes", "pairs", "findings", "sources"])
            Assert.True(JsonNode.DeepEquals(all[part], some[part]), part);
    }

    [Theory]
    [InlineData(Capture)]
    [InlineData("-")]
    public void Text_ends_with_how_many_match(string file)
    {
        var run = CommandLine.Shell($"$P report {file} --where 'outcome == rejected' < {Capture}");
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("\n4 of 33 handshakes match\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(4, run.Output.Split('\n').Count(line => line.StartsWith("⊘ #", StringComparison.Ordinal)));
        Assert.DoesNotContain("✗ #", run.Output, StringComparison.Ordinal);
        Assert.Contains("33 handshakes: 8 established", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\n0 of 33 handshakes match\n", CommandLine.Report(Capture, "--where", "nobody").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "problem")]
    [InlineData(1, "outcome != established")]
    [InlineData(0, "outcome == established")]
    [InlineData(0, "nobody")]
    public void Only_what_matches_can_fail_a_run(int exitCode, string where) =>
        Assert.Equal(exitCode, CommandLine.Report(Capture, "-q", "--fail-on", "any", "--where", where).ExitCode);

    [Fact]
    public void Numbers_and_sources_are_those_of_the_whole_report()
    {
        foreach (var format in (string[])["json", "jsonl"])
        {
            var run = CommandLine.Report("captures/erlang/wrong_cookie.pcap", "captures/ractor/01_ok_new.pcap", "captures/erlang/ok.pcap",
                "--where", "source == 3 and id == 4", "--format", format);
            Assert.Contains("\"id\":4,\"revision\":", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("\"id\":1,", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_line_comes_once_a_handshake_matches_and_every_later_revision_too()
    {
        var all = Lines(CommandLine.Report(Capture, "--format", "jsonl"));
        // Its connection is still open when the outcome is known, and closed in the end.
        var early = Lines(CommandLine.Report(Capture, "--format", "jsonl", "--where", "connection.close == open"));
        var late = Lines(CommandLine.Report(Capture, "--format", "jsonl", "--where", "connection.close != open"));
        Assert.NotEmpty(early);
        foreach (var lines in early.GroupBy(line => (int)line["id"]!)) Assert.Equal(all.Where(line => (int)line["id"]! == lines.Key)
            .Select(line => line.ToJsonString()), lines.Select(line => line.ToJsonString()));
        Assert.Contains(early.GroupBy(line => (int)line["id"]!), lines => (string)lines.Last()["connection"]!["close"]! != "open");
        Assert.All(late.Where(line => (int)line["revision"]! == 1), line => Assert.NotEqual("open", (string)line["connection"]!["close"]!));
        Assert.Equal(all.Select(line => (int)line["id"]!).Distinct().Count(), late.Select(line => (int)line["id"]!).Distinct().Count());
        Assert.True(late.Count < all.Count);

        static List<JsonNode> Lines(Run run) => [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).Where(line => line["id"] != null)];
    }

    [Fact]
    public void Times_count_from_the_last_packet()
    {
        var all = Json(Simultaneous);
        var limit = (DateTime)all["sources"]![0]!["lastPacket"]! - TimeSpan.FromMilliseconds(4002);
        var expected = all["handshakes"]!.AsArray().Where(one => (DateTime)one!["started"]! > limit).Select(one => (int)one!["id"]!)
            .ToList();
        Assert.InRange(expected.Count, 1, 15);
        Assert.Equal(expected, Json(Simultaneous, "--where", "started > -4002ms")["handshakes"]!.AsArray().Select(one => (int)one!["id"]!));
    }

    [Theory]
    [InlineData("outcome = auth", "column 9: use == for equal, ~ for contains", "    outcome = auth\n            ^\n")]
    [InlineData("node == a and (b", "column 17: a ) is missing here", "    node == a and (b\n                    ^\n")]
    [InlineData("\u202e == \u0007", "column 1: put \" around", "    \\u202e == \\u0007\n    ^^^^^^\n")]
    public void An_error_is_shown_at_its_place(string where, string says, string shown)
    {
        var run = CommandLine.Report(Capture, "--where", where);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"pcap-analyzer: --where: {says}", run.Error, StringComparison.Ordinal);
        Assert.Contains($"\n{shown}Try 'pcap-analyzer report --help'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_expression_is_shown_around_what_is_wrong()
    {
        var run = CommandLine.Report(Capture, "--where", new string('(', 100_000));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("longer than 4096 characters", run.Error, StringComparison.Ordinal);
        Assert.InRange(run.Error.Length, 100, 600);
    }

    [Fact]
    public void The_help_teaches_it_and_the_shells_know_its_fields()
    {
        Assert.Equal(2, CommandLine.Report("--help").Output.Split('\n')
            .Count(line => line.StartsWith("  pcap-analyzer report node.pcap --where ", StringComparison.Ordinal)));
        Assert.Contains("connection.closedBy\t", CommandLine.Start(["complete", "--", "report", "--where", "connection.c"]).Output,
            StringComparison.Ordinal);
    }
}
