using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>One segment by somebody who knows addresses and ports, but not the sequence numbers, changes no verdict.</summary>
public sealed class ForgedSegmentTests
{
    private static readonly Dictionary<string, string> Cookies = new() { ["it"] = "right" };

    private static readonly Dictionary<string, Func<Playbook>> Plays = new()
    {
        ["accepted"] = () => new Playbook().Erlang("a@h", "b@h").Initiator([0, 0, 0, 0]).Acceptor([0, 0, 0, 0]).Wait(5_000)
            .InitiatorCloses().AcceptorCloses().Send(true, TcpFlags.Ack, []),
        ["wrong cookie"] = () => Refused(new Playbook().Connect()
            .Initiator(ErlangBytes.Name("a@h")).Acceptor(ErlangBytes.Status(), ErlangBytes.Challenge("b@h", 42))
            .Initiator(ErlangBytes.Reply(7, 42, "wrong"))),
        ["not allowed"] = () =>
            Refused(new Playbook().Connect().Initiator(ErlangBytes.Name("a@h")).Acceptor(ErlangBytes.Status("not_allowed"))),
        ["silent"] = () => new Playbook().Connect().Initiator(ErlangBytes.Name("a@h")).Send(false, TcpFlags.Ack, []).Wait(7_000)
            .InitiatorCloses().Send(false, TcpFlags.Ack, []),
        ["ractor"] = () => new Playbook().Handshake("a", "b", "right").Initiator(RactorBytes.Ready()).Acceptor(RactorBytes.Ready())
            .Wait(5_000).AcceptorCloses().InitiatorCloses().Send(false, TcpFlags.Ack, []),
    };

    private static readonly (TcpFlags Flags, byte[] Payload)[] Kinds =
    [
        (TcpFlags.Syn, []), (TcpFlags.Syn | TcpFlags.Ack, []), (TcpFlags.Rst, []), (TcpFlags.Rst | TcpFlags.Ack, []),
        (TcpFlags.Fin | TcpFlags.Ack, []), (TcpFlags.Ack, []),
        (TcpFlags.Ack, new byte[100]), (TcpFlags.Fin | TcpFlags.Ack, new byte[100]), (TcpFlags.Ack, ErlangBytes.Status()),
    ];

    private static readonly int[] Distances = [-100_000, 1, 1000, 100_000, 500_000_000, -1_500_000_000];

    public static TheoryData<string> Names => [.. Plays.Keys];

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Names))]
    [HardCase("segment forged by who does not know the numbers")]
    public void One_forged_segment_changes_no_verdict(string play)
    {
        var real = Plays[play]().Packets;
        var says = Says(real);
        var lies = new List<string>();
        // Before the SYN is answered, or behind the last word of a side, nothing tells the one from the other.
        for (var at = 3; real.Skip(at).DistinctBy(packet => packet.Source).Count() == 2; at++)
            foreach (var forged in Forged(real, at))
                if (Says([.. real.Take(at), forged, .. real.Skip(at)]) is var said && said != says
                    && !(forged.Payload.Length > 0 && IsWeaker(said, says))) lies.Add($"{at} {forged}: {said}");
        Assert.True(lies.Count == 0, $"{says} became{Environment.NewLine}{string.Join(Environment.NewLine, lies)}");
    }

    /// <summary>A SYN with other numbers is a connection's once it is acknowledged; of two, the one that is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [HardCase("SYN forged into a connection that is up")]
    public void A_SYN_into_an_open_connection_waits_for_its_answer(bool isForgedToo)
    {
        var first = new Playbook().Erlang("a@h", "b@h").Packets;
        var second = new Playbook(startMilliseconds: 100).Erlang("c@h", "b@h", "wrong", "right").InitiatorCloses().AcceptorCloses()
            .Send(true, TcpFlags.Ack, []).Renumbered(77_000).ToList();
        if (isForgedToo) second.Insert(0, second[0] with { Sequence = 5 });
        Assert.Equal("established ok proven; authentication-failed cookie-mismatch proven", Says([.. first, .. second]));
        // Its own frames are kept, the SYN's too.
        var (analyzer, facts) = Run(Analysis.Options with { Evidence = new() }, [.. first, .. second]);
        Assert.Equal(first.Count + second.Count, facts.Totals.TcpSegments);
        var syn = first.Count + (isForgedToo ? 2 : 1);
        Assert.Equal([syn, syn + 1, syn + 2],
            analyzer.Evidence!.Of(new EvidenceKey(false, 2))!.Frames.Take(3).Select(frame => frame.Number));
    }

    [Fact]
    [HardCase("SYN forged into a connection that is up")]
    public void A_later_acknowledgement_answers_a_SYN_without_its_SYN_ACK()
    {
        var second = new Playbook(startMilliseconds: 100).Erlang("c@h", "b@h").Renumbered(7_000_000).ToList();
        second.RemoveAt(1);
        Assert.Equal("established ok proven; established ok proven", Says([.. new Playbook().Erlang("a@h", "b@h").Packets, .. second]));
    }

    [Fact]
    [HardCase("SYN forged into a connection that is up")]
    public void A_late_copy_of_a_SYN_ACK_answers_no_other_SYN()
    {
        var real = Plays["accepted"]().Packets;
        Assert.Equal("established ok proven", Says([.. real.Take(4), real[0] with { Sequence = 5, Time = real[3].Time },
            real[1] with { Time = real[3].Time }, .. real.Skip(4)]));
    }

    [Fact]
    [HardCase("SYN forged into a connection that is up")]
    public void Waiting_SYNs_are_bounded()
    {
        IEnumerable<Playbook> Of(string node, long start) =>
            Enumerable.Range(0, 3).Select(port => new Playbook($"10.0.0.1:{50000 + port}", startMilliseconds: start).Erlang(node, "b@h"));
        var later = Of("c@h", 1000).Select(play => play.Renumbered(77_000).ToList()).ToList();
        var (analyzer, _) = Run(Analysis.Options with { Connections = new() { MaxSynsAside = 2 } }, [.. Of("a@h", 0)
            .SelectMany(play => play.Packets), .. later.Select(play => play[0]), .. later.SelectMany(play => play.Skip(1))]);
        Assert.Equal(3 + 2, analyzer.Cluster.Handshakes.Count);
    }

    /// <summary>The first copy of an acknowledgement decides; that another one differs is said all the same.</summary>
    [Fact]
    [HardCase("proof sent twice with other bytes")]
    public void A_different_copy_of_the_last_message_makes_the_verdict_inferred()
    {
        var play = new Playbook().Erlang("a@h", "b@h", "right", "wrong");
        var real = play.Packets[^1] with { Time = play.Packets[^1].Time + 2_000_000, Payload = ErlangBytes.Ack(7, "right") };
        Assert.Equal("authentication-failed cookie-mismatch proven", Says(play.InitiatorCloses().Packets));
        Assert.Equal("authentication-failed cookie-mismatch inferred", Says([.. play.Packets.SkipLast(1), real, play.Packets[^1]]));
    }

    /// <summary>Other bytes in the place of real ones leave the outcome, and make it less certain.</summary>
    private static bool IsWeaker(string said, string than) => said == "established unverified proven" ? than == "established ok proven"
        : said == than.Replace("proven", "inferred", StringComparison.Ordinal);

    private static IEnumerable<TracePacket> Forged(IReadOnlyList<TracePacket> real, int at)
    {
        foreach (var source in new[] { real[0].Source, real[0].Destination })
        {
            var mine = real.Take(at).Last(packet => packet.Source == source);
            var theirs = real.Take(at).Last(packet => packet.Source != source);
            foreach (var (flags, payload) in Kinds)
                foreach (var ahead in Distances)
                    foreach (var acknowledges in (flags & TcpFlags.Ack) == 0 ? [0] : (int[])[0, 500, 500_000_000])
                    {
                        if (ahead == 1 && payload.Length > 0 && acknowledges == 0) continue; // any stack takes it
                        yield return new TracePacket(
                            real[at].Time - 50_000, source, mine.Destination, unchecked(Behind(mine) + (uint)ahead),
                                (flags & TcpFlags.Ack) == 0 ? 0 : unchecked(Behind(theirs) + (uint)acknowledges), flags, payload);
                    }
        }
    }

    private static uint Behind(TracePacket packet) =>
        packet.Sequence + (uint)packet.Payload.Length + ((packet.Flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0 ? 1u : 0u);

    private static Playbook Refused(Playbook play) => play.AcceptorCloses().InitiatorCloses().Send(false, TcpFlags.Ack, []);

    private static (CaptureAnalysis Analyzer, FactStore Facts) Run(AnalyzerOptions options, IReadOnlyList<TracePacket> packets)
    {
        var analyzer = new CaptureAnalysis(options, CookieRing.Empty, new FrameParser(), null);
        for (var i = 0; i < packets.Count; i++)
        {
            var datagram = packets[i].ToDatagram();
            analyzer.Accept(new Frame(i + 1, packets[i].Time, LinkLayer.Raw, datagram, datagram.Length));
        }
        return (analyzer, analyzer.Finish());
    }

    private static string Says(IReadOnlyList<TracePacket> packets) =>
        Playbook.Says(Trace.Report(packets, new CookieRing([.. Cookies.Select(cookie => Cookie.FromText(cookie.Key, cookie.Value))])));
}
