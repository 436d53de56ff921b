using System.Text;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What is settled by its first bytes costs little, and hides nothing that comes after it between the same endpoints.</summary>
public sealed class SettledConnectionTests
{
    private const long Second = 1_000_000_000;
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n");
    private static readonly byte[] Banner = Encoding.ASCII.GetBytes("SSH-2.0-OpenSSH_9.9\r\n");

    private static readonly Dictionary<string, Func<Playbook, Playbook>> Beginnings = new()
    {
        ["request"] = play => play.Connect().Initiator(Request).Acceptor(Banner),
        ["banner"] = play => play.Connect().Acceptor(Banner).Initiator(Request),
        ["request without its SYN"] = play => play.Initiator(Request).Acceptor(Banner).Initiator(Request),
        ["handshake"] = play => play.Handshake("b@h", "a@h", "right"),
        ["name"] = play => play.Connect().Initiator(RactorBytes.Name("b@h")),
        ["nothing"] = play => play.Connect(),
        ["SYN"] = play => play.Syn(),
    };

    private static readonly Dictionary<string, Func<Playbook, Playbook>> Endings = new()
    {
        ["none"] = play => play,
        ["initiator resets"] = play => play.InitiatorResets(),
        ["acceptor resets"] = play => play.AcceptorResets(),
        ["initiator closes"] = play => play.InitiatorCloses(),
        ["acceptor closes"] = play => play.AcceptorCloses(),
        ["both close"] = play => play.InitiatorCloses().AcceptorCloses().Send(true, TcpFlags.Ack, []),
        ["close and reset"] = play => play.InitiatorCloses().AcceptorResets(),
    };

    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var beginning in Beginnings.Keys)
                foreach (var ending in Endings.Keys) all.Add(beginning, ending);
            return all;
        }
    }

    /// <summary>The same a while later, from other initial sequence numbers.</summary>
    private static IEnumerable<TracePacket> Later(IEnumerable<TracePacket> packets, long after, uint sequence) =>
        packets.Select(packet => packet with
        {
            Time = packet.Time + after,
            Sequence = packet.Sequence + sequence,
            Acknowledgment = packet.Acknowledgment == 0 ? 0 : packet.Acknowledgment + sequence,
        });

    private static ClusterView Cluster(params IEnumerable<TracePacket>[] parts) => Trace.Cluster(parts.SelectMany(part => part));

    [Theory]
    [MemberData(nameof(All))]
    [HardCase("port reuse with any ISN, a lower one too")]
    public void A_handshake_between_the_same_endpoints_is_found(string beginning, string ending)
    {
        var before = Endings[ending](Beginnings[beginning](new Playbook())).Packets;
        var handshake = new Playbook().Handshake("d@h", "c@h", "right").Packets;
        foreach (var after in (long[])[Second / 10, 30 * Second, 1000 * Second])
        {
            foreach (var sequence in (uint[])[100_000_000, 3_000_000_000])
            {
                var cluster = Cluster(before, Later(handshake, after, sequence));
                Assert.Contains(cluster.Handshakes, one => one.State == HandshakeState.Acknowledged && one.NodeOf(Role.Initiator) == "d@h");
                Assert.Equal(2, cluster.Facts.Totals.Conversations);
            }
        }
    }

    [Theory]
    [InlineData("request")]
    [InlineData("banner")]
    [InlineData("handshake")]
    [HardCase("late copies of a connection that is over")]
    public void Late_copies_of_a_closed_connection_begin_nothing(string beginning)
    {
        var packets = Endings["both close"](Beginnings[beginning](new Playbook())).Packets;
        var expected = Cluster(packets);
        // Others come and go meanwhile, so that what is old is looked for.
        var others = Enumerable.Range(1, 50).SelectMany(i => Later(new Playbook($"10.0.1.{i}:50000").Syn().Packets, Second, 0));
        foreach (var copies in (IEnumerable<TracePacket>[])[packets, packets.Where(packet => packet.Payload.Length > 0), packets.Reverse()])
        {
            var actual = Cluster(packets, others, copies.Select(packet => packet with { Time = packets[^1].Time + Second * 3 / 2 }));
            Assert.Equal(expected.Facts.Totals.Conversations + 50, actual.Facts.Totals.Conversations);
            Assert.Equal(expected.Handshakes.Count, actual.Handshakes.Count);
        }
    }

    [Fact]
    public void The_first_bytes_of_either_direction_settle_a_connection()
    {
        foreach (var name in (string[])["request", "banner"])
        {
            // A whole handshake behind them is another protocol's payload.
            var play = Beginnings[name](new Playbook()).Initiator(RactorBytes.Name("b@h"))
                .Acceptor(RactorBytes.Status(), RactorBytes.Challenge("a@h", 42));
            Assert.Empty(Cluster(play.Packets).Handshakes);
        }
    }
}
