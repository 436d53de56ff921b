using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.RactorBytes;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What is read of a conversation: on any port, in any form, with bytes missing, and never more than the limits allow.</summary>
public sealed class HandshakeReaderTests
{
    private static readonly Dictionary<string, string> Ring = new() { ["prod"] = "right" };

    private static JudgedHandshake Only(params Playbook[] plays) => Assert.Single(Playbook.Report(Ring, plays).Handshakes);

    private static string Messages(JudgedHandshake handshake) =>
        string.Join(' ', handshake.Messages.Select(message => message.Kind.Word() + (message.Message.IsCut ? "(cut)" : "")));

    [Fact]
    [HardCase("segments of 64 KiB and more")]
    public void One_segment_or_one_byte_a_segment_gives_the_same_report()
    {
        var one = Only(new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42))
            .Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right"), Ready()));
        Assert.Equal("name status challenge challenge-reply challenge-ack", Messages(one));
        Assert.Empty(one.Facts.Anomalies);
    }

    [Fact]
    [HardCase("framing lost behind a gap")]
    [HardCase("proof without the messages around it")]
    public void A_lost_message_is_missing_and_not_a_violation()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42)).LoseLast()
            .Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right")).Initiator(Ready());
        var report = Only(play);
        Assert.Equal((Outcome.Established, DiagnosisCode.Unverified), (report.Outcome, report.Diagnosis.Code));
        Assert.Equal("no-challenge verified", string.Join(' ', report.Proofs.Select(digest => digest.Verdict.Kebab())));
        Assert.Equal(Status().Length + Challenge("a@h", 42).Length, report.Connection.MissingBytes);
    }

    [Fact]
    public void A_lost_acknowledgement_is_inferred_when_the_initiator_goes_on()
    {
        var upToReply = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42))
            .Initiator(Reply(7, 42, "right"));
        var report = Only(upToReply.Acceptor(Ack(7, "right")).LoseLast().Initiator(Ready()).InitiatorCloses());
        Assert.Equal((Outcome.Established, DiagnosisCode.Unverified, Certainty.Inferred),
            (report.Outcome, report.Diagnosis.Code, report.Diagnosis.Certainty));
    }

    [Fact]
    public void Erlang_traffic_after_a_reply_is_not_cut_into_messages()
    {
        var upToReply = new Playbook().Connect().Initiator(ErlangBytes.Name("b@h"))
            .Acceptor(ErlangBytes.Status(), ErlangBytes.Challenge("a@h", 42)).Initiator(ErlangBytes.Reply(7, 42, "right"));
        var report = Only(upToReply.Acceptor(ErlangBytes.Ack(7, "right")).LoseLast().Initiator([0, 0, 0, 3, 1, 2, 3]).InitiatorCloses());
        Assert.Equal((Outcome.Established, DiagnosisCode.Unverified, Certainty.Inferred),
            (report.Outcome, report.Diagnosis.Code, report.Diagnosis.Certainty));
        Assert.Empty(report.Facts.Anomalies);
    }

    [Fact]
    [HardCase("segment cut by a snapshot length")]
    public void A_message_cut_by_a_snapshot_length_is_used_up_to_the_cut()
    {
        var packets = new Playbook().Handshake("b@h", "a@h", "right").Packets
            .Select(packet => packet.Payload.Length > 50 ? packet with
            {
                Payload = packet.Payload[..50],
                WireLength = packet.Payload.Length
            } : packet);
        var report = Assert.Single(Trace.Report(packets, new CookieRing([Cookie.FromText("prod", "right")])).Handshakes);
        Assert.Equal("name status challenge(cut) challenge-reply challenge-ack", Messages(report));
        Assert.Equal("verified verified", string.Join(' ', report.Proofs.Select(digest => digest.Verdict.Kebab())));
    }

    /// <summary>Each two zeros are a message without a kind: a capture of a gigabyte could hold half a billion.</summary>
    [Fact]
    public void Too_many_malformed_messages_end_the_reading()
    {
        var play = new Playbook().Connect().Initiator(ErlangBytes.Name("b@h"));
        for (var i = 0; i < 10; i++) play = play.Initiator(new byte[1000]);
        var anomalies = Only(play).Facts.Anomalies;
        Assert.Equal(Analysis.Options.Readers.MaxMessages + 1, anomalies.Count);
        Assert.Equal(["malformed-message", "too-many-messages"], anomalies.Select(odd => odd.Kind.Kebab()).Distinct());
    }

    [Fact]
    public void After_a_gap_into_a_message_the_next_message_is_found()
    {
        var (status, challenge, ack) = (Status(1), Challenge("a@h", 42), Ack(7, "right"));
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(status[..12]).Acceptor([.. status[12..], .. challenge[..5]])
            .LoseLast().Acceptor(challenge[5..])
            .Initiator(Reply(7, 42, "right")).Acceptor(ack[..20]).Acceptor(ack[20..]);
        var report = Only(play);
        Assert.Equal("name status(cut) challenge-reply challenge-ack", Messages(report));
        Assert.Empty(report.Facts.Anomalies);
    }

    [Fact]
    public void A_message_beyond_the_buffer_is_cut_and_the_next_is_found()
    {
        var report = Only(new Playbook().Connect().Initiator(Name(new string('x', 50_000) + "@h", new string('y', 30_000)))
            .Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right")));
        Assert.Equal("name(cut) status challenge challenge-reply challenge-ack", Messages(report));
        Assert.Equal(DiagnosisCode.Ok, report.Diagnosis.Code);
    }

    [Fact]
    public void Messages_beyond_the_limit_are_not_kept()
    {
        var report = Only(new Playbook().Connect().Initiator([.. Enumerable.Repeat(Name("b@h"), 1000)]));
        Assert.Equal(Analysis.Options.Readers.MaxMessages, report.Messages.Count);
        Assert.Contains(report.Facts.Anomalies, odd => odd.Kind == AnomalyKind.TooManyMessages);
    }

    [Fact]
    [HardCase("capture that begins midstream")]
    public void Without_a_SYN_content_decides_the_roles()
    {
        var packets = new Playbook().Handshake("b@h", "a@h", "right").Packets.Skip(4).ToList();
        var report = Assert.Single(Trace.Report(packets, CookieRing.Empty).Handshakes);
        Assert.Equal(("10.0.0.1:50000", "10.0.0.2:4400"), (report.Initiator.Endpoint.ToString(), report.Acceptor.Endpoint.ToString()));
        Assert.Equal("status challenge challenge-reply challenge-ack", Messages(report));
    }

    [Theory]
    [InlineData("10.0.0.1", "no-challenge")]
    [InlineData("10.0.0.2", "no-challenge")]
    [HardCase("one side only")]
    [HardCase("proof without the messages around it")]
    public void A_one_sided_capture_is_reported_and_proves_nothing(string side, string verdict)
    {
        var packets = new Playbook().Handshake("b@h", "a@h", "right").Packets.Where(packet => packet.Source.Address.ToString() == side);
        var report = Assert.Single(Trace.Report(packets, new CookieRing([Cookie.FromText("prod", "right")])).Handshakes);
        Assert.Equal(verdict, Assert.Single(report.Proofs).Verdict.Kebab());
        Assert.NotEqual(Outcome.AuthenticationFailed, report.Outcome);
    }

    /// <summary>
    /// RFC 9293, 3.5: both dial at once; or the acceptor answers with a bare SYN, and is acknowledged by a SYN-ACK or by an ACK.
    /// </summary>
    public static TheoryData<string> Openings => [.. OpeningsByName.Keys];

    private static readonly Dictionary<string, Func<Playbook, Playbook>> OpeningsByName = new()
    {
        ["two SYNs"] = play => play.Syn().Send(false, TcpFlags.Syn, []),
        ["two SYNs, the acceptor's first"] = play => play.Send(false, TcpFlags.Syn, []).Syn(),
        ["two SYNs, each acknowledged"] = play => Repeat(Repeat(play.Syn().Send(false, TcpFlags.Syn, []), 0), 1),
        ["split: SYN, ACK, SYN, ACK"] = play => play.Syn().Send(false, TcpFlags.Ack, []).Send(false, TcpFlags.Syn, [])
            .Send(true, TcpFlags.Ack, []),
        ["split: SYN, SYN, SYN-ACK, ACK"] = play => Repeat(play.Syn().Send(false, TcpFlags.Syn, []), 0).Send(false, TcpFlags.Ack, []),
    };

    [Theory]
    [MemberData(nameof(Openings))]
    [HardCase("simultaneous open, split handshake")]
    public void The_sender_of_the_name_is_the_initiator(string opening)
    {
        var open = OpeningsByName[opening];
        var report = Only(open(new Playbook()).Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42))
            .Initiator(Reply(7, 42, "right")).Acceptor(Ack(7, "right")));
        Assert.Equal(("10.0.0.1:50000", "name status challenge challenge-reply challenge-ack", DiagnosisCode.Ok),
            (report.Initiator.Endpoint.ToString(), Messages(report), report.Diagnosis.Code));
    }

    /// <summary>The segment again, as a SYN-ACK.</summary>
    private static Playbook Repeat(Playbook play, int index)
    {
        var syn = play.Packets[index];
        return play.Add(syn with
        {
            Time = play.Packets[^1].Time + 1,
            Flags = TcpFlags.Syn | TcpFlags.Ack,
            Acknowledgment = play.Packets[1 - index].Sequence + 1
        });
    }

    [Fact]
    [HardCase("proof sent twice with other bytes")]
    public void A_forged_copy_makes_a_proof_not_verifiable()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42))
            .Initiator(Reply(7, 42, "right"));
        var real = play.Packets[^1];
        var forged = real with { Payload = Reply(7, 42, "wrong"), Time = real.Time + 1 };
        foreach (var order in (TracePacket[][])[[real, forged], [forged, real]])
        {
            var report = Assert.Single(Trace.Report([.. play.Packets.SkipLast(1), .. order],
                new CookieRing([Cookie.FromText("prod", "right")])).Handshakes);
            Assert.Equal(Verdict.NotVerifiable, Assert.Single(report.Proofs).Verdict);
            Assert.True(report.Messages[^1].Message.IsConflicting);
        }
    }

    [Fact]
    public void A_forged_copy_of_two_messages_makes_the_answer_not_verifiable()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42));
        var forged = play.Packets[^1] with { Payload = [.. Status(), .. Challenge("a@h", 43)], Time = play.Packets[^1].Time + 1 };
        var answered = play.Packets.Append(forged).Concat(play.Initiator(Reply(7, 43, "right")).Packets.TakeLast(1)).ToList();
        var report = Assert.Single(Trace.Report(answered, new CookieRing([Cookie.FromText("prod", "right")])).Handshakes);
        Assert.Equal(Verdict.NotVerifiable, Assert.Single(report.Proofs).Verdict);
        Assert.Equal([false, true, true, false], report.Messages.Select(message => message.Message.IsConflicting));
    }

    /// <summary>What became of the first copy meanwhile makes no difference: its end is missing, or 64 KiB came behind it.</summary>
    [Theory]
    [InlineData("cut")]
    [InlineData("long ago")]
    [HardCase("proof sent twice with other bytes")]
    public void A_forged_copy_of_bytes_no_longer_buffered_is_noticed(string how)
    {
        var play = new Playbook().Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42));
        var real = play.Packets[^1];
        var packets = play.Packets.SkipLast(1)
            .Append(how == "cut" ? real with { Payload = real.Payload[..^2], WireLength = real.Payload.Length } : real).ToList();
        if (how == "long ago")
            for (var i = 0; i < 9; i++) packets.Add(play.Acceptor(new byte[8000]).Packets[^1]); // messages without content
        packets.Add(real with { Payload = [.. Status(), .. Challenge("a@h", 43)], Time = play.Packets[^1].Time + 1 });
        packets.Add(play.Initiator(Reply(7, 42, "right")).Packets[^1]);
        var report = Assert.Single(Trace.Report(packets, new CookieRing([Cookie.FromText("prod", "right")])).Handshakes);
        Assert.Equal(Verdict.NotVerifiable, Assert.Single(report.Proofs).Verdict);
    }

    [Fact]
    [HardCase("proof sent twice with other bytes")]
    public void A_forged_copy_is_noticed_after_any_number_of_others()
    {
        var play = new Playbook().Connect().Initiator(Name("b@h"));
        var name = play.Packets[^1];
        for (var i = 0; i < 2 * Analysis.Options.Connections.MaxHeldSegments; i++)
            play.Add(name with { Payload = Name("c@h"), Time = name.Time + 1 });
        play.Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, "right"));
        play.Add(play.Packets[^1] with { Payload = Reply(7, 42, "wrong"), Time = play.Packets[^1].Time + 1 });
        var report = Assert.Single(Trace.Report(play.Packets, new CookieRing([Cookie.FromText("prod", "right")])).Handshakes);
        Assert.Equal(Verdict.NotVerifiable, Assert.Single(report.Proofs).Verdict);
    }
}
