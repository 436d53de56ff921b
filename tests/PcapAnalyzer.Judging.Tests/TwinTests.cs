using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>Two networks in one capture may use equal addresses and ports at once: only the numbers tell their segments apart.</summary>
public sealed class TwinTests
{
    private const string Blue = "a@blue b@blue Established";
    private const string Green = "x@green y@green AuthenticationFailed";

    private static Playbook BlueNodes() => new Playbook().Erlang("a@blue", "b@blue").Initiator([0, 0, 0, 0]).Acceptor([0, 0, 0, 0]);

    private static IEnumerable<TracePacket> GreenNodes(uint by = 2_000_000_000) => new Playbook().Connect()
        .Initiator(Name("x@green")).Acceptor(Status(), Challenge("y@green", 43)).Initiator(Reply(8, 43, "another")).AcceptorCloses()
        .InitiatorCloses()
        .Renumbered(by);

    /// <summary>Each list in its own order, one packet a microsecond.</summary>
    private static List<TracePacket> Merged(Random random, params IEnumerable<TracePacket>[] lists)
    {
        var queues = lists.Select(list => new Queue<TracePacket>(list)).ToList();
        var merged = new List<TracePacket>();
        while (queues.Where(queue => queue.Count > 0).ToList() is { Count: > 0 } left)
        {
            var packet = left[random.Next(left.Count)].Dequeue();
            merged.Add(packet with { Time = 1_700_000_000_000_000_000 + merged.Count * 1000L });
        }
        return merged;
    }

    private static string[] Seen(IEnumerable<TracePacket> packets)
    {
        var report = Trace.Report(packets, Ring);
        Assert.All(report.Handshakes, one => Assert.Empty(one.Facts.Anomalies));
        return [.. report.Handshakes.Select(one => $"{one.Initiator.Node} {one.Acceptor.Node} {one.Outcome}").Order()];
    }

    private static Cookies.CookieRing Ring => new([Cookies.Cookie.FromText("prod", "right")]);

    [Theory]
    [InlineData(2_000_000_000)]
    [InlineData(70_000)]
    [InlineData(3_000_000_000)]
    [HardCase("two networks with equal addresses and ports")]
    public void Two_networks_with_equal_endpoints_are_two_connections(uint by)
    {
        for (var seed = 0; seed < 100; seed++)
            Assert.Equal([Blue, Green], Seen(Merged(new Random(seed), BlueNodes().Packets, GreenNodes(by))));
    }

    [Fact]
    public void A_SYN_that_is_sent_again_goes_to_its_own_connection()
    {
        var (blue, green) = (BlueNodes().Packets, GreenNodes().ToList());
        Assert.Equal([Blue, Green], Seen(Timed([blue[0], green[0], blue[0], green[0], .. blue.Skip(1), green[0], .. green.Skip(1)])));
    }

    [Fact]
    public void A_session_goes_on_while_another_network_connects()
    {
        var (blue, green) = (BlueNodes().Packets, GreenNodes().ToList());
        Assert.Equal([Blue, Green], Seen(Timed([.. blue.SkipLast(2), .. green.Take(5), .. blue.TakeLast(2), .. green.Skip(5)])));
    }

    [Fact]
    public void A_stream_that_nobody_reads_leaves_a_handshake_alone()
    {
        var stream = new Playbook();
        for (var i = 0; i < 300; i++) stream.Initiator([1, 0, 1, 0, 0, 0, 4, .. new byte[1000]]).Acceptor(new byte[500]);
        var packets = stream.Packets;
        foreach (var skipped in (int[])[2, 40, 400])
            Assert.Equal([Green],
                Seen(Timed([.. packets.Take(skipped), .. Merged(new Random(skipped), packets.Skip(skipped), GreenNodes())])));
    }

    [Fact]
    [HardCase("floods of connections")]
    public void Too_many_connections_between_two_endpoints_are_counted()
    {
        var random = new Random(1);
        var answered = Enumerable.Range(0, 1000).SelectMany(_ => new Playbook().Connect().Renumbered((uint)random.NextInt64(1L << 32)));
        var report = Trace.Report(Timed([.. answered, .. GreenNodes()]), Ring);
        Assert.Equal([Green], Seen(Timed([.. answered, .. GreenNodes()])));
        Assert.Equal(1001, report.Statistics.Conversations);
        Assert.InRange(report.Statistics.ConversationsDropped, 1001 - new ConnectionLimits().MaxTwins, 1000);
    }

    private static IEnumerable<TracePacket> Timed(IEnumerable<TracePacket> packets) =>
        packets.Select((packet, at) => packet with { Time = 1_700_000_000_000_000_000 + at * 1000L });
}
