using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.RactorBytes;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>Rows R1 to R11 and the rules of judgement, each from bytes on the wire to words for the operator.</summary>
public sealed class JudgeTests
{
    private static readonly Dictionary<string, string> Ring = new() { ["prod"] = "right", ["old"] = "wrong" };
    private static readonly Dictionary<string, string> Foreign = new() { ["other"] = "nobody's" };
    private static readonly Dictionary<string, string> None = [];

    private static Playbook UpToReply(string cookie = "wrong", string from = "b@h", string to = "a@h", string at = "localhost:4401",
        string listening = "localhost:4400") =>
        new Playbook().Connect().Initiator(Name(from, at)).Acceptor(Status(), Challenge(to, 42, listening)).Initiator(Reply(7, 42, cookie));

    private static void Says(string expected, CaptureReport report) => Assert.Equal(expected, Playbook.Says(report));

    private static string Summary(CaptureReport report) => report.Handshakes[^1].Diagnosis.Summary;

    [Fact]
    public void Both_proofs_by_one_cookie_are_ok()
    {
        var report = Playbook.Report(Ring, new Playbook().Handshake("b@h", "a@h", "right").Initiator(Ready()));
        Says("established ok proven", report);
        Assert.Equal("b@h and a@h both proved cookie prod.", Summary(report));
    }

    [Fact]
    public void Without_the_cookie_nothing_is_proven_wrong()
    {
        Says("established unverified proven", Playbook.Report(None, new Playbook().Handshake("b@h", "a@h", "right")));
        Says("established cookie-not-given proven", Playbook.Report(Foreign, new Playbook().Handshake("b@h", "a@h", "right")));
        Says("authentication-failed cookie-mismatch inferred", Playbook.Report(None, UpToReply().AcceptorCloses()));
        Says("authentication-failed cookie-mismatch inferred", Playbook.Report(Foreign, UpToReply().AcceptorCloses()));
    }

    /// <summary>The step at this place among the packets is sent again with other bytes.</summary>
    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(3, false)]
    public void Proofs_that_were_sent_twice_are_not_reported_absent(int place, bool matters)
    {
        var play = new Playbook().Handshake("b@h", "a@h", "right");
        var real = play.Packets[place];
        byte[] payload = [.. real.Payload];
        payload[^1] ^= 1;
        var report = Playbook.Report(Ring, play.Initiator(Ready()).Add(real with { Payload = payload, Time = real.Time + 1 }));
        Assert.Equal(
            matters ? "b@h and a@h accepted each other; a challenge or proof was sent twice with different content, "
                + "and which copy the node took cannot be known." : "b@h and a@h both proved cookie prod.",
            Summary(report));
    }

    [Fact]
    public void Proofs_whose_messages_were_not_captured_are_reported_absent()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42)).LoseLast()
            .Initiator(Reply(7, 42, "right")).LoseLast().Acceptor(Ack(7, "right"));
        Assert.EndsWith("; their proofs are not in the capture with their challenges.",
            Summary(Playbook.Report(Ring, play.Initiator(Ready()))), StringComparison.Ordinal);
    }

    [Fact]
    public void R1_the_initiators_cookie_is_wrong()
    {
        var report = Playbook.Report(Ring, UpToReply().AcceptorCloses());
        Says("authentication-failed cookie-mismatch inferred", report);
        Assert.Equal("a@h refused the proof of b@h: b@h used cookie old, and a@h expects a different cookie.", Summary(report));
    }

    [Fact]
    public void R1_is_proven_when_the_acceptor_proved_another_cookie_to_the_node()
    {
        var later = new Playbook("10.0.0.1:50001", startMilliseconds: 60_000).Handshake("b@h", "a@h", "right").Initiator(Ready());
        Says("authentication-failed cookie-mismatch proven; established ok proven",
            Playbook.Report(Ring, UpToReply().AcceptorCloses(), later));
    }

    [Fact]
    public void R1_is_inferred_when_the_acceptor_proved_this_cookie_too()
    {
        Playbook Whole(int at, string cookie) => new Playbook($"10.0.0.1:{at}", startMilliseconds: at).Handshake("b@h", "a@h", cookie)
            .Initiator(Ready()).InitiatorCloses().AcceptorCloses();
        var ended = new Playbook(startMilliseconds: 60_000).Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42))
            .Initiator(Reply(7, 42, "wrong")).AcceptorCloses();
        Says("established ok proven; established ok proven; authentication-failed cookie-mismatch inferred",
            Playbook.Report(Ring, Whole(1000, "right"), Whole(9000, "wrong"), ended));
    }

    /// <summary>Several queues of an interface, or several interfaces, are captured in an order of their own.</summary>
    [Fact]
    [HardCase("FIN captured before what it acknowledges")]
    public void A_FIN_that_acknowledges_later_bytes_was_sent_after_them()
    {
        Says("established ok proven", LastTwoSwapped(new Playbook().Handshake("b@h", "a@h", "right").InitiatorCloses()));
        Says("authentication-failed cookie-mismatch inferred", LastTwoSwapped(UpToReply().AcceptorCloses().InitiatorCloses()));
        Says("closed peer-closed proven", LastTwoSwapped(UpToReply().AcceptorCloses().InitiatorResets()));
    }

    private static CaptureReport LastTwoSwapped(Playbook play)
    {
        var (first, second) = (play.Packets[^2], play.Packets[^1]);
        return Playbook.Report(Ring, play.Packets.SkipLast(2).Append(second with { Time = first.Time })
            .Append(first with { Time = second.Time }).Aggregate(new Playbook(), (changed, packet) => changed.Add(packet)));
    }

    [Fact]
    [HardCase("FIN with data, FIN sent again")]
    public void A_FIN_that_data_contradicts_ended_nothing()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h"));
        play.Add(play.Packets[^1] with
        {
            Flags = TcpFlags.Fin | TcpFlags.Ack,
            Sequence = play.Packets[^1].Sequence + (uint)play.Packets[^1].Payload.Length,
            Payload = []
        });
        play.Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right")).Initiator(Ready());
        Says("established ok proven", Playbook.Report(Ring, play));
        Assert.Equal(Closing.Open, Playbook.Report(Ring, play).Handshakes[0].Close);
        var report = Playbook.Report(Ring, play.Wait(5000).InitiatorCloses());
        Assert.Equal((1, Role.Initiator), (report.Handshakes[0].Left.Count, report.Handshakes[0].Connection.FirstLeft!.By));
        Assert.True(report.Handshakes[0].Since(report.Handshakes[0].Left[0].Time) > 5_000_000_000);
    }

    /// <summary>
    /// A sender counts its FIN in later sequence numbers. An acknowledgement of later bytes that stands in the FIN's place shows that the
    /// FIN was forged.
    /// </summary>
    [Fact]
    [HardCase("FIN with data, FIN sent again")]
    public void A_FIN_that_an_acknowledgement_contradicts_ended_nothing()
    {
        var play = UpToReply("right");
        play.Add(play.Packets[^1] with
        {
            Flags = TcpFlags.Fin | TcpFlags.Ack,
            Sequence = play.Packets[^1].Sequence + (uint)play.Packets[^1].Payload.Length,
            Payload = []
        });
        play.Acceptor(Ack(7, "right"));
        Says("closed peer-silent proven", Playbook.Report(Ring, play));
        Says("established ok proven", Playbook.Report(Ring, play.Send(true, TcpFlags.Ack, [])));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(70_000, false)]
    [HardCase("port reuse with any ISN, a lower one too")]
    public void A_handshake_on_reused_ports_without_its_SYN_is_another(int later, bool hasAnswer)
    {
        var first = new Playbook().Handshake("b@h", "a@h", "right").InitiatorCloses().AcceptorCloses().Send(true, TcpFlags.Ack, []);
        var second = new Playbook(startMilliseconds: 10 + later).Handshake("b@h", "a@h", "right").Renumbered(77_000)
            .Skip(hasAnswer ? 1 : 2);
        Says("established ok proven; established ok proven",
            Playbook.Report(Ring, first, second.Aggregate(new Playbook(), (play, packet) => play.Add(packet))));
    }

    [Fact]
    public void R2_the_acceptors_proof_is_wrong()
    {
        var play = new Playbook().Handshake("b@h", "a@h", "right", acceptorCookie: "wrong");
        var report = Playbook.Report(Ring, play.InitiatorCloses());
        Says("authentication-failed cookie-mismatch proven", report);
        Assert.Equal("The cookies of b@h and a@h differ: b@h used cookie prod, a@h used cookie old. b@h closed.", Summary(report));
    }

    [Fact]
    public void R2_is_inferred_when_the_initiator_goes_on() => Says(
        "authentication-failed cookie-mismatch inferred",
        Playbook.Report(Ring, new Playbook().Handshake("b@h", "a@h", "right", acceptorCookie: "wrong").Initiator(Ready())
            .InitiatorCloses()));

    [Theory]
    [InlineData("a@h", "a@h", "localhost:4401")]
    [InlineData("b@h", "a@h", "localhost:4400")]
    public void R3_a_node_that_reached_itself_is_not_a_wrong_cookie(string from, string to, string at) =>
        Says("closed same-identity inferred", Playbook.Report(Ring, UpToReply("right", from, to, at).AcceptorCloses()));

    [Fact]
    public void R4_a_duplicate_is_refused_with_NOT_OK() => Says(
        "rejected duplicate-connection proven",
        Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(2)).AcceptorCloses()));

    [Fact]
    public void R4_a_duplicate_is_closed_after_its_proof_while_another_is_open()
    {
        var sibling = new Playbook("10.0.0.1:50001").Handshake("b@h", "a@h", "right").Initiator(Ready()).Wait(5000).InitiatorCloses();
        Says("established ok proven; closed duplicate-connection inferred",
            Playbook.Report(Ring, sibling, UpToReply("right").AcceptorCloses()));
    }

    [Fact]
    public void R4_an_initiators_proof_elsewhere_says_nothing_of_the_acceptor()
    {
        var sibling = new Playbook("10.0.0.1:50001").Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 43))
            .Initiator(Reply(8, 43, "wrong")).AcceptorCloses();
        Says(
            "authentication-failed cookie-mismatch inferred; authentication-failed cookie-mismatch inferred",
            Playbook.Report(Ring, UpToReply().AcceptorCloses(), sibling));
    }

    [Fact]
    public void R4_an_established_duplicate_is_dropped_for_the_other()
    {
        var first = new Playbook("10.0.0.1:50001").Handshake("b@h", "a@h", "right").Initiator(Ready()).Wait(5000).InitiatorCloses();
        var second = new Playbook().Wait(1).Handshake("b@h", "a@h", "right", challenge: 43).AcceptorCloses();
        Says("established ok proven; established duplicate-connection inferred", Playbook.Report(Ring, first, second));
    }

    /// <summary>
    /// Both legs of a proxy or of an address translation are in the capture: one handshake, and no other that it was dropped for.
    /// </summary>
    [Theory]
    [InlineData("10.0.0.9:41000", "10.0.0.2:4400")]
    [InlineData("10.0.0.1:50000", "10.0.0.3:4400")]
    [InlineData("10.0.0.9:41000", "10.0.0.3:4400")]
    public void R4_one_handshake_captured_twice_is_not_a_duplicate(string initiator, string acceptor)
    {
        var near = new Playbook().Handshake("b@h", "a@h", "right").Initiator(Ready()).AcceptorCloses();
        var far = new Playbook(initiator, acceptor).Wait(1).Handshake("b@h", "a@h", "right").Initiator(Ready()).AcceptorCloses();
        Says("established ok proven; established ok proven", Playbook.Report(Ring, near, far));
    }

    /// <summary>A challenge alone may be the same by chance, or by a poor source of them.</summary>
    [Theory]
    [InlineData(43, 7)]
    [InlineData(42, 8)]
    public void R4_a_handshake_with_another_challenge_is_another_handshake(uint challenge, uint own)
    {
        var kept = new Playbook("10.0.0.1:50001").Wait(1).Handshake("b@h", "a@h", "right").Initiator(Ready()).Wait(5000).InitiatorCloses();
        var dropped = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", challenge))
            .Initiator(Reply(own, challenge, "right")).Acceptor(Ack(own, "right"))
            .Wait(2).AcceptorCloses();
        Says("established duplicate-connection inferred; established ok proven", Playbook.Report(Ring, dropped, kept));
    }

    [Fact]
    public void R4_a_connection_that_ended_earlier_was_not_dropped_for_the_next()
    {
        var first = new Playbook("10.0.0.1:50001").Handshake("b@h", "a@h", "right").Initiator(Ready()).Wait(1000).InitiatorCloses();
        var second = new Playbook(startMilliseconds: 1000).Connect().Wait(100).Initiator(Name("b@h"))
            .Acceptor(Status(), Challenge("a@h", 43)).Initiator(Reply(8, 43, "right")).Acceptor(Ack(8, "right"));
        Says("established ok proven; established ok proven",
            Playbook.Report(Ring, first, second.Initiator(Ready()).Wait(5000).InitiatorCloses()));
    }

    [Fact]
    public void R5_an_overloaded_node_closes_after_its_500_ms() => Says(
        "closed peer-overloaded inferred",
        Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Wait(501).AcceptorCloses()));

    [Fact]
    public void R6_an_unanswered_ALIVE_stalls()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(4)).Initiator(ClientStatus(true));
        Says("incomplete alive-stall inferred", Playbook.Report(Ring, play));
        Says("closed alive-stall proven", Playbook.Report(Ring, play.Wait(100).AcceptorCloses()));
    }

    [Fact]
    public void ALIVE_answered_with_false_is_a_refusal() => Says(
        "rejected name-in-use proven",
        Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(4)).Initiator(ClientStatus(false))
            .AcceptorCloses()));

    [Fact]
    public void R7_a_silent_peer_differs_from_a_capture_that_ends()
    {
        var clock = new Playbook("10.0.0.9:1", "10.0.0.9:2", startMilliseconds: 6_000).Syn();
        Says("incomplete peer-silent inferred", Playbook.Report(Ring, UpToReply(), clock));
        Says("incomplete peer-silent proven", Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")), clock));
        Says("incomplete capture-ends-early proven", Playbook.Report(Ring, UpToReply()));
    }

    [Fact]
    public void R8_a_length_over_16_MiB_is_a_violation()
    {
        byte[] tooLarge = [0, 0, 0, 0, 1, 0, 0, 1];
        Says("protocol-violation frame-too-large proven",
            Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), tooLarge).InitiatorCloses()));
        Says("protocol-violation frame-too-large proven",
            Playbook.Report(Ring, new Playbook().Connect().Initiator([.. tooLarge, .. Name("b@h").AsSpan(8)]).AcceptorCloses()));
    }

    [Fact]
    public void R9_TLS_on_a_plain_port_is_recognised()
    {
        byte[] alert = [21, 3, 3, 0, 2, 2, 70];
        byte[] hello = [22, 3, 1, 0, 100, 1, 0, 0, 96];
        Says("closed plain-to-tls proven",
            Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(alert).AcceptorCloses()));
        var known = new Playbook("10.0.0.1:50001").Handshake("b@h", "a@h", "right").Initiator(Ready());
        Says("established ok proven; closed tls-to-plain inferred",
            Playbook.Report(Ring, known, new Playbook().Wait(1).Connect().Initiator(hello).AcceptorCloses()));
        Says("established ok proven; encrypted encrypted proven",
            Playbook.Report(Ring, known, new Playbook().Wait(1).Connect().Initiator(hello).Acceptor([22, 3, 3, 0, 9, 2])));
        Says("", Playbook.Report(Ring, new Playbook(acceptor: "10.0.0.2:443").Connect().Initiator(hello).Acceptor([22, 3, 3, 0, 9, 2])));
    }

    [Fact]
    public void R10_a_name_that_the_acceptor_cannot_read_gets_no_status()
    {
        Says("closed version-unsupported inferred",
            Playbook.Report(Ring, new Playbook().Connect().Initiator(As32Bit(Name("b@h"))).AcceptorCloses()));
        Says("closed version-unsupported inferred",
            Playbook.Report(Ring, new Playbook().Connect().Initiator(AsOld(Name("b@h", connectionId: 0))).AcceptorCloses()));
    }

    [Theory]
    [InlineData(true, "refused")]
    [InlineData(false, "syn-unanswered")]
    public void R11_an_unreachable_advertised_address_is_a_finding(bool isRefused, string how)
    {
        var known = new Playbook().Handshake("b@h", "a@h", "right", at: "10.0.0.1:4401").Initiator(Ready());
        var dial = new Playbook("10.0.0.3:40000", "10.0.0.1:4401").Syn();
        if (isRefused) dial.Refuse();
        var unrelated = new Playbook("10.0.0.3:40001", "10.0.0.1:9999", startMilliseconds: 3000).Syn();
        var finding = Assert.Single(Playbook.Report(Ring, known, dial, unrelated).Findings);
        Assert.Equal((DiagnosisCode.Unreachable, "10.0.0.3", "10.0.0.1:4401", "b@h", how, 1),
            (finding.Code, finding.From, finding.To.ToString()!, finding.Node, finding.How, finding.Times));
    }

    [Fact]
    public void NOT_ALLOWED_refuses_and_an_unknown_status_shows_its_number()
    {
        Says("rejected not-allowed proven",
            Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(3)).AcceptorCloses()));
        var report = Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(9)).InitiatorCloses());
        Says("closed unknown-status proven", report);
        Assert.Equal("9", report.Handshakes[0].Status);
        var talkative = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(3), Challenge("a@h", 1)).AcceptorCloses();
        Says("rejected not-allowed proven", Playbook.Report(Ring, talkative));
    }

    [Fact]
    public void A_reset_or_an_initiators_end_after_the_reply_refuses_nothing()
    {
        Says("closed peer-closed proven", Playbook.Report(Ring, UpToReply().AcceptorResets()));
        Says("closed peer-closed proven", Playbook.Report(Ring, UpToReply().InitiatorCloses()));
    }

    [Fact]
    public void An_acknowledgement_after_the_initiator_left_is_too_late() =>
        Says("closed peer-silent proven", Playbook.Report(Ring, UpToReply("right").Wait(7000).InitiatorCloses().Acceptor(Ack(7, "right"))));

    [Fact]
    public void An_out_of_order_message_names_its_sender_and_the_due_one()
    {
        var report = Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Challenge("a@h", 1)).InitiatorCloses());
        Says("protocol-violation out-of-order-message proven", report);
        Assert.Equal("a@h broke the protocol: expected status, got challenge.", Summary(report));
        Assert.Equal(Role.Acceptor, Assert.Single(report.Handshakes[0].Facts.Anomalies).By);
    }

    [Fact]
    public void An_early_acknowledgement_or_early_traffic_establishes_nothing()
    {
        const string Violation = "protocol-violation out-of-order-message proven";
        Says(Violation, Playbook.Report(Ring,
            new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42), Ack(7, "right"))));
        Says(Violation, Playbook.Report(Ring, UpToReply("right").Initiator(Ready())));
    }

    [Fact]
    public void A_proof_from_the_wrong_side_or_for_two_challenges_is_none()
    {
        var wrongSide = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42), Reply(7, 42, "right"));
        var two = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42), Challenge("a@h", 43))
            .Initiator(Reply(7, 43, "right"));
        foreach (var play in (Playbook[])[wrongSide, two])
            Assert.Equal(Verdict.NotVerifiable, Assert.Single(Assert.Single(Playbook.Report(Ring, play).Handshakes).Proofs).Verdict);
    }

    [Fact]
    public void Bytes_that_are_not_a_message_are_a_violation() => Says(
        "protocol-violation malformed-message proven",
        Playbook.Report(Ring, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Frame([0xFF, 0xFF, 0xFF])).AcceptorCloses()));
}
