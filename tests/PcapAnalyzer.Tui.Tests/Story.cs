using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using E = PcapAnalyzer.Testing.ErlangBytes;
using R = PcapAnalyzer.Testing.RactorBytes;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>What the screens of the tests show: a small cluster in which everything happens once.</summary>
internal static class Story
{
    private static readonly Playbook[] Plays =
    [
        Between(11, 7, 0).Erlang("rabbit@web1", "rabbit@db1"),
        Between(12, 7, 1500).Connect().Initiator(E.Name("rabbit@web2")).Acceptor(E.Status(), E.Challenge("rabbit@db1", 42)).Wait(40)
            .Initiator(E.Reply(7, 42, "wrong")).Closed(),
        Between(7, 11, 3200).Connect().Initiator(E.Name("rabbit@db1")).Acceptor(E.Status("nok")).Closed(),
        Between(11, 7, 3200, 50001).Erlang("rabbit@web1", "rabbit@db1"),
        Between(14, 7, 5000).Connect().Initiator(E.Name("rabbit@old"), E.Name("rabbit@old")).AcceptorResets(),
        Between(21, 22, 6000).Handshake("alpha@host", "beta@host", "staging"),
        Between(12, 7, 8000, 50001).Connect().Initiator(E.Name("rabbit@web2")).Acceptor(E.Status(), E.Challenge("rabbit@db1", 43))
            .Initiator(E.Reply(7, 43, "wrong")).Closed(),
        Between(31, 22, 9000).Connect().Initiator(R.Name("emqx@生産-1.example")).Acceptor(R.Status(), R.Challenge("emqx@生産-2.example", 44))
            .Initiator(R.Reply(8, 44, "staging")).LoseLast().Acceptor(R.Ack(8, "staging")),
        Between(41, 7, 10000).Connect().Initiator(E.Name("shell@laptop")).Acceptor(E.Status()).Closed(byInitiator: true),
        Between(42, 7, 11000).Connect().Initiator(E.Name("rabbit@denied")).Acceptor(E.Status("not_allowed")).Closed(),
        Between(15, 7, 12000).Connect().Initiator(E.TlsHello).Wait(7010).Closed(),
        Between(51, 22, 13000).Connect().Initiator(R.Name("gamma@host")).Acceptor(R.Status(), R.Challenge("beta@host", 45))
            .Initiator([0, 0, 0, 0, 2, 0, 0, 0, 1]).Closed(),
        Between(12, 7, 20000, 50002).Connect().Initiator(E.Name("rabbit@web2")).Acceptor(E.Status(), E.Challenge("rabbit@db1", 46))
            .Initiator(E.Reply(9, 46, "wrong")).Closed(),
    ];

    internal static IReadOnlyList<TracePacket> Packets { get; } = [.. Plays.SelectMany(play => play.Packets)];

    internal static IReadOnlyList<HeldFrame> Frames { get; } = HeldInput.FramesOf(Packets);

    internal static CookieRing Prod => Ring(("prod", "right"), ("staging", "staging"));

    internal static CookieRing Ring(params (string Label, string Cookie)[] cookies) =>
        new([.. cookies.Select(one => Cookie.FromText(one.Label, one.Cookie))]);

    internal static Screen Screen(int width = 80, int height = 24, Theme? theme = null, CookieRing? ring = null) =>
        Tests.Screen.Of(Frames, ring ?? Prod, width, height, theme);

    /// <summary>Both sides close and acknowledge, as their stacks do.</summary>
    private static Playbook Closed(this Playbook play, bool byInitiator = false) =>
        play.Send(byInitiator, TcpFlags.Fin | TcpFlags.Ack, []).Send(!byInitiator, TcpFlags.Fin | TcpFlags.Ack, [])
            .Send(byInitiator, TcpFlags.Ack, []);

    private static Playbook Between(int from, int to, long start, int port = 50000) =>
        new($"10.0.4.{from}:{port}", $"10.0.4.{to}:{(to is 22 ? 7900 : 25672)}", start);
}
