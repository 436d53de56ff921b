using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The ends of sessions that two processes bring about by themselves, done over real sockets, captured, and judged.</summary>
/// <remarks>
/// What the network does to a session is in <see cref="RealSessionsTests"/>; every row is judged from its bytes in SessionJudgeTests.
/// </remarks>
public sealed class SessionRowsOnTheWireTests
{
    private static readonly byte[] Nothing = [106];

    private sealed record Row(int Number, string Codes, params Playbook[] Plays);

    private static readonly Row[] Rows =
    [
        new(1, "node-stopped", Ticking(Erlang(1), 3).Acceptor(TrafficBytes.DownByShutdown("b@h2")).Wait(200).AcceptorCloses()
            .InitiatorCloses()),
        new(2, "node-died", Ticking(Erlang(2), 3).Acceptor(TrafficBytes.RegSend("b@h2", "rex", Nothing)[..20]).AcceptorCloses()
            .InitiatorCloses()),
        new(3, "disconnected; disconnected", Ticking(Erlang(3), 3).InitiatorCloses().AcceptorCloses(),
            Ticking(Erlang(3, start: 3000), 3).InitiatorCloses().AcceptorCloses(), Ticking(Erlang(3, start: 6000), 3)),
        new(4, "global-overlap", Ticking(Erlang(4), 3)
            .Acceptor(TrafficBytes.LostConnection("c@h3", "a@h1"), TrafficBytes.RemoveConnection("b@h2")).InitiatorCloses()
            .AcceptorCloses()),
        new(5, "peer-frozen", Ticking(Ticking(Erlang(5), 4), 6, byAcceptor: false).InitiatorCloses().Wait(1500)
            .Send(true, TcpFlags.Ack, [])),
        new(6, "tick-mismatch", Ticking(Ticking(Erlang(6), 4), 6, byAcceptor: false).InitiatorCloses().AcceptorCloses()),
        new(7, "tool-session", At(7).Connect().Initiator(ErlangBytes.Name("cli@h1", ErlangBytes.Flags & ~1UL))
            .Acceptor(ErlangBytes.Status(), ErlangBytes.Challenge("b@h2", 42))
            .Initiator(ErlangBytes.Reply(7, 42, "right")).Acceptor(ErlangBytes.Ack(7, "right"))
            .Initiator(TrafficBytes.PassThrough("cli@h1", "rex")).Wait(100).InitiatorCloses().AcceptorCloses()),
        new(8, "closed-unexplained", Ticking(Erlang(8), 3).InitiatorCloses().AcceptorCloses()),
        new(9, "malformed-message", Ractor(9).Initiator(RactorBytes.Frame([0xFF, 0xFF, 0xFF])).AcceptorCloses().InitiatorCloses()),
        new(10, "frame-too-large", Ractor(10).Initiator([0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3]).AcceptorCloses().InitiatorCloses()),
        new(11, "peer-frozen", Pinging(Ractor(11)).Wait(6000).InitiatorCloses().Wait(1500).Send(true, TcpFlags.Ack, [])),
    ];

    [Fact(Timeout = 60_000)]
    [Trait("Only", "test-all")]
    public async Task Each_is_judged_as_it_must_be()
    {
        using var dump = await Tcpdump.StartAsync("net 127.0.3.0/24 or net 127.0.4.0/24");
        await Task.WhenAll(Rows.Select(row => NodeSimulator.PlayAsync(row.Plays, TestContext.Current.CancellationToken)));
        var ring = new CookieRing([Cookie.FromText("prod", "right")]);
        var report = await dump.ReportWhenAsync(report =>
            Rows.All(row => Says(report, row).StartsWith(row.Codes, StringComparison.Ordinal)), ring);
        Assert.Empty(Rows.Where(row => !Says(report, row).StartsWith(row.Codes, StringComparison.Ordinal))
            .Select(row => $"{row.Number}: expected {row.Codes}, got {Says(report, row)}"));
    }

    private static string Says(CaptureReport report, Row row) => string.Join("; ", report.Sessions
        .Where(session => session.Facts.Acceptor.Address.ToString() == $"127.0.3.{row.Number}").Select(session => session.Code.Kebab()));

    private static Playbook At(int number, long start = 0) => new($"127.0.4.{number}:0", $"127.0.3.{number}:9102", start);

    private static Playbook Erlang(int number, long start = 0) => At(number, start).Erlang($"a{number}@h1", $"b{number}@h2");

    private static Playbook Ractor(int number) => At(number).Handshake($"a{number}@h1", $"b{number}@h2", "right");

    /// <summary>A net_ticktime of 2 s, as the ticks show it.</summary>
    private static Playbook Ticking(Playbook play, int times, bool byAcceptor = true)
    {
        for (var i = 0; i < times; i++)
        {
            play.Wait(500).Initiator(TrafficBytes.Tick);
            if (byAcceptor) play.Acceptor(TrafficBytes.Tick);
        }
        return play;
    }

    private static Playbook Pinging(Playbook play) => play.Wait(500).Initiator(TrafficBytes.Ping(500)).Acceptor(TrafficBytes.Pong(500))
        .Acceptor(TrafficBytes.Ping(500)).Initiator(TrafficBytes.Pong(500)).Wait(500).Initiator(TrafficBytes.Ping(1000));
}
