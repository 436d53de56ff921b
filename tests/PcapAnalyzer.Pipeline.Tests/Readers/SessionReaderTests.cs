using CsCheck;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests.Readers;

public sealed class SessionReaderTests
{
    private static readonly byte[] Nothing = [106];

    private static Session Only(params Playbook[] plays) => Assert.Single(All(plays));

    private static IReadOnlyList<Session> All(params Playbook[] plays) =>
        [.. Trace.Cluster(plays.SelectMany(play => play.Packets).OrderBy(packet => packet.Time)).Facts.Sessions];

    [Fact]
    public void Each_direction_is_counted_by_kind_operation_and_destination()
    {
        var session = Only(new Playbook().Erlang("a@h1", "b@h2")
            .Initiator(TrafficBytes.RegSend("a@h1", "rex", Nothing), TrafficBytes.RegSendCached(Nothing))
            .Acceptor(TrafficBytes.DownByShutdown("b@h2")).Wait(2000)
            .Initiator(TrafficBytes.Tick).Acceptor(TrafficBytes.Tick).Wait(2000)
            .Initiator(TrafficBytes.Tick).Wait(2000).Initiator(TrafficBytes.Tick));
        var (there, back) = (session.FromInitiator, session.FromAcceptor);
        Assert.Equal((2, 3, 1, 1), (there.Messages, there.Ticks, back.Messages, back.Ticks));
        Assert.Equal(2, there.Operations["REG_SEND"]);
        Assert.Equal(2, there.Destinations["rex"]);
        Assert.Equal(1, back.Operations["PAYLOAD_MONITOR_P_EXIT"]);
        Assert.Equal(("a@h1", 2), (there.Node, there.TickSpacings));
        Assert.Equal(TrafficBytes.RegSend("a@h1", "rex", Nothing).Length + TrafficBytes.RegSendCached(Nothing).Length + 12, there.Bytes);
        Assert.Equal(SessionNoticeKind.Shutdown, Assert.Single(session.Notices).Kind);
        Assert.True(session is { IsAcknowledged: true, Handshake: 1 });
    }

    [Fact]
    public void A_message_in_fragments_counts_once()
    {
        var session = Only(new Playbook().Erlang("a@h1", "b@h2").Initiator(TrafficBytes.Fragment(3, true, 2000)).Wait(1000)
            .Initiator(TrafficBytes.Fragment(2, false, 2000), TrafficBytes.Tick).Wait(1000).Initiator(TrafficBytes.Fragment(1, false, 10)));
        Assert.Equal((1, 1, 3), (session.FromInitiator.Messages, session.FromInitiator.Ticks, session.FromInitiator.MostFragments));
        Assert.InRange(session.FromInitiator.LargestTook, 2_000_000_000, 2_001_000_000);
    }

    [Fact]
    public void What_global_tells_is_noticed()
    {
        var session = Only(new Playbook().Erlang("a@h1", "b@h2")
            .Acceptor(TrafficBytes.LostConnection("b@h2", "c@h3"), TrafficBytes.RemoveConnection("b@h2")));
        Assert.Equal(["LostConnection b@h2 c@h3", "RemoveConnection b@h2 "],
            session.Notices.Select(one => $"{one.Kind} {one.Name} {one.Other}"));
        Assert.All(session.Notices, one => Assert.Equal(Role.Acceptor, one.By));
    }

    [Fact]
    public void Pings_without_an_answer_and_calls_without_a_reply_are_told()
    {
        var session = Only(new Playbook().Handshake("a@h1", "b@h2", "right")
            .Initiator(TrafficBytes.Ping(1000)).Acceptor(TrafficBytes.Pong(1000))
            .Initiator(TrafficBytes.Call(4, 1, 300), TrafficBytes.Call(4, 2, 300)).Acceptor(TrafficBytes.CallReply(4, 2)).Wait(1000)
            .Acceptor(TrafficBytes.Ping(3000)).Wait(5000).Acceptor(TrafficBytes.Ping(8000)));
        Assert.Equal(0, session.FromInitiator.UnansweredPing);
        Assert.NotEqual(0, session.FromAcceptor.UnansweredPing);
        Assert.Equal(1, session.FromInitiator.Operations["ping"]);
        Assert.Equal("Ask", Assert.Single(session.Notices, one => one.Kind == SessionNoticeKind.CallUnanswered).Name);
        Assert.Equal(1_000_000_000, session.Notices.First(one => one.Kind == SessionNoticeKind.Age).Value);
    }

    [Fact]
    public void A_session_in_the_middle_of_its_stream_is_recognised_by_a_message()
    {
        var session = Only(new Playbook().Initiator(TrafficBytes.RegSend("a@h1", "rex", Nothing)).Acceptor(TrafficBytes.Tick));
        Assert.True(session is { IsRecognized: true, IsAcknowledged: false, Handshake: 0 });
        Assert.Equal(("a@h1", 1, 1), (session.FromInitiator.Node, session.FromInitiator.Messages, session.FromAcceptor.Ticks));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("\0\0\0\u0005\u0083Daaa")]
    public void Other_traffic_is_no_session(string text) =>
        Assert.Empty(All(new Playbook().Initiator([.. text.Select(one => (byte)one)]).Acceptor("hello"u8.ToArray())));

    [Fact]
    public void A_hole_in_a_body_is_passed_over_and_filled_bytes_are_not_missing()
    {
        var body = TrafficBytes.Fragment(1, true, 6000);
        var play = new Playbook().Erlang("a@h1", "b@h2").Initiator(body[..3000]).Initiator(body[3000..4000]);
        var late = play.Packets[^1];
        play.LoseLast().Initiator(body[4000..], TrafficBytes.Tick);
        var lossy = Only(play).FromInitiator;
        Assert.Equal((1, 1, 1000), (lossy.Messages, lossy.Ticks, lossy.Missing));
        var whole = Only(play.Add(late with { Time = play.Packets[^1].Time + 1 })).FromInitiator;
        Assert.Equal((1, 1, 0, body.Length + 4), (whole.Messages, whole.Ticks, whole.Missing, whole.Bytes));
    }

    [Fact]
    public void Framing_is_found_again_behind_a_gap()
    {
        var play = new Playbook().Erlang("a@h1", "b@h2").Initiator(TrafficBytes.RegSend("a@h1", "rex", Nothing)).LoseLast()
            .Acceptor(TrafficBytes.Tick);
        for (var i = 0; i < 80; i++) play.Wait(100).Initiator(TrafficBytes.RegSend("a@h1", "net_kernel", Nothing))
            .Acceptor(TrafficBytes.Tick);
        var side = Only(play).FromInitiator;
        Assert.True(side.Missing > 0);
        Assert.InRange(side.Messages, 79, 80);
        Assert.Equal(side.Messages, side.Destinations["net_kernel"]);
    }

    [Fact]
    public void Any_chunking_tells_the_same_counts()
    {
        byte[] stream =
        [
            .. TrafficBytes.RegSend("a@h1", "rex", Nothing), .. TrafficBytes.Tick, .. TrafficBytes.Fragment(2, true, 5000),
            .. TrafficBytes.RegSendCached(Nothing),
            .. TrafficBytes.Fragment(1, false, 3000), .. TrafficBytes.Tick, .. TrafficBytes.PassThrough("a@h1", "rex"),
        ];
        Gen.Int[1, 3000].Array[1, 40].Sample(cuts =>
        {
            var play = new Playbook().Erlang("a@h1", "b@h2");
            for (var (at, i) = (0, 0); at < stream.Length; i++)
            {
                var length = Math.Min(cuts[i % cuts.Length], stream.Length - at);
                play.Initiator(stream.AsSpan(at, length).ToArray());
                at += length;
            }
            var side = Only(play).FromInitiator;
            Assert.Equal((4, 2, stream.Length, 3), (side.Messages, side.Ticks, side.Bytes, side.Destinations["rex"]));
        }, iter: 200);
    }

    [Fact]
    public void Random_bytes_behind_a_handshake_break_nothing() => Gen.Byte.Array[0, 600].Sample(bytes =>
    {
        foreach (var start in (ReadOnlySpan<Playbook>)[new Playbook().Erlang("a@h1", "b@h2"),
            new Playbook().Handshake("a@h1", "b@h2", "right")])
        {
            var session = Only(start.Acceptor(bytes).Initiator(bytes).Acceptor(TrafficBytes.Frame([131, 68, .. bytes])));
            Assert.True(session.FromAcceptor.Bytes >= bytes.Length);
        }
    }, iter: 3000);

    [Fact]
    public void A_session_is_the_same_from_its_facts_bytes()
    {
        var session = Only(new Playbook().Handshake("a@h1", "b@h2", "right").Initiator(TrafficBytes.Ping(1000))
            .Acceptor(TrafficBytes.Terminate(1)).Wait(9000).InitiatorCloses().AcceptorResets());
        var again = Assert.IsType<Session>(new FactBytes(HandshakeProtocols.All).Read(FactBytes.Write(session)));
        Assert.Equal(FactBytes.Write(session), FactBytes.Write(again));
        Assert.Equal(session.FromInitiator.End, again.FromInitiator.End);
        Assert.Equal(session.FromAcceptor.Transport, again.FromAcceptor.Transport);
        Assert.Equal(session.Notices, again.Notices);
    }
}
