using System.Text;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>What a filter selects in a capture with sessions.</summary>
public sealed class WhereSessionTests
{
    /// <summary>
    /// Handshake and session 1 of a and b, healthy; 2 of a and c, frozen; handshake 3 of d and b, refused; session 3, midstream.
    /// </summary>
    private static readonly IReadOnlyList<TracePacket> Packets = Make();

    private static List<TracePacket> Make()
    {
        var healthy = new Playbook().Handshake("a@h1", "b@h2", "right");
        var frozen = new Playbook("10.0.0.1:50001", "10.0.0.3:4400", 1).Handshake("a@h1", "c@h3", "right");
        for (var i = 1; i < 5; i++)
        {
            healthy.Wait(3000).Initiator(TrafficBytes.Ping(3000 * i)).Acceptor(TrafficBytes.Pong(3000 * i), TrafficBytes.Ping(3000 * i))
                .Initiator(TrafficBytes.Pong(3000 * i));
            frozen.Wait(3000).Initiator(TrafficBytes.Ping(3000 * i));
            if (i == 1) frozen.Acceptor(TrafficBytes.Pong(3000), TrafficBytes.Ping(3000)).Initiator(TrafficBytes.Pong(3000));
            else frozen.Send(false, TcpFlags.Ack, []);
        }
        var refused = new Playbook("10.0.0.4:50001", "10.0.0.2:4400", 2).Connect().Initiator(RactorBytes.Name("d@h4"))
            .Acceptor(RactorBytes.Status(3)).AcceptorCloses().InitiatorCloses();
        var midstream = new Playbook("10.0.0.5:50001", "10.0.0.6:4400", 3).Initiator(TrafficBytes.Ping(90_000))
            .Acceptor(TrafficBytes.Pong(90_000));
        return [.. new[] { healthy, frozen, refused, midstream }.SelectMany(play => play.Packets).OrderBy(packet => packet.Time)];
    }

    private static Selection Select(string expression)
    {
        var where = Handshakes.Parse(expression);
        return new Selection(expression, handshake => where.Matches(handshake, Handshakes.Context),
            (session, handshake) => where.Matches(session, handshake, Handshakes.Context));
    }

    private static CaptureReport Report(string expression) =>
        Trace.Report(Packets, CookieRing.Empty) with { Selection = Select(expression) };

    [Theory]
    [InlineData("code == peer-frozen", "", "2")]
    [InlineData("session.code == \"peer-frozen\"", "", "2")]
    [InlineData("session.code != peer-frozen", "", "1 3")]
    [InlineData("session", "", "1 2 3")]
    [InlineData("not session", "1 2 3", "")]
    [InlineData("silence > 5s", "", "2 3")]
    [InlineData("startMissing", "", "3")]
    [InlineData("fromInitiator.messages > 5", "", "1")]
    [InlineData("events.kind == silence", "", "2 3")]
    [InlineData("node == b@h2", "1", "1")]
    [InlineData("c@h3", "2", "2")]
    [InlineData("ip == 10.0.0.6", "", "3")]
    [InlineData("protocol == ractor", "1 2 3", "1 2 3")]
    [InlineData("outcome == established", "1 2", "1 2")]
    [InlineData("outcome == established and session.code == healthy", "", "1")]
    [InlineData("outcome == rejected or close == open", "3", "1 2 3")]
    [InlineData("problem", "3", "2")]
    public void Fields_select_handshakes_sessions_or_both(string expression, string handshakes, string sessions)
    {
        var report = Report(expression);
        Assert.Equal((handshakes, sessions), (string.Join(' ', report.Handshakes.Select(one => one.Id)),
            string.Join(' ', report.ListedSessions.Select(one => one.Id).Order())));
    }

    [Fact]
    public void Text_JSON_and_JSON_lines_list_the_same_sessions()
    {
        var report = Report("code == peer-frozen");
        Assert.Contains("session #2", Analysis.Text(report), StringComparison.Ordinal);
        Assert.DoesNotContain("healthy:", Analysis.Text(report), StringComparison.Ordinal);
        using var json = System.Text.Json.JsonDocument.Parse(Analysis.Json(report));
        Assert.Equal([2], json.RootElement.GetProperty("sessions").EnumerateArray().Select(one => one.GetProperty("id").GetInt32()));
        using var output = new MemoryStream();
        var cluster = Trace.Cluster(Packets);
        new JsonLines(cluster, output, selection: Select("code == peer-frozen")).Finish(Trace.Report(Packets, CookieRing.Empty));
        var line = Assert.Single(Encoding.UTF8.GetString(output.ToArray()).TrimEnd().Split('\n'));
        Assert.StartsWith("{\"session\":{\"id\":2,", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_of_a_redacted_report_are_selected_by_their_real_names()
    {
        var analyzed = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), null, new Pseudonyms());
        long number = 0;
        foreach (var packet in Packets)
        {
            var bytes = packet.ToDatagram();
            analyzed.Accept(new Frame(++number, packet.Time, LinkLayer.Raw, bytes, bytes.Length));
        }
        analyzed.Finish();
        var report = ReportBuilder.Build([new AnalyzedCapture(analyzed.Cluster, null)]) with { Selection = Select("session.node == c@h3") };
        Assert.Equal([2], report.ListedSessions.Select(one => one.Id));
        Assert.DoesNotContain("c@h3", Analysis.Json(report), StringComparison.Ordinal);
    }
}
