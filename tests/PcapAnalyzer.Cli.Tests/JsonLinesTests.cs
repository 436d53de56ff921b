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
        var lines = CommandLine.Report(file, "--format", "jsonl").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var whole = JsonNode.Parse(CommandLine.Report(file, "--format", "json").Output)!["handshakes"]!.AsArray();
        var last = new Dictionary<int, JsonObject>();
        foreach (var line in lines)
        {
            var id = (int)line["id"]!;
            Assert.Equal(last.TryGetValue(id, out var before) ? (int)before["revision"]! + 1 : 1, (int)line["revision"]!);
            last[id] = line;
        }
        Assert.Equal(whole.Count, last.Count);
        foreach (var handshake in whole)
        {
            var line = last[(int)handshake!["id"]!].DeepClone();
            line["revision"] = 1;
            Assert.True(JsonNode.DeepEquals(handshake, line), $"{capture} #{handshake["id"]}");
        }
    }
}
