using System.Text;
using System.Text.Json;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.SessionFacts;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>What reports say of sessions and splits, from facts made by hand.</summary>
public sealed class SessionReportTests
{
    private static JsonElement Json(CaptureReport report) => JsonDocument.Parse(Analysis.Json(report)).RootElement;

    private static string Text(CaptureReport report, TextDetail detail = TextDetail.Normal, int? width = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        TextReport.Write(report, output, new TextStyle(Colour: false, detail) { Width = width });
        return output.ToString();
    }

    private static List<JsonElement> Lines(byte[] output) =>
        [.. Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)];

    [Fact]
    public void A_report_without_sessions_has_empty_lists()
    {
        var json = Json(Report(Cluster(10)));
        Assert.Equal((0, 0), (json.GetProperty("sessions").GetArrayLength(), json.GetProperty("splits").GetArrayLength()));
    }

    [Fact]
    public void Sessions_of_two_captures_are_numbered_on_and_name_their_source()
    {
        var sessions = Json(Report(Cluster(41, Of(1, "a@h1", "b@h2"), Of(2, "a@h1", "c@h3")), Cluster(41, Of(1, "a@h1", "b@h2"))))
            .GetProperty("sessions").EnumerateArray()
            .Select(one => (one.GetProperty("id").GetInt32(), one.GetProperty("source").GetInt32()));
        Assert.Equal([(1, 1), (2, 1), (3, 2)], sessions);
    }

    [Fact]
    public void A_split_names_its_sessions_by_their_numbers_in_the_report()
    {
        var split = Json(Report(Cluster(280, Split()))).GetProperty("splits")[0];
        Assert.Equal("path-dead", split.GetProperty("cause").GetProperty("code").GetString());
        Assert.Equal(1, split.GetProperty("cause").GetProperty("session").GetInt32());
        Assert.Equal([1, 2], split.GetProperty("sessions").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(["api@db-1", "jobs@db-2,web@db-3"], split.GetProperty("groups").EnumerateArray()
            .Select(group => string.Join(',', group.EnumerateArray().Select(node => node.GetString()))));
        Assert.False(split.TryGetProperty("healed", out _));
    }

    [Fact]
    public void A_session_that_a_FIN_ends_tells_whose_it_is()
    {
        var session = Json(Report(Cluster(60, Of(1, "a@h1", "b@h2").ClosedBy(Role.Acceptor, 41)))).GetProperty("sessions")[0];
        Assert.Equal(("fin", "acceptor"), (session.GetProperty("close").GetString(), session.GetProperty("closedBy").GetString()));
        Assert.True(session.GetProperty("startMissing").GetBoolean());
        Assert.False(session.TryGetProperty("handshake", out _));
        Assert.Equal(1.0, session.GetProperty("fromInitiator").GetProperty("silenceAtEnd").GetDouble());
        Assert.Equal(41.0, session.GetProperty("duration").GetDouble());
    }

    [Fact]
    public void A_reset_with_a_foreign_time_to_live_is_the_networks()
    {
        var session = Of(1, "a@h1", "b@h2");
        var end = new SessionEnd(Role.Acceptor, true, 90, At(40)) { Ttl = 62 };
        session = session with { FromAcceptor = session.FromAcceptor with { End = end } };
        var json = Json(Report(Cluster(60, session))).GetProperty("sessions")[0];
        Assert.Equal(("rst", "network"), (json.GetProperty("close").GetString(), json.GetProperty("closedBy").GetString()));
    }

    [Fact]
    public void A_redacted_report_names_no_node_and_no_process()
    {
        var sessions = Split();
        var secret = new Dictionary<string, long> { ["ledger_of_acme"] = 1, ["rex"] = 1 };
        sessions[0] = sessions[0] with
        {
            FromInitiator = sessions[0].FromInitiator with { Destinations = secret },
            Notices = [new SessionNotice(SessionNoticeKind.LostConnection, Role.Initiator, At(50), 7, "web@db-3", "api@db-1"),
                new SessionNotice(SessionNoticeKind.CallUnanswered, Role.Initiator, At(51), 8, "AskAcme")],
        };
        var report = Report(Cluster(280, new Pseudonyms(), sessions));
        foreach (var text in (string[])[Analysis.Json(report), Text(report, TextDetail.Verbose)])
            Assert.All((string[])["api", "jobs", "web@", "db-", "acme", "Acme"],
                name => Assert.DoesNotContain(name, text, StringComparison.Ordinal));
        Assert.Contains("node-1@host-1", Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_begins_with_the_split_and_lists_healthy_sessions_in_a_table()
    {
        var text = Text(Report(Cluster(280, Split())));
        Assert.StartsWith("◇ split 1 2026-11-30T21:11:27.000000Z  api@db-1 | jobs@db-2, web@db-3  path-dead  not healed\n", text,
            StringComparison.Ordinal);
        Assert.Contains("\n◷ session #1 ", text, StringComparison.Ordinal);
        Assert.Contains("\n✓ 1 session is healthy:\n    #3  web@db-3 → jobs@db-2  280.000 s  140 ticks → 140 ←  1 messages → 1 ←\n", text,
            StringComparison.Ordinal);
        Assert.Contains("3 sessions: 1 healthy, 2 path-dead.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_quiet_text_has_one_line_for_each_session_that_is_not_healthy()
    {
        var lines = Text(Report(Cluster(280, Split())), TextDetail.Quiet).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["◇ split", "◷ session", "◷ session", "✓ 1"], lines.Select(line => string.Join(' ', line.Split(' ').Take(2))));
    }

    [Fact]
    public void Sentences_of_sessions_wrap_to_the_width()
    {
        var sentences = Text(Report(Cluster(280, Split())), width: 80).Split('\n')
            .Where(line => line.StartsWith("    ", StringComparison.Ordinal) && !line.Contains("net_ticktime ", StringComparison.Ordinal)
            && !line.Contains("←", StringComparison.Ordinal) && !line.Contains(", 30 ticks", StringComparison.Ordinal));
        Assert.All(sentences, line => Assert.True(CellText.Width(line) <= 80, line));
    }

    [Fact]
    public void Sessions_that_repeat_are_one_with_their_number()
    {
        var sessions = Enumerable.Range(1, 6)
            .Select(number => Of(number, "a@h1", "b@h2", number * 10, number * 10 + 4).ClosedBy(Role.Initiator, number * 10 + 5));
        var text = Text(Report(Cluster(80, [.. sessions])));
        Assert.Contains("… and 4 more of the same: session #2 to #5", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_selection_lists_only_sessions_that_match_and_no_split()
    {
        var report = Report(Cluster(280, Split())) with { Selection = new Selection("none", _ => false, (_, _) => false) };
        Assert.Empty(report.ListedSessions);
        Assert.DoesNotContain("split", Text(report), StringComparison.Ordinal);
        Assert.Equal(3, report.Sessions.Count);
    }

    [Fact]
    public void JSON_lines_have_no_split_when_handshakes_are_selected()
    {
        var cluster = Cluster(280, Split());
        List<JsonElement> Told(Selection? selection)
        {
            using var output = new MemoryStream();
            new JsonLines(cluster, output, selection: selection).Finish(Report(cluster));
            return Lines(output.ToArray());
        }
        Assert.Contains(Told(null), line => line.TryGetProperty("split", out _));
        Assert.Empty(Told(new Selection("none", _ => false, (_, _) => false)));
    }

    [Fact]
    public void JSON_lines_tell_a_session_again_only_when_it_changed()
    {
        using var output = new MemoryStream();
        var cluster = Cluster(44, Of(1, "a@h1", "b@h2"));
        var lines = new JsonLines(cluster, output);
        lines.Advance(At(44));
        lines.Advance(At(44.5)); // too early to look again
        cluster.Tell(new CaptureTotals { Number = 1, LastTime = At(46) });
        lines.Advance(At(46));
        lines.Finish(Report(cluster));
        var told = Lines(output.ToArray()).ConvertAll(line => line.GetProperty("session"));
        Assert.Equal([(1, "healthy"), (2, "open-silent")],
            told.Select(one => (one.GetProperty("revision").GetInt32(), one.GetProperty("diagnosis").GetProperty("code").GetString())));
    }

    [Fact]
    public void The_last_JSON_line_of_each_id_equals_the_report()
    {
        using var output = new MemoryStream();
        var cluster = Cluster(280, Split());
        var report = Report(cluster);
        new JsonLines(cluster, output).Finish(report);
        var (lines, json) = (Lines(output.ToArray()), Json(report));
        Assert.Equal(json.GetProperty("sessions").EnumerateArray().Select(one => JsonSerializer.Serialize(one)),
            lines.Where(line => line.TryGetProperty("session", out _))
                .Select(line => JsonSerializer.Serialize(line.GetProperty("session"))));
        Assert.Equal(JsonSerializer.Serialize(json.GetProperty("splits")[0]), JsonSerializer.Serialize(lines[^1].GetProperty("split")));
    }

    [Fact]
    public void Text_of_a_live_capture_tells_a_silence_while_it_lasts()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var cluster = Cluster(41, Of(1, "a@h1", "b@h2"));
        var live = new LiveText(cluster, output, new TextStyle(Colour: false, TextDetail.Quiet));
        live.Advance(At(41));
        Assert.Equal("", output.ToString());
        cluster.Tell(new CaptureTotals { Number = 1, LastTime = At(46) });
        live.Advance(At(46));
        live.Advance(At(48));
        Assert.Equal("◐ session #1 2026-11-30T21:10:20.000000Z  a@h1 → b@h2  open-silent  40.000 s\n", output.ToString());
    }
}
