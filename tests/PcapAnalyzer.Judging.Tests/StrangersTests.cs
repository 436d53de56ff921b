using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>What strangers, other programs and bad networks do to a handshake, from bytes on the wire to words for the operator.</summary>
public sealed class StrangersTests
{
    private const string Node = "10.0.0.2:9100";
    private static readonly Dictionary<string, string> Ring = new() { ["prod"] = "right", ["other"] = "another" };

    private static Playbook At(int port, long milliseconds = 0, string acceptor = Node) => new($"10.0.0.1:{port}", acceptor, milliseconds);

    private static Playbook UpToReply(Playbook play, string from = "b@h", string cookie = "right") =>
        play.Connect().Initiator(Name(from)).Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, cookie));

    private static Playbook Asks(string name, byte[] answer, long milliseconds = 0, string asker = "10.0.0.1:30000",
        string epmd = "10.0.0.2:4369") =>
        new Playbook(asker, epmd, milliseconds).Connect().Initiator(Lookup(name)).Acceptor(answer).AcceptorCloses();

    private static CaptureReport Report(params Playbook[] plays) => Playbook.Report(Ring, plays);

    private static void Says(string expected, CaptureReport report) => Assert.Equal(expected, Playbook.Says(report));

    private static string Summary(CaptureReport report) => report.Handshakes[^1].Diagnosis.Summary;

    private static string Found(CaptureReport report) =>
        string.Join("; ", report.Findings.Select(finding => $"{finding.Code.Kebab()} {finding.How} {finding.To} {finding.Times}"));

    [Fact]
    public void A_wrong_proof_under_the_acceptors_name_is_a_wrong_proof()
    {
        var honest = At(1).Erlang("b@h", "a@h").InitiatorCloses();
        Says("established ok proven; authentication-failed cookie-mismatch inferred",
            Report(honest, UpToReply(At(2, 100), "a@h", "a guess").AcceptorCloses()));
        Says("closed same-identity inferred", Report(UpToReply(At(2), "a@h", "a guess").AcceptorCloses()));
        Says("closed same-identity inferred", Report(UpToReply(At(2), "a@h").AcceptorCloses()));
    }

    [Theory]
    [InlineData(7001, "closed peer-silent inferred")]
    [InlineData(5, "authentication-failed cookie-mismatch inferred")]
    public void An_end_long_after_a_proof_is_a_silence(long wait, string says) =>
        Says(says, Report(UpToReply(At(1)).Wait(wait).AcceptorCloses()));

    [Theory]
    [InlineData(300, "simultaneous-connect")]
    [InlineData(8000, "name-in-use")]
    public void A_dial_soon_after_nok_was_simultaneous(long later, string code)
    {
        var refused = At(1).Connect().Initiator(Name("b@h")).Acceptor(Status("nok")).AcceptorCloses();
        var back = new Playbook("10.0.0.2:50001", "10.0.0.1:9200", later).Erlang("a@h", "b@h");
        Assert.Equal(code, Report(refused, back).Handshakes[0].Diagnosis.Code.Kebab());
    }

    [Fact]
    public void A_lookup_that_is_open_at_nok_was_simultaneous()
    {
        var refused = At(1).Connect().Initiator(Name("b@h")).Acceptor(Status("nok")).AcceptorCloses();
        var lookup = Asks("b", ErlangBytes.Found("b", 9200), 1, "10.0.0.2:30000", "10.0.0.1:4369");
        Says("rejected simultaneous-connect proven", Report(refused, lookup));
        Says("rejected name-in-use inferred", Report(refused));
    }

    [Fact]
    public void An_old_session_that_makes_way_is_no_duplicate()
    {
        var old = At(1).Erlang("b@h", "a@h").Wait(60_000).InitiatorCloses();
        var next = At(2, 59_900).Erlang("b@h", "a@h").Initiator([0, 0, 0, 0]).Wait(5000);
        Says("established ok proven; established ok proven", Report(old, next));
    }

    [Theory]
    [InlineData("AMQP\0\0\u0009\u0001", "AMQP")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP")]
    [InlineData("-ERR wrong number of arguments\r\n", "Redis")]
    [InlineData("\u0001\u0002\u0003 nobody knows", "bytes of another protocol")]
    public void Another_program_that_answers_a_name_is_named(string answer, string name)
    {
        var bytes = answer.Select(letter => (byte)letter).ToArray();
        var report = Report(At(1).Connect().Initiator(Name("b@h")).Acceptor(bytes).AcceptorCloses());
        Says("protocol-violation wrong-service proven", report);
        Assert.Contains($"{name} answered", Summary(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_greets_first_is_named_when_a_node_dials_it()
    {
        var greeting = "SSH-2.0-OpenSSH_9.6\r\n"u8.ToArray();
        var report = Report(At(1).Connect().Acceptor(greeting).Initiator(Name("b@h")).InitiatorCloses());
        Says("protocol-violation wrong-service proven", report);
        Assert.Contains("SSH answered", Summary(report), StringComparison.Ordinal);
        Assert.Empty(Report(At(1).Connect().Acceptor(greeting).Initiator("SSH-2.0-me\r\n"u8.ToArray())).Handshakes);
    }

    [Fact]
    public void EPMD_requests_at_a_nodes_own_port_are_counted()
    {
        byte[] names = [0, 1, 110];
        var report = Report([.. Enumerable.Range(1, 3).Select(n => At(n, n * 600).Connect().Initiator(names).AcceptorCloses())]);
        Assert.Equal($"epmd-at-node-port no-reply {Node} 3", Found(report));
        Assert.DoesNotContain("frozen", report.Findings[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_EPMD_told_and_nobody_dialled_is_a_finding()
    {
        var lookup = Asks("a", ErlangBytes.Found("a", 9100));
        var other = Asks("zzz", NotFound, 12_000);
        Assert.StartsWith($"not-dialled not-dialled {Node} 1", Found(Playbook.Report(Ring, lookup, other)).Split("; ")[^1],
            StringComparison.Ordinal);
        Assert.DoesNotContain("not-dialled", Found(Report(lookup, other, At(1, 20).Erlang("b@h", "a@h"))), StringComparison.Ordinal);
        Assert.Equal("", Found(Report(lookup))); // the capture ends at once
    }

    [Theory]
    [InlineData(3, false, "unreachable arp-unanswered 10.0.0.9:0 3")]
    [InlineData(2, false, "")]
    [InlineData(3, true, "")]
    public void ARP_requests_without_an_answer_are_a_finding(int requests, bool isAnswered, string found)
    {
        var analysis = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), null);
        void Accept(int number, byte operation, byte from, byte to)
        {
            byte[] frame = [.. new byte[12], 8, 6, 0, 1, 8, 0, 6, 4, 0, operation, .. new byte[6], 10, 0, 0, from, .. new byte[6], 10, 0, 0,
                to];
            analysis.Accept(new Frame(number, number * 1_000_000_000L, LinkLayer.En10Mb, frame, frame.Length));
        }
        for (var n = 1; n <= requests; n++) Accept(n, 1, 1, 9);
        if (isAnswered) Accept(9, 2, 9, 1);
        analysis.Finish();
        Assert.Equal(found, Found(ReportBuilder.Build([new AnalyzedCapture(analysis.Cluster, null)])));
    }

    [Fact]
    public void A_FIN_before_the_name_has_nothing_to_do_with_the_name() =>
        Says("closed peer-closed proven", Report(At(1).Connect().AcceptorCloses().Initiator(Name("b@h"))));

    [Fact]
    public void Control_characters_in_a_name_are_shown_by_number()
    {
        Says("established ok proven", Report(At(1).Erlang("ev\u001bil@h", "a@h")));
        var refused = Report(At(1).Connect().Initiator(Name("e\nv@h")).Acceptor(Status("nok")).AcceptorCloses());
        Says("rejected name-malformed inferred", refused);
        Assert.Contains("e\\u000av@h", Summary(refused), StringComparison.Ordinal);
        var unknown = Report(At(1).Connect().Initiator(Name("b@h")).Acceptor(Status("bad\u001b[31m")).InitiatorCloses());
        Says("closed unknown-status proven", unknown);
        Assert.Contains("bad\\u001b[31m", Summary(unknown), StringComparison.Ordinal);
    }

    [Fact]
    public void Cookies_that_each_side_holds_for_the_other_are_crossed()
    {
        var (b, a) = (At(1).Erlang("b@h", "c@h", "right"), At(2, 100, "10.0.0.3:9100").Erlang("a@h", "c@h", "another"));
        var crossed = At(3, 200).Erlang("b@h", "a@h", "another", "right").InitiatorCloses();
        Assert.Equal("authentication-failed cookie-crossed",
            Playbook.Says(Report(b, a, crossed)).Split("; ")[^1].Replace(" proven", "", StringComparison.Ordinal));
        var alone = Report(crossed);
        Says("authentication-failed cookie-mismatch proven", alone);
        Assert.Contains("set_cookie/2", alone.Handshakes[0].Diagnosis.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_that_succeeded_a_moment_before_is_the_best_clue()
    {
        var report = Report(At(1).Erlang("b@h", "a@h").InitiatorCloses(), UpToReply(At(2, 3000), cookie: "another").AcceptorCloses());
        Assert.Contains("before, the two had accepted each other", Summary(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_EPMD_forgot_right_after_its_connection_ended_has_stopped()
    {
        var report = Report(At(1).Erlang("b@h", "a@h").Wait(1000).AcceptorCloses(), Asks("a", NotFound, 3000));
        Assert.Contains("it stopped or died", Assert.Single(report.Findings).Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("stopped", Assert.Single(Report(Asks("a", NotFound)).Findings).Summary, StringComparison.Ordinal);
    }

    /// <summary>A router or kernel dropped it; the acceptor answered the name that came in its place.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(300)]
    public void Junk_in_the_place_of_the_name_does_not_hide_the_handshake(int length)
    {
        var play = At(1).Connect().Initiator(Name("b@h"));
        var real = play.Packets[^1];
        play.Add(real with { Payload = [.. Enumerable.Repeat((byte)0xEE, length)], Time = real.Time - 1 });
        play.Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right")).InitiatorCloses();
        Says("established ok proven", Report(play));
    }

    /// <summary>
    /// One copy of the acceptor's status says <c>not_allowed</c>, the other <c>ok</c>: everything after it fits <c>ok</c> only.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_forged_status_does_not_hide_what_both_sides_went_on_with(bool isForgedFirst)
    {
        var play = At(1).Connect().Initiator(Name("b@h")).Acceptor(Status());
        var real = play.Packets[^1];
        var forged = real with { Payload = Status("not_allowed"), Time = real.Time + (isForgedFirst ? -1 : 1) };
        play.Add(forged).Acceptor(Challenge("a@h", 42)).Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right")).Initiator([0, 0, 0, 0])
            .InitiatorCloses();
        var report = Report(play);
        Says("established ok proven", report);
        Assert.Equal("ok", report.Handshakes[0].Status);
        Assert.Contains(report.Handshakes[0].Facts.Transfer, one => one.Kind == TransferEventKind.DifferentCopy);
    }

    /// <summary>Nothing but the two copies speaks for either: the first stands, and is called contested.</summary>
    [Fact]
    public void A_disputed_status_that_nothing_bears_out_stays_as_it_came()
    {
        var play = At(1).Connect().Initiator(Name("b@h")).Acceptor(Status("not_allowed"));
        var real = play.Packets[^1];
        var report = Report(play.Add(real with { Payload = Status(), Time = real.Time + 1 }).AcceptorCloses());
        Assert.Equal(Outcome.Rejected, report.Handshakes[0].Outcome);
    }

    [Fact]
    public void Equal_violations_are_one_line_with_their_number()
    {
        byte[] empty = [0, 0];
        var text = Analysis.Text(Report(At(1).Connect().Initiator(Name("b@h"), [.. Enumerable.Repeat(empty, 40).SelectMany(bytes => bytes)])
            .AcceptorCloses()));
        Assert.Contains("40 times, the first in frame 4", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line.Contains("! malformed-message", StringComparison.Ordinal));
    }

    [Fact]
    public void A_clock_that_goes_back_gives_no_negative_times()
    {
        var play = At(1).Connect().Initiator(Name("b@h")).Wait(-7_200_000).Acceptor(Status(), Challenge("a@h", 42)).AcceptorCloses();
        var report = ReportBuilder.Build([new AnalyzedCapture(Trace.Cluster(play.Packets), null)]);
        var handshake = Assert.Single(report.Handshakes);
        Assert.All(handshake.Messages, message => Assert.True(message.SinceStart >= 0));
        Assert.True(handshake.Duration >= 0);
    }

    [Fact]
    public void A_copy_of_a_whole_connection_by_another_clock_is_not_another_attempt()
    {
        var play = At(1).Erlang("b@h", "a@h").InitiatorCloses().AcceptorCloses().Send(true, TcpFlags.Ack, []);
        var copies = play.Packets.Select(packet => packet with { Time = packet.Time + 5_000_000_000 }).ToList();
        foreach (var copy in copies) play.Add(copy);
        Says("established ok proven", Report(play));
    }

    [Fact]
    public void A_recognised_handshake_is_given_up_last()
    {
        var plays = new List<TracePacket>();
        var handshake = At(1).Erlang("b@h", "a@h").Packets;
        plays.AddRange(handshake.Take(4));
        for (var n = 0; n < 200; n++)
            plays.AddRange(new Playbook($"10.1.0.{n}:4000", startMilliseconds: 10).Connect().Initiator(TlsHello[..5]).Packets);
        plays.AddRange(handshake.Skip(4));
        var options = Analysis.Options with { Connections = new ConnectionLimits { MaxConnectionsRead = 20 } };
        var cluster = Trace.Cluster(plays, new CookieRing([Cookie.FromText("prod", "right")]), options);
        Says("established ok proven", ReportBuilder.Build([new AnalyzedCapture(cluster, null)]));
    }
}
