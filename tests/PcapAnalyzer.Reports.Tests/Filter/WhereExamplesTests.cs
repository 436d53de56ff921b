using System.Text.Json.Nodes;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Compares typical expressions with loops over the JSON report that do not use the filter language, over every capture.</summary>
public sealed class WhereExamplesTests
{
    private static readonly Dictionary<string, Func<JsonNode, JsonNode, bool>> Loops = new()
    {
        // Examples from the documentation.
        ["problem"] = (one, _) => Text(one["outcome"]) is not "established"
            && Text(one["diagnosis"]!["code"]) is not ("simultaneous-connect" or "duplicate-connection" or "encrypted"),
        ["web2"] = (one, _) => IsNamed(one, "web2"),
        ["outcome == authentication-failed and node ~ \"rabbit@\""] = (one, _) =>
            Text(one["outcome"]) == "authentication-failed" && Nodes(one).Any(node => node.Contains("rabbit@", StringComparison.Ordinal)),
        ["proof == mismatch and not cookie"] = (one, _) => Verdicts(one).Any(verdict => verdict.Verdict == "mismatch")
            && List(one["digests"]).All(digest => digest["cookie"] == null),
        ["duration > 1s"] = (one, _) => (decimal)one["duration"]! > 1,
        ["code in {tls-to-plain, plain-to-tls}"] = (one, _) => Text(one["diagnosis"]!["code"]) is "tls-to-plain" or "plain-to-tls",
        ["pair ~ \"web1*db1\" started > 20:14"] = (one, report) =>
            Nodes(one) is [var a, var b] && $"{a} {b}" is var pair && pair.IndexOf("web1", StringComparison.Ordinal) is >= 0 and var at
            && pair.IndexOf("db1", at, StringComparison.Ordinal) > 0 && StartedAfter(one, report, new TimeSpan(20, 14, 0)),
        ["initiator.proof == verified acceptor.proof != verified"] = (one, _) => Verdicts(one).Contains(("initiator", "verified"))
            && Verdicts(one).Any(verdict => verdict.By == "acceptor" && verdict.Verdict != "verified"),
        ["ip == 10.0.4.0/24 and protocol == erlang"] = (one, _) =>
            Text(one["protocol"]) == "erlang" && Hosts(one).Any(host => host.StartsWith("10.0.4.", StringComparison.Ordinal)),
        ["connection.retransmissions > 0 or connection.missingBytes > 0"] = (one, _) =>
            (long)one["connection"]!["retransmissions"]! > 0 || (long)one["connection"]!["missingBytes"]! > 0,
        // The same forms, with values that occur in these captures.
        ["b1@h"] = (one, _) => IsNamed(one, "b1@h"),
        ["mismatch"] = (one, _) => IsNamed(one, "mismatch"),
        ["pair ~ \"rabbit*rabbit\" or pair ~ \"a@*b@\""] = (one, _) => Nodes(one) is [var a, var b]
            && ((a.Contains("rabbit", StringComparison.Ordinal) && b.Contains("rabbit", StringComparison.Ordinal))
            || (a.Contains("a@", StringComparison.Ordinal) && b.Contains("b@", StringComparison.Ordinal))),
        ["started > 20:00"] = (one, report) => StartedAfter(one, report, new TimeSpan(20, 0, 0)),
        ["ip == 127.0.1.0/24 and protocol == erlang"] = (one, _) =>
            Text(one["protocol"]) == "erlang" && Hosts(one).Any(host => host.StartsWith("127.0.1.", StringComparison.Ordinal)),
        ["initiator.flags == BIG_CREATION and acceptor.flags != BIG_CREATION"] = (one, _) => List(one["initiator"]!["flags"])
            .Any(flag => Text(flag) == "BIG_CREATION") && List(one["acceptor"]!["flags"]).Any(flag => Text(flag) != "BIG_CREATION"),
        ["messages.fields.status == ok and messages.length > 30"] = (one, _) => List(one["messages"]).Any(message =>
            message["fields"]!["status"]?.ToString() == "ok") && List(one["messages"]).Any(message => (long)message["length"]! > 30),
        ["frame == 7"] = (one, _) => List(one["messages"]).SelectMany(message => List(message["frames"]))
            .Concat(List(one["diagnosis"]!["frames"])).Concat(List(one["anomalies"]).Select(odd => odd["frame"]!))
            .Append(one["lookup"]?["frame"]).Any(frame => frame != null && (long)frame == 7),
        ["port == 4369 or lookup"] = (one, _) => one["lookup"] != null
            || Endpoints(one).Any(endpoint => endpoint.EndsWith(":4369", StringComparison.Ordinal)),
        ["lookup.sinceStart < -1ms"] = (one, _) => one["lookup"] is { } lookup && (decimal)lookup["sinceStart"]! < -0.001m,
        ["connection.closedBy != initiator"] = (one, _) => Text(one["connection"]!["closedBy"]) is not ("" or "initiator"),
        ["open"] = (one, _) => Text(one["outcome"]) == "incomplete" && Text(one["connection"]!["close"]) == "open",
    };

    /// <summary>Expressions that match nothing, because no capture has these nodes or addresses.</summary>
    private static readonly string[] Unseen = ["web2", "pair ~ \"web1*db1\" started > 20:14", "ip == 10.0.4.0/24 and protocol == erlang"];

    private static readonly Lazy<List<(string Capture, CaptureReport Report, JsonNode Json)>> Reports = new(() =>
        [.. from capture in Repository.AllCaptures let report = Analysis.Report(capture, Analysis.TrueCookies(capture))
            select (capture, report, JsonNode.Parse(Analysis.Json(report))!)]);

    public static TheoryData<string> Examples => [.. Loops.Keys];

    private static string Text(JsonNode? node) => (string?)node ?? "";

    private static IEnumerable<JsonNode> List(JsonNode? list) => list == null ? [] : list.AsArray().OfType<JsonNode>();

    private static List<string> Nodes(JsonNode one) =>
        [.. ((string[])["initiator", "acceptor"]).Select(side => Text(one[side]!["node"])).Where(name => name.Length > 0)];

    private static IEnumerable<string> Endpoints(JsonNode one) =>
        ((string[])["initiator", "acceptor"]).Select(side => Text(one[side]!["endpoint"]));

    private static IEnumerable<string> Hosts(JsonNode one) => Endpoints(one).Select(endpoint => endpoint[..endpoint.LastIndexOf(':')]);

    private static List<(string By, string Verdict)> Verdicts(JsonNode one) =>
        [.. List(one["digests"]).Select(digest => (Text(digest["by"]), Text(digest["verdict"])))];

    private static bool IsNamed(JsonNode one, string word) => Nodes(one).Concat(Hosts(one)).Append(Text(one["diagnosis"]!["code"]))
        .Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static bool StartedAfter(JsonNode one, JsonNode report, TimeSpan clock)
    {
        var end = DateTimeOffset.Parse(Text(report["sources"]![0]!["lastPacket"]),
            System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;
        var limit = end.Date + clock;
        if (limit - end > TimeSpan.FromHours(12)) limit -= TimeSpan.FromDays(1);
        return DateTimeOffset.Parse(Text(one["started"]), System.Globalization.CultureInfo.InvariantCulture).UtcDateTime > limit;
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void It_finds_what_a_loop_over_the_json_finds(string expression)
    {
        var where = Handshakes.Parse(expression);
        var (found, all) = (0, 0);
        foreach (var (capture, report, json) in Reports.Value)
        {
            Assert.True(WhereTimeOf(json, out var now));
            var context = new WhereContext { Now = now };
            var matching = report.Handshakes.Where(one => where.Matches(one, context)).Select(one => one.Id).ToList();
            var expected = List(json["handshakes"]).Where(one => Loops[expression](one, json)).Select(one => (int)one["id"]!).ToList();
            Assert.True(expected.SequenceEqual(matching),
                $"{capture}: {string.Join(' ', expected)} expected, {string.Join(' ', matching)} found");
            (found, all) = (found + matching.Count, all + report.Handshakes.Count);
        }
        // An expression that matches everything or nothing would prove little.
        if (Unseen.Contains(expression)) Assert.Equal(0, found);
        else Assert.InRange(found, 1, all - 1);
    }

    [Fact]
    public void The_documentations_examples_are_among_them()
    {
        var block = File.ReadAllText(Path.Combine(Repository.Root, "docs/where.md")).Split("```")[1];
        var examples = block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("    ")[0].Trim()).ToList();
        Assert.Equal(10, examples.Count);
        Assert.All(examples, example => Assert.Contains(example, Loops.Keys));
    }

    private static bool WhereTimeOf(JsonNode json, out long now) =>
        WhereTime.TryParseRfc3339(Text(json["sources"]![0]!["lastPacket"]), out now);
}
