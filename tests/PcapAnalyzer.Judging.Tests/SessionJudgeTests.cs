using CsCheck;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>How sessions end or suffer, each from its bytes: the tables S and T.</summary>
public sealed class SessionJudgeTests
{
    private const long Millisecond = 1_000_000;
    private static readonly byte[] Nothing = [106];

    private static ClusterSessions Judge(params IEnumerable<TracePacket>[] plays)
    {
        var cluster = Trace.Cluster(plays.SelectMany(packets => packets).OrderBy(packet => packet.Time));
        cluster.NetTickTime = 8_000_000_000;
        return SessionJudge.Of(cluster);
    }

    private static string Says(params Playbook[] plays) => string.Join("; ", Judge([.. plays.Select(play => play.Packets)])
        .Select(session => $"{session.Diagnosis.Code.Kebab()} {session.Diagnosis.Certainty.Kebab()}"));

    private static Playbook Erlang(string from = "a@h1", string to = "b@h2", string port = "50000", long start = 0) =>
        new Playbook($"10.0.0.1:{port}", "10.0.0.2:4400", start).Erlang(from, to);

    /// <summary>Both tick and acknowledge each other for a while.</summary>
    private static Playbook Tick(Playbook play, int times, bool byAcceptor = true)
    {
        for (var i = 0; i < times; i++)
        {
            play.Wait(2000).Initiator(TrafficBytes.Tick);
            if (byAcceptor) play.Acceptor(TrafficBytes.Tick).Send(true, TcpFlags.Ack, []);
            else play.Send(false, TcpFlags.Ack, []);
        }
        return play;
    }

    /// <summary>The last packet is sent again and again.</summary>
    private static Playbook Resend(Playbook play, params long[] milliseconds)
    {
        var last = play.Packets[^1];
        foreach (var by in milliseconds) play.Add(last with { Time = last.Time + by * Millisecond });
        return play;
    }

    [Fact]
    public void S1_ticks_in_time_are_healthy() => Assert.Equal("healthy proven", Says(Tick(Erlang(), 6)));

    [Fact]
    public void S2_a_large_message_is_named()
    {
        var play = Erlang();
        for (var left = 60; left > 0; left--) play.Wait(100).Initiator(TrafficBytes.Fragment(left, left == 60, 100))
            .Acceptor(TrafficBytes.Tick);
        Assert.Equal("large-message proven", Says(play));
    }

    [Fact]
    public void S3_shutdown_before_the_FIN_is_a_stop() => Assert.Equal("node-stopped proven",
        Says(Tick(Erlang(), 2).Acceptor(TrafficBytes.DownByShutdown("b@h2")).Wait(1000).AcceptorCloses().InitiatorCloses()));

    [Fact]
    public void S4_a_frame_cut_by_the_FIN_is_a_death() => Assert.Equal("node-died inferred",
        Says(Tick(Erlang(), 2).Acceptor(TrafficBytes.RegSend("b@h2", "rex", Nothing)[..20]).AcceptorCloses().InitiatorCloses()));

    [Fact]
    public void S5_the_same_incarnation_dials_again() => Assert.Equal("disconnected proven; healthy proven",
        Says(Tick(Erlang(), 2).InitiatorCloses().AcceptorCloses(), Tick(Erlang(port: "50001", start: 9000), 1)));

    [Fact]
    public void S6_global_asks_and_the_receiver_leaves() => Assert.Equal("global-overlap proven",
        Says(Tick(Erlang(), 2).Acceptor(TrafficBytes.LostConnection("c@h3", "a@h1"), TrafficBytes.RemoveConnection("b@h2"))
            .InitiatorCloses().AcceptorCloses()));

    [Fact]
    public void S7_silence_that_the_kernel_acknowledges_is_a_frozen_peer() => Assert.Equal("peer-frozen proven",
        Says(Tick(Tick(Erlang(), 2), 5, byAcceptor: false).InitiatorCloses().Send(false, TcpFlags.Ack, []).Wait(3000)));

    [Fact]
    public void S8_silence_that_nobody_acknowledges_is_a_dead_path()
    {
        var play = Resend(Tick(Erlang(), 2).Wait(2000).Initiator(TrafficBytes.Tick), 200, 600, 1400, 3000, 6200, 12600);
        var session = Assert.Single(Judge(play.Packets));
        Assert.Equal((DiagnosisCode.PathDead, Certainty.Inferred, true),
            (session.Diagnosis.Code, session.Diagnosis.Certainty, session.IsPartedInferred));
    }

    /// <summary>Seen with real nodes: ticks that had queued behind the dead path came with the FIN once it healed.</summary>
    [Fact]
    public void S8_a_fin_that_a_healed_path_lets_through_is_not_the_end()
    {
        var play = Resend(Tick(Erlang(), 2).Wait(2000).Initiator(TrafficBytes.Tick), 200, 600, 1400, 3000, 6200);
        var last = play.Packets[^6];
        var dead = play.Packets.Last(packet => packet.Source != last.Source);
        play.Add(dead with
        {
            Time = last.Time + 12_600 * Millisecond,
            Sequence = last.Acknowledgment,
            Acknowledgment = last.Sequence,
            Flags = TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Ack,
            Payload = [.. TrafficBytes.Tick, .. TrafficBytes.Tick, .. TrafficBytes.Tick],
        });
        var session = Assert.Single(Judge(play.Packets));
        Assert.Equal((DiagnosisCode.PathDead, Certainty.Inferred, true),
            (session.Diagnosis.Code, session.Diagnosis.Certainty, session.IsPartedInferred));
    }

    [Fact]
    public void S9_new_data_with_a_stale_acknowledgement_is_a_path_dead_one_way()
    {
        var play = Tick(Erlang(), 2).Wait(2000).Initiator(TrafficBytes.Tick);
        var lost = play.Packets[^1];
        var peer = play.Packets[^3]; // the acceptor's last tick
        for (var i = 1; i <= 6; i++)
        {
            play.Add(lost with { Time = lost.Time + i * 2000 * Millisecond });
            play.Add(peer with
            {
                Time = lost.Time + i * 2000 * Millisecond + 1000,
                Sequence = peer.Sequence + (uint)(4 * i),
                Acknowledgment = lost.Sequence
            });
            play.Add(lost with
            {
                Time = lost.Time + i * 2000 * Millisecond + 2000,
                Sequence = lost.Sequence + 4,
                Acknowledgment = peer.Sequence + (uint)(4 * i) + 4,
                Payload = [],
                Flags = TcpFlags.Ack
            });
        }
        Assert.Equal("path-dead-one-way proven", Says(play));
    }

    [Fact]
    public void S10_a_living_peer_that_ticks_too_seldom_answers_the_FIN() => Assert.Equal("tick-mismatch inferred",
        Says(Tick(Erlang(), 5, byAcceptor: false).InitiatorCloses().AcceptorCloses()));

    [Fact]
    public void S11_a_reset_after_which_its_sender_goes_on_is_a_device()
    {
        var play = Tick(Erlang(), 2);
        var last = play.Packets[^1];
        play.Add(last with
        {
            Time = last.Time + Millisecond,
            Source = last.Destination,
            Destination = last.Source,
            Sequence = last.Acknowledgment,
            Acknowledgment = 0,
            Flags = TcpFlags.Rst
        });
        play.Wait(100).Acceptor(TrafficBytes.Tick);
        Assert.Equal("middlebox-reset inferred", Says(play));
    }

    [Fact]
    public void S13_short_outages_that_heal_are_a_flap()
    {
        var play = Tick(Erlang(), 1);
        for (var i = 0; i < 3; i++)
        {
            Resend(play.Wait(1000).Initiator(TrafficBytes.Tick), 200, 600);
            play.Wait(1000).Acceptor(TrafficBytes.Tick);
        }
        Assert.Equal("path-flap proven", Says(play));
    }

    [Fact]
    public void S14_a_long_silence_that_ends_is_a_pause() => Assert.Equal("peer-paused proven",
        Says(Tick(Tick(Tick(Erlang(), 2), 2, byAcceptor: false).Wait(500), 2)));

    [Fact]
    public void S16_a_silence_at_the_end_is_told() =>
        Assert.Equal("open-silent proven", Says(Tick(Tick(Erlang(), 2), 3, byAcceptor: false)));

    [Fact]
    public void S17_a_hidden_node_that_leaves_soon_is_a_tool() => Assert.Equal("tool-session proven", Says(new Playbook().Connect()
        .Initiator(ErlangBytes.Name("cli@h1", ErlangBytes.Flags & ~1UL)).Acceptor(ErlangBytes.Status(), ErlangBytes.Challenge("b@h2", 42))
        .Initiator(ErlangBytes.Reply(7, 42, "right")).Acceptor(ErlangBytes.Ack(7, "right"))
        .Initiator(TrafficBytes.PassThrough("cli@h1", "rex")).Wait(100).InitiatorCloses().AcceptorCloses()));

    [Fact]
    public void S18_a_FIN_that_nothing_explains_is_left_open() =>
        Assert.Equal("closed-unexplained proven", Says(Tick(Erlang(), 2).InitiatorCloses().AcceptorCloses()));

    [Fact]
    public void T1_T5_pings_and_pongs_are_healthy_and_silence_under_acknowledgement_is_frozen()
    {
        var play = new Playbook().Handshake("a@h1", "b@h2", "right");
        for (var i = 1; i < 5; i++) play.Wait(3000).Initiator(TrafficBytes.Ping(3000 * i)).Acceptor(TrafficBytes.Pong(3000 * i))
            .Acceptor(TrafficBytes.Ping(3000 * i)).Initiator(TrafficBytes.Pong(3000 * i));
        Assert.Equal("healthy proven", Says(play));
        for (var i = 5; i < 8; i++) play.Wait(3000).Initiator(TrafficBytes.Ping(3000 * i)).Send(false, TcpFlags.Ack, []);
        Assert.Equal("peer-frozen proven", Says(play));
    }

    [Fact]
    public void T10_a_dial_that_loses_against_a_dead_session_is_told_so()
    {
        var dead = Resend(new Playbook().Handshake("a@h1", "b@h2", "right").Send(true, TcpFlags.Ack, []).Wait(1000)
            .Acceptor(TrafficBytes.Ping(1000)), 200, 600, 1400, 3000);
        var dial = new Playbook("10.0.0.9:50001", startMilliseconds: 3000).Connect().Initiator(RactorBytes.Name("a@h1")).AcceptorCloses()
            .InitiatorCloses();
        Assert.Equal("established unverified proven; closed dead-session-wins proven",
            Playbook.Says(Playbook.Report(new Dictionary<string, string>(), dead, dial)));
        var living = new Playbook().Handshake("a@h1", "b@h2", "right").Wait(5000).Acceptor(TrafficBytes.Ping(1000))
            .Send(true, TcpFlags.Ack, []);
        Assert.EndsWith("closed duplicate-connection inferred",
            Playbook.Says(Playbook.Report(new Dictionary<string, string>(), living, dial)), StringComparison.Ordinal);
    }

    [Fact]
    public void T13_bytes_that_are_no_message_are_named() =>
        Assert.Equal("malformed-message proven", Says(new Playbook().Handshake("a@h1", "b@h2", "right")
        .Initiator(RactorBytes.Frame([0xFF, 0xFF, 0xFF])).AcceptorCloses().InitiatorCloses()));

    [Fact]
    public void T11_a_frame_above_every_limit_is_named() =>
        Assert.Equal("frame-too-large proven", Says(new Playbook().Handshake("a@h1", "b@h2", "right")
        .Initiator([0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3]).AcceptorCloses().InitiatorCloses()));

    [Fact]
    public void A_cluster_splits_where_the_first_session_was_lost()
    {
        var ab = Resend(Tick(Erlang(), 2).Wait(2000).Initiator(TrafficBytes.Tick), 200, 600, 1400, 3000, 6200, 12600);
        var ac = Tick(new Playbook("10.0.0.1:50005", "10.0.0.3:4400").Erlang("a@h1", "c@h3"), 4)
            .Acceptor(TrafficBytes.LostConnection("a@h1", "b@h2"));
        Tick(ac, 6);
        var bc = Tick(new Playbook("10.0.0.2:50006", "10.0.0.3:4400").Erlang("b@h2", "c@h3"), 7)
            .Acceptor(TrafficBytes.RemoveConnection("c@h3")).InitiatorCloses().AcceptorCloses();
        var sessions = Judge(ab.Packets, ac.Packets, bc.Packets);
        var split = Assert.Single(sessions.Splits);
        Assert.Equal(["b@h2", "a@h1,c@h3"], split.Groups.Select(group => string.Join(',', group)));
        Assert.Equal(DiagnosisCode.PathDead, sessions[split.Cause].Diagnosis.Code);
        Assert.Contains("only because of that", split.Summary, StringComparison.Ordinal);
        Assert.Null(split.Healed);
    }

    [Fact]
    public void Splits_are_looked_for_as_long_as_that_takes_little_and_the_rest_is_counted()
    {
        var sessions = Enumerable.Range(1, 1200).Select(number =>
            SessionFacts.Of(number, $"a{number}@h1", $"b{number}@h2", from: 200 * number, until: 200 * number + 50)
                .Cut(at: 200 * number + 60, lastPacket: 200 * number + 150)).ToArray();
        var judged = SessionJudge.Of(SessionFacts.Cluster(200 * 1201, sessions));
        Assert.InRange(judged.LossesLeftOut, 1, 600);
        Assert.InRange(judged.Splits.Count + judged.LossesLeftOut, 1150, 1200); // the first few are too few for groups
    }

    /// <summary>What a capture loses, repeats or puts out of order is no fault of the nodes.</summary>
    [Fact]
    public void No_fault_of_a_capture_makes_a_healthy_session_a_proven_case()
    {
        var play = Erlang();
        for (var i = 0; i < 8; i++)
            Tick(play, 1).Initiator(TrafficBytes.RegSend("a@h1", "rex", Nothing))
                .Acceptor(TrafficBytes.RegSend("b@h2", "rex", Nothing), TrafficBytes.Fragment(1, true, 3000)).Send(true, TcpFlags.Ack, []);
        var packets = play.Packets;
        Gen.Select(Gen.Int[0, packets.Count - 1].Array[0, 12], Gen.Int[0, packets.Count - 1].Array[0, 6],
            Gen.Select(Gen.Int[0, packets.Count - 1], Gen.Int[1, 40]).Array[0, 6])
            .Sample((lost, doubled, moved) =>
            {
                var times = packets.Select(packet => packet.Time).ToArray();
                foreach (var (at, by) in moved) times[at] += by * Millisecond;
                var seen = packets.Select((packet, at) => (Packet: packet with { Time = times[at] }, At: at))
                    .Where(one => !lost.Contains(one.At)).Select(one => one.Packet)
                    .Concat(doubled.Where(at => !lost.Contains(at))
                    .Select(at => packets[at] with { Time = packets[at].Time + 3 * Millisecond })).OrderBy(packet => packet.Time);
                foreach (var session in Judge(seen))
                    Assert.True(session.Diagnosis.Code is DiagnosisCode.Healthy or DiagnosisCode.OpenSilent
                        || session.Diagnosis.Certainty == Certainty.Inferred, session.Diagnosis.Summary);
            }, iter: 1000);
    }
}
