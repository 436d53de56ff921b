using System.Buffers.Binary;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What a conversation that never ends costs, whatever it begins with: an attacker sends as many as he likes.</summary>
[Collection(nameof(WholeHeap))]
public sealed class MemoryTests
{
    private const int Conversations = 20_000;

    private static readonly Dictionary<string, Func<Playbook>> Plays = new()
    {
        ["SYN"] = () => new Playbook().Syn(),
        ["request"] = () => new Playbook().Connect().Initiator("GET / HTTP/1.1\r\n"u8.ToArray()),
        ["half a TLS hello"] = () => new Playbook().Connect().Initiator(ErlangBytes.TlsHello[..(ErlangBytes.TlsHello.Length / 2)]),
        ["two bytes of a TLS hello"] = () => new Playbook().Connect().Initiator(ErlangBytes.TlsHello[..2]),
        ["midstream data"] = () => new Playbook().Initiator("no handshake at all"u8.ToArray()),
        ["midstream data, both sides"] = () => new Playbook().Initiator("no handshake at all"u8.ToArray()).Acceptor("nor this"u8.ToArray()),
        ["hole"] = () => new Playbook().Connect().Initiator(RactorBytes.Name("b@h")).LoseLast().Initiator(new byte[1000]),
        ["Erlang name"] = () => new Playbook().Connect().Initiator(ErlangBytes.Name("b@h")),
        ["Erlang name and RST"] = () => new Playbook().Connect().Initiator(ErlangBytes.Name("b@h")).AcceptorResets(),
        ["Ractor name and RST"] = () => new Playbook().Connect().Initiator(RactorBytes.Name("b@h")).AcceptorResets(),
        ["Erlang handshake"] = () => new Playbook().Erlang("b@h", "a@h"),
        ["Erlang session"] = () => Session(new Playbook().Erlang("b@h", "a@h")),
        ["Erlang session, midstream"] = () => Session(new Playbook()),
        ["Erlang handshake and RST"] = () => new Playbook().Erlang("b@h", "a@h").AcceptorResets(),
    };

    /// <summary>About half as much again as it is.</summary>
    public static TheoryData<string, int> Limits => new()
    {
        { "SYN", 320 },
        { "request", 320 },
        { "half a TLS hello", 3100 },
        { "two bytes of a TLS hello", 3100 },
        { "midstream data", 700 },
        { "midstream data, both sides", 700 },
        { "hole", 4100 },
        { "Erlang name", 4200 },
        { "Erlang name and RST", 4200 },
        { "Ractor name and RST", 4700 },
        { "Erlang handshake", 3500 }, // and the session behind it
        { "Erlang session", 5200 }, // a few messages and ticks
        { "Erlang session, midstream", 3400 },
        { "Erlang handshake and RST", 3800 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    [HardCase("floods of connections")]
    public void A_connection_takes_no_more_memory_than_its_bound(string play, int bytes)
    {
        var each = MeasureEach(play, Analysis.Options);
        Assert.True(each <= bytes, $"{each} bytes each");
    }

    /// <summary>
    /// Evidence is bounded by its budget, and costs little besides: a place for it in a flood of SYNs, and nothing where there is no
    /// handshake.
    /// </summary>
    [Theory]
    [InlineData("SYN", 450)]
    [InlineData("request", 320)]
    [InlineData("Erlang handshake", 3700)]
    public void Evidence_beyond_its_budget_takes_no_more_memory_than_its_bound(string play, int bytes)
    {
        var each = MeasureEach(play, Analysis.Options with { Evidence = new() { MaxBytes = 100_000 } });
        Assert.True(each <= bytes, $"{each} bytes each");
    }

    private static Playbook Session(Playbook play)
    {
        foreach (var to in (string[])["global_name_server", "rex", "net_kernel"])
            play.Initiator(TrafficBytes.RegSend("b@h", to, 106)).Acceptor(TrafficBytes.RegSend("a@h", to, 106));
        for (var tick = 0; tick < 20; tick++) play.Wait(15_000).Initiator(TrafficBytes.Tick).Acceptor(TrafficBytes.Tick);
        return play;
    }

    private static long MeasureEach(string play, AnalyzerOptions options)
    {
        var packets = Plays[play]().Packets.Select(packet => packet.ToDatagram()).ToArray();
        var analyzer = new CaptureAnalysis(options, CookieRing.Empty, new FrameParser(), null);
        var initiator = packets[0][12..16];
        void Run(int from, int to)
        {
            var number = 0L;
            for (var i = from; i < to; i++)
            {
                foreach (var packet in packets)
                {
                    var at = packet.AsSpan(12, 4).SequenceEqual(initiator) ? 12 : 16;
                    BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(at), 0x0B000000 + i);
                    analyzer.Accept(new Frame(++number, 1_700_000_000_000_000_000 + number, LinkLayer.Raw, packet, packet.Length));
                    initiator.CopyTo(packet.AsSpan(at));
                }
            }
        }
        Run(0, 1000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Run(1000, 1000 + Conversations);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Conversations;
        analyzer.Finish();
        return each;
    }
}
