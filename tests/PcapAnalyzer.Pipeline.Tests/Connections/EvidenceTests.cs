using System.Text;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Only frames of handshakes are kept, within a bound.</summary>
public sealed class EvidenceTests
{
    private const long Second = 1_000_000_000;
    private static readonly AnalyzerOptions Options = Analysis.Options with { Evidence = new() };
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n");

    private long _number;

    private static CaptureAnalysis NewAnalyzer(AnalyzerOptions? options = null) =>
        new(options ?? Options, CookieRing.Empty, new FrameParser(), null);

    private static Playbook From(int client) => new($"10.{client >> 16}.{client >> 8 & 0xFF}.{client & 0xFF}:50000", "192.168.0.1:9100",
        client);

    private static Playbook Many(Playbook play, int times)
    {
        for (var i = 0; i < times; i++) play.Initiator(Request);
        return play;
    }

    private CaptureAnalysis Accept(CaptureAnalysis analyzer, params IEnumerable<TracePacket>[] parts)
    {
        foreach (var packet in parts.SelectMany(part => part))
        {
            var bytes = packet.ToDatagram();
            analyzer.Accept(new Frame(++_number, packet.Time, LinkLayer.Raw, bytes, bytes.Length, from: 3));
        }
        return analyzer;
    }

    [Fact]
    public void A_handshakes_frames_are_kept_unchanged()
    {
        var play = new Playbook().Erlang("b@h", "a@h");
        var evidence = Accept(NewAnalyzer(), play.Packets).Evidence!.Of(new EvidenceKey(false, 1))!;
        Assert.Equal(play.Packets.Select((packet, index) => $"{index + 1} {packet.Time} Raw 3 {Convert.ToHexString(packet.ToDatagram())} "
            + $"{packet.Source} {packet.Flags} {packet.Payload.Length}"),
            evidence.Frames.Select(frame => $"{frame.Number} {frame.Time} {frame.Link} {frame.Interface} "
                + $"{Convert.ToHexString(frame.Bytes.Span)} {frame.Source} {frame.Flags} {frame.Length}"));
        Assert.Equal((1, false, 0L), (evidence.Key.Number, evidence.IsOver, evidence.Omitted));
        Assert.Equal(evidence.Frames[0].Bytes.Length, evidence.Frames[0].ToFrame().OriginalLength);
    }

    [Fact]
    public void A_few_frames_after_the_handshake_and_its_ends_are_kept()
    {
        var play = Many(new Playbook().Erlang("b@h", "a@h"), 100).AcceptorCloses().Send(true, TcpFlags.Ack, []).InitiatorCloses()
            .Send(false, TcpFlags.Ack, []);
        var analyzer = NewAnalyzer();
        var closed = new List<Evidence>();
        analyzer.Evidence!.Closed = closed.Add;
        Accept(analyzer, play.Packets);
        var evidence = Assert.Single(closed);
        Assert.Same(evidence, analyzer.Evidence.Of(new EvidenceKey(false, 1)));
        Assert.True(evidence.IsOver);
        var handshake = play.Packets.Count - 104;
        Assert.Equal([.. Enumerable.Range(1, handshake + Options.Evidence!.MaxFramesAfter), handshake + 101, handshake + 103],
            evidence.Frames.Select(frame => (int)frame.Number));
    }

    [Fact]
    public void No_frame_is_kept_unless_asked_for() =>
        Assert.Null(Accept(NewAnalyzer(Analysis.Options), new Playbook().Erlang("b@h", "a@h").Packets).Evidence);

    public static TheoryData<string> Others => ["request", "midstream", "banner", "EPMD", "half a name and another protocol's answer",
        "binary"];

    [Theory]
    [MemberData(nameof(Others))]
    public void A_connection_without_a_handshake_drops_its_frames_at_once(string which)
    {
        var play = which switch
        {
            "request" => new Playbook().Connect().Initiator(Request),
            "midstream" => Many(new Playbook().Acceptor(Request), 10),
            "banner" => new Playbook().Connect().Acceptor(Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.9\r\n")).Initiator(Request),
            "EPMD" => new Playbook().Connect().Initiator(ErlangBytes.Lookup("hare")),
            "half a name and another protocol's answer" =>
                new Playbook().Connect().Initiator(ErlangBytes.Name("b@h")[..10]).Acceptor(Request),
            _ => new Playbook().Connect().Initiator([.. Enumerable.Repeat((byte)0xFF, 200)]),
        };
        var analyzer = Accept(NewAnalyzer(), play.Packets);
        Assert.Equal(0, analyzer.Evidence!.Size);
        Accept(analyzer, play.Initiator(Request).AcceptorResets().Packets);
        Assert.Equal(0, analyzer.Evidence.Size);
        analyzer.Finish();
        Assert.Null(analyzer.Evidence.Of(new EvidenceKey(false, 1)));
    }

    [Fact]
    public void Frames_of_silent_attempts_are_dropped_at_the_end()
    {
        var analyzer = Accept(NewAnalyzer(), From(1).Syn().Packets, From(2).Syn().Refuse().Packets, From(3).Connect().Packets);
        Assert.True(analyzer.Evidence!.Size > 0);
        analyzer.Finish();
        Assert.Equal(0, analyzer.Evidence.Size);
    }

    [Fact]
    public void A_TLS_session_is_found_by_its_key()
    {
        var play = new Playbook("10.0.0.1:50000", "10.0.0.2:4400", 50).Connect().Initiator(ErlangBytes.TlsHello).AcceptorCloses();
        var analyzer = Accept(NewAnalyzer(), new Playbook("10.0.0.1:50001").Erlang("b@h", "a@h").Packets, play.Packets);
        var session = Assert.Single(analyzer.Finish().TlsSessions);
        Assert.Equal(new EvidenceKey(true, 1), session.Evidence);
        Assert.Equal(play.Packets.Count, analyzer.Evidence!.Of(session.Evidence)!.Frames.Count);
    }

    [Fact]
    public void Endless_retransmissions_are_counted()
    {
        var play = new Playbook().Connect().Initiator(ErlangBytes.Name("b@h"));
        var analyzer = NewAnalyzer();
        Accept(analyzer, play.Packets, Enumerable.Repeat(play.Packets[^1], 10_000));
        Accept(analyzer, play.AcceptorCloses().Packets.TakeLast(1));
        var evidence = analyzer.Evidence!.Of(new EvidenceKey(false, 1))!;
        Assert.Equal((Options.Evidence!.MaxFrames + 1, 10_004 - Options.Evidence!.MaxFrames + 1),
            (evidence.Frames.Count, evidence.Omitted));
        Assert.True((evidence.Frames[^1].Flags & TcpFlags.Fin) != 0);
    }

    [Fact]
    public void Endless_resets_stay_within_the_limits()
    {
        var play = new Playbook().Erlang("b@h", "a@h").AcceptorResets();
        var stray = play.Packets[^1] with { Sequence = play.Packets[^1].Sequence + (1 << 28) };
        var analyzer = Accept(NewAnalyzer(), play.Packets.SkipLast(1), Enumerable.Repeat(stray, 5000),
            Enumerable.Repeat(play.Packets[^1], 5000));
        Assert.InRange(analyzer.Evidence!.Of(new EvidenceKey(false, 1))!.Frames.Count, 1,
            play.Packets.Count + Options.Evidence!.MaxFramesAfter);
    }

    [Fact]
    public void Only_the_beginning_of_a_huge_frame_is_kept()
    {
        var play = new Playbook().Connect().Initiator([.. ErlangBytes.Name("b@h"), .. new byte[1000]]);
        var frame = Accept(NewAnalyzer(Options with { Evidence = new() { MaxFrameBytes = 100 } }),
            play.Packets).Evidence!.Of(new EvidenceKey(false, 1))!.Frames[^1];
        Assert.Equal((100, play.Packets[^1].ToDatagram().Length), (frame.Bytes.Length, frame.OriginalLength));
    }

    [Fact]
    public void The_oldest_closed_connections_frames_are_dropped_first()
    {
        var analyzer = NewAnalyzer(Options with { Evidence = new() { MaxBytes = 20_000 } });
        var given = new List<(int Key, int Frames, bool IsOver)>();
        analyzer.Evidence!.GivingUp = evidence =>
        {
            Assert.Same(evidence, analyzer.Evidence.Of(evidence.Key));
            given.Add((evidence.Key.Number, evidence.Frames.Count, evidence.IsOver));
        };
        Accept(analyzer, From(1).Erlang("b@h", "a@h").Packets);
        for (var client = 2; client <= 50; client++)
        {
            Accept(analyzer, From(client).Connect().Initiator(ErlangBytes.Name("b@h")).AcceptorCloses().InitiatorCloses()
                .Send(false, TcpFlags.Ack, []).Packets);
            Assert.InRange(analyzer.Evidence.Size, 1, 20_000);
        }
        Assert.NotEmpty(given);
        Assert.Equal(Enumerable.Range(2, given.Count).Select(key => (key, 7, true)), given);
        Assert.Equal(given.Count, analyzer.Evidence.GivenUp);
        Assert.Null(analyzer.Evidence.Of(new EvidenceKey(false, 2)));
        Assert.NotEmpty(analyzer.Evidence.Of(new EvidenceKey(false, 1))!.Frames);
        Assert.NotEmpty(analyzer.Evidence.Of(new EvidenceKey(false, 50))!.Frames);
    }

    [Fact]
    public void Frames_are_kept_again_after_open_handshakes_were_dropped()
    {
        var analyzer = NewAnalyzer(Options with { Evidence = new() { MaxBytes = 4000 } });
        var first = From(1).Erlang("b@h", "a@h");
        Accept(analyzer, first.Packets, From(2).Erlang("b@h", "a@h").Packets, From(3).Erlang("b@h", "a@h").Packets);
        Assert.Empty(analyzer.Evidence!.Of(new EvidenceKey(false, 1))!.Frames);
        Assert.True(analyzer.Evidence.GivenUp > 0);
        Accept(analyzer, first.AcceptorCloses().Packets.TakeLast(1));
        Assert.Single(analyzer.Evidence.Of(new EvidenceKey(false, 1))!.Frames);
        Assert.InRange(analyzer.Evidence.Size, 1, 4000);
    }

    [Fact]
    public void A_flood_of_connections_drops_no_handshakes_frames()
    {
        var analyzer = NewAnalyzer(Options with { Evidence = new() { MaxBytes = 1_000_000 } });
        Accept(analyzer, From(1).Erlang("b@h", "a@h").Packets);
        for (var client = 2; client < 20_000; client++) Accept(analyzer, From(client).Syn().Packets);
        Assert.Equal(0, analyzer.Evidence!.GivenUp);
        Assert.InRange(analyzer.Evidence.Size, 200_000, 300_000);
        Assert.Equal(7, analyzer.Evidence.Of(new EvidenceKey(false, 1))!.Frames.Count);
        var late = From(2).Syn().Packets[0];
        Accept(analyzer, new Playbook($"{late.Source}", $"{late.Destination}", 40_000).Erlang("b@h", "a@h").Packets.Skip(1));
        Assert.Equal((6, 1),
            (analyzer.Evidence.Of(new EvidenceKey(false, 2))!.Frames.Count, analyzer.Evidence.Of(new EvidenceKey(false, 2))!.Omitted));
    }

    [Fact]
    public void A_reset_connection_ends_in_time_without_another_packet()
    {
        var play = new Playbook().Erlang("b@h", "a@h").AcceptorResets();
        var analyzer = NewAnalyzer();
        var closed = 0;
        analyzer.Evidence!.Closed = _ => closed++;
        Accept(analyzer, play.Packets);
        analyzer.Advance(play.Packets[^1].Time + 59 * Second);
        Assert.Equal(0, closed);
        analyzer.Advance(play.Packets[^1].Time + 61 * Second);
        Assert.Equal(1, closed);
    }

    [Fact]
    public void Frames_that_were_taken_are_not_counted()
    {
        var analyzer = NewAnalyzer();
        analyzer.Evidence!.Closed = analyzer.Evidence.Remove;
        Accept(analyzer, From(1).Erlang("b@h", "a@h").AcceptorResets().Packets);
        analyzer.Finish();
        Assert.Null(analyzer.Evidence.Of(new EvidenceKey(false, 1)));
        Assert.Equal((0, 0), (analyzer.Evidence.Size, analyzer.Evidence.GivenUp));
    }
}
