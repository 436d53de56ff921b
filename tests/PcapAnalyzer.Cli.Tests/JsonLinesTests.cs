using System.Text.Json.Nodes;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

public sealed class JsonLinesTests
{
    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    public void The_last_line_of_an_id_is_what_json_says_and_revisions_count(string capture)
    {
        var file = Path.Combine(Repository.Captures, capture);
        var lines = CommandLine.Report(file, "--format", "jsonl").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var whole = JsonNode.Parse(CommandLine.Report(file, "--format", "json").Output)!;
        var last = new Dictionary<(string List, int Id), JsonNode>();
        foreach (var line in lines)
        {
            var list = line["session"] != null ? "sessions" : line["split"] != null ? "splits" : "handshakes";
            var of = line["session"] ?? line["split"] ?? line;
            var key = (list, (int)of["id"]!);
            Assert.Equal(last.TryGetValue(key, out var before) ? (int)before["revision"]! + 1 : 1, (int)of["revision"]!);
            last[key] = of;
        }
        foreach (var list in (string[])["handshakes", "sessions", "splits"])
        {
            Assert.Equal(whole[list]!.AsArray().Count, last.Keys.Count(key => key.List == list));
            foreach (var one in whole[list]!.AsArray())
            {
                var line = last[(list, (int)one!["id"]!)].DeepClone();
                line["revision"] = 1;
                Assert.True(JsonNode.DeepEquals(one, line), $"{capture} {list} #{one["id"]}");
            }
        }
    }
}
