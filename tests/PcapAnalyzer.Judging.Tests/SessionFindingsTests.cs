using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>Findings about sessions and TLS listeners (T14 to T17), each beside what looks like it.</summary>
public sealed class SessionFindingsTests
{
    private const long Millisecond = 1_000_000;
    private const string Listener = "10.0.0.2:4433";
    private static readonly byte[] ServerHello = [0x16, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3];

    private static IReadOnlyList<Finding> Findings(params Playbook[] plays) =>
        Playbook.Report(new Dictionary<string, string>(), plays).Findings;

    private static string Says(params Playbook[] plays) =>
        string.Join("; ", Findings(plays).Select(one => $"{one.Code.Kebab()} {one.Certainty?.Kebab()} {one.Times}"));

    private static Playbook Ractor() => new Playbook().Handshake("a@h1", "b@h2", "right");

    [Fact]
    public void T14_a_call_without_a_reply_is_told_while_its_node_talks()
    {
        var finding = Assert.Single(Findings(Ractor().Initiator(TrafficBytes.Call(4, 1, 300), TrafficBytes.Call(4, 2, 300))
            .Acceptor(TrafficBytes.CallReply(4, 2))
            .Wait(1000).Acceptor(TrafficBytes.Ping(1000)).Initiator(TrafficBytes.Pong(1000))));
        Assert.Equal((DiagnosisCode.CallUnanswered, 1, Certainty.Proven, 1),
            (finding.Code, finding.Times, finding.Certainty, finding.Session));
        Assert.StartsWith("a@h1 called Ask on b@h2 once and got no reply within the call's limit (300 ms)", finding.Summary,
            StringComparison.Ordinal);
    }

    [Fact]
    public void T14_is_not_told_of_a_call_that_may_have_had_its_reply()
    {
        Playbook Called() => Ractor().Initiator(TrafficBytes.Call(4, 1, 300));
        Playbook Talk(Playbook play) => play.Wait(1000).Acceptor(TrafficBytes.Ping(1000)).Initiator(TrafficBytes.Pong(1000)).Wait(1000)
            .Acceptor(TrafficBytes.Ping(2000)).Initiator(TrafficBytes.Pong(2000));
        Assert.Equal("call-unanswered proven 1", Says(Talk(Called())));
        Assert.Equal("", Says(Talk(Called().Wait(200).Acceptor(TrafficBytes.CallReply(4, 1)))));
        Assert.Equal("", Says(Talk(Called().Wait(200).Acceptor(TrafficBytes.CallReply(4, 1)).LoseLast())));
        Assert.Equal("", Says(Talk(Ractor().Initiator(TrafficBytes.Call(4, 1, 0)))));
    }

    [Fact]
    public void T14_is_not_told_of_a_node_that_was_silent_or_gone()
    {
        Playbook Called() => Ractor().Initiator(TrafficBytes.Call(4, 1, 300));
        Assert.Equal("", Says(Called().Wait(4000).Initiator(TrafficBytes.Ping(4000)).Send(false, TcpFlags.Ack, []).Wait(4000)));
        Assert.Equal("", Says(Called().Wait(6000).Acceptor(TrafficBytes.Ping(6000)).Initiator(TrafficBytes.Pong(6000))));
        Assert.Equal("",
            Says(Called().Wait(100).Acceptor(TrafficBytes.Ping(100)).AcceptorCloses().InitiatorCloses().Wait(1000).InitiatorResets()));
    }

    [Fact]
    public void T14_is_not_told_of_a_call_that_was_read_after_its_reply()
    {
        var play = Ractor().Initiator(TrafficBytes.Cast(10)).LoseLast().Initiator(TrafficBytes.Call(4, 1, 300))
            .Acceptor(TrafficBytes.CallReply(4, 1));
        for (var i = 1; i < 100; i++) play.Wait(100).Initiator(TrafficBytes.Cast(10)).Acceptor(TrafficBytes.Cast(10));
        Assert.Equal("", Says(play));
        var again = Ractor().Initiator(TrafficBytes.Call(4, 1, 300));
        var call = again.Packets[^1];
        again.LoseLast().Wait(10).Acceptor(TrafficBytes.CallReply(4, 1)).Add(call with { Time = again.Packets[^1].Time + Millisecond });
        Assert.Equal("", Says(again.Wait(1000).Acceptor(TrafficBytes.Ping(1000)).Initiator(TrafficBytes.Pong(1000))));
    }

    /// <summary>Sessions of a transitive cluster: that of a and b dies 5 s after its start.</summary>
    private static Playbook[] Mesh(int seconds, bool isTransitive = true, bool hasThird = true)
    {
        var lost = Ractor().Initiator(TrafficBytes.AskForNodes("a@h1"));
        if (isTransitive) lost.Acceptor(TrafficBytes.AskForNodes("b@h2")).Send(true, TcpFlags.Ack, []);
        lost.Wait(5000).Initiator(TrafficBytes.Ping(5000));
        var last = lost.Packets[^1];
        foreach (var by in (long[])[200, 600, 1400, 3000]) lost.Add(last with { Time = last.Time + by * Millisecond });
        var third = new Playbook("10.0.0.1:50005", "10.0.0.3:4400").Handshake("a@h1", "c@h3", "right");
        for (var i = 1; i < seconds / 2; i++) third.Wait(2000).Initiator(TrafficBytes.Ping(2000 * i))
            .Acceptor(TrafficBytes.Pong(2000 * i), TrafficBytes.Ping(2000 * i)).Initiator(TrafficBytes.Pong(2000 * i));
        return hasThird ? [lost, third] : [lost, new Playbook("10.0.0.8:1", "10.0.0.9:2", seconds * 1000L).Connect()];
    }

    [Fact]
    public void T15_a_link_that_nobody_dials_again_is_told()
    {
        var finding = Assert.Single(Findings(Mesh(40)));
        Assert.Equal((DiagnosisCode.LinkMissing, Certainty.Inferred, 1), (finding.Code, finding.Certainty, finding.Session));
        Assert.StartsWith("a@h1 and b@h2, both in transitive mode, lost their session (path-dead,", finding.Summary,
            StringComparison.Ordinal);
    }

    [Fact]
    public void T15_is_not_told_where_a_dial_came_or_may_come_or_was_not_meant()
    {
        Assert.Equal("", Says(Mesh(16)));
        Assert.Equal("", Says(Mesh(40, isTransitive: false)));
        Assert.Equal("", Says(Mesh(40, hasThird: false)));
        Assert.DoesNotContain("link-missing", Says([.. Mesh(40), new Playbook("10.0.0.2:50009", "10.0.0.1:4400", 25_000).Syn().Refuse()]),
            StringComparison.Ordinal);
        Assert.Equal("", Says([.. Mesh(40), new Playbook("10.0.0.2:50009", "10.0.0.1:4400", 25_000).Handshake("b@h2", "a@h1", "right")]));
        Assert.Equal("", Says([.. Mesh(40), new Playbook("10.0.0.2:50009", "10.0.0.1:4400", 25_000).Connect()
            .Initiator(RactorBytes.Name("b@h2")).AcceptorCloses().InitiatorCloses()]));
    }

    private static Playbook Tls(string from, string to, long start = 0) =>
        new Playbook(from, to, start).Connect().Initiator(ErlangBytes.TlsHello).Acceptor(ServerHello);

    private static Playbook Plain() => new Playbook("10.0.0.1:50002", Listener, 1000).Connect()
        .Initiator(RactorBytes.Name("a@h1", "10.0.0.1:4433"));

    [Fact]
    public void T16_a_plain_name_to_a_TLS_listener_is_told()
    {
        var plain = Plain().AcceptorCloses().InitiatorCloses();
        Assert.Equal("transitive-plain-dial proven 1",
            Says(Tls("10.0.0.9:50001", Listener), Tls("10.0.0.1:50001", "10.0.0.3:4433"), plain));
        Assert.Equal("transitive-plain-dial inferred 1", Says(Tls("10.0.0.9:50001", Listener), plain));
        Assert.Equal("transitive-plain-dial inferred 1", Says(Tls("10.0.0.2:50001", "10.0.0.3:4433"), plain));
    }

    [Fact]
    public void T16_is_not_told_of_a_listener_that_speaks_no_TLS_or_answered()
    {
        var plain = Plain().AcceptorCloses().InitiatorCloses();
        var tls = Tls("10.0.0.2:50001", "10.0.0.3:4433");
        Assert.Equal("", Says(plain));
        Assert.Equal("", Says(Tls("10.0.0.7:50001", "10.0.0.3:4433"), plain));
        Assert.Equal("", Says(Tls("10.0.0.2:50001", "10.0.0.3:443"), plain));
        Assert.Equal("", Says(tls, plain, new Playbook("10.0.0.8:50001", Listener).Handshake("d@h8", "b@h2", "right")));
        Assert.Equal("", Says(tls, Plain().Wait(2000).AcceptorCloses().InitiatorCloses()));
        Assert.Equal("", Says(tls, Plain().AcceptorResets()));
        Assert.Equal("", Says(tls, Plain().InitiatorCloses().AcceptorCloses()));
        Assert.Equal("", Says(tls, Plain().Acceptor(RactorBytes.Status(2)).AcceptorCloses().InitiatorCloses()));
    }

    private static Playbook Silent(long milliseconds) => new Playbook("10.0.0.9:40000", Listener).Connect().Wait(milliseconds);

    private static Playbook Waiting(long milliseconds) =>
        new Playbook("10.0.0.1:50001", Listener, 500).Connect().Initiator(ErlangBytes.TlsHello).Send(false, TcpFlags.Ack, [])
            .Wait(milliseconds);

    [Fact]
    public void T17_a_silent_client_that_keeps_a_listener_from_others_is_told()
    {
        var finding = Assert.Single(Findings(Silent(5000).InitiatorCloses().AcceptorCloses(), Waiting(4503).Acceptor(ServerHello)));
        Assert.Equal((DiagnosisCode.TlsListenerBlocked, Certainty.Inferred, 1, "10.0.0.9"),
            (finding.Code, finding.Certainty, finding.Times, finding.From));
        Assert.Contains("after the silent client had left", finding.Summary, StringComparison.Ordinal);
        var known = new Playbook("10.0.0.8:50001", "10.0.0.7:4400").Handshake("d@h8", "b@h2", "right", listening: Listener);
        Assert.Equal("tls-listener-blocked inferred 1",
            Says(known, Silent(9000).Send(true, TcpFlags.Ack, []), Waiting(5000).InitiatorCloses()));
    }

    [Fact]
    public void T17_is_not_told_of_a_listener_that_answers_or_waits_for_nobody()
    {
        var silent = Silent(5000).InitiatorCloses().AcceptorCloses();
        Assert.Equal("", Says(silent, Waiting(1).Acceptor(ServerHello)));
        Assert.Equal("", Says(silent, Waiting(6000).Acceptor(ServerHello)));
        Assert.Equal("", Says(silent, Waiting(3000).Acceptor(ServerHello)));
        Assert.Equal("", Says(Silent(9000).Send(true, TcpFlags.Ack, []), Waiting(5000).InitiatorCloses()));
        Assert.Equal("", Says(Silent(10).Initiator([1]).Wait(4990).InitiatorCloses().AcceptorCloses(),
            Waiting(4503).Acceptor(ServerHello)));
        var erlang = new Playbook("10.0.0.8:50001", Listener).Erlang("d@h8", "b@h2");
        Assert.Equal("", Says(erlang, silent, Waiting(4503).Acceptor(ServerHello)));
    }
}
