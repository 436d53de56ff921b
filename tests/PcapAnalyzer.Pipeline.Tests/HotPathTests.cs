using System.Buffers.Binary;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Tests that look at the heap of the whole process run when no other test does.</summary>
[CollectionDefinition(nameof(WholeHeap), DisableParallelization = true)]
public sealed class WholeHeap;

/// <summary>Most bytes of most captures belong to no handshake: they cost no memory.</summary>
[Collection(nameof(WholeHeap))]
public sealed class HotPathTests
{
    private const int SequenceOffset = 20 + 4;
    private static readonly Endpoint Client = Endpoint.FromIpv4(0x0A000001, 40000);
    private static readonly Endpoint Server = Endpoint.FromIpv4(0x0A000002, 80);

    private static CaptureAnalysis NewAnalyzer(bool keepsEvidence = false) => new(Analysis.Options
        with
    { Evidence = keepsEvidence ? new() : null }, CookieRing.Empty, new FrameParser(), new PacketDotNetParser());

    private static byte[] Datagram(Endpoint from, Endpoint to, TcpFlags flags, byte[] payload) =>
        FrameBuilder.Ipv4(from, to, FrameBuilder.Tcp(from.Port, to.Port, 1, 1, flags, payload));

    private static void Accept(CaptureAnalysis analyzer, byte[] datagram, uint sequence, long number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(SequenceOffset), sequence);
        analyzer.Accept(new Frame(number, number * 1000, LinkLayer.Raw, datagram, datagram.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_million_segments_of_a_settled_connection_allocate_nothing(bool keepsEvidence)
    {
        var analyzer = NewAnalyzer(keepsEvidence);
        var payload = "HTTP/1.1 200 OK\r\n"u8.ToArray();
        var (there, back) = (Datagram(Client, Server, TcpFlags.Ack, payload), Datagram(Server, Client, TcpFlags.Ack, payload));
        var (acks, syn) = (Datagram(Client, Server, TcpFlags.Ack, []), Datagram(Client, Server, TcpFlags.Syn, []));
        var sequence = 1u;
        Accept(analyzer, syn, sequence++, 1);
        void Run(int segments)
        {
            for (var i = 0; i < segments; i += 4)
            {
                Accept(analyzer, there, sequence, i + 1);
                Accept(analyzer, back, sequence, i + 2);
                Accept(analyzer, acks, sequence += (uint)payload.Length, i + 3);
                Accept(analyzer, back, sequence - 5, i + 4);
            }
        }
        Run(10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1_000_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_stays_flat_over_many_short_connections(bool keepsEvidence)
    {
        var analyzer = NewAnalyzer(keepsEvidence);
        var number = 0L;
        void Run(int conversations)
        {
            for (var i = 0; i < conversations; i++)
            {
                var client = Endpoint.FromIpv4((uint)(0x0A000000 + i), (ushort)(i % 50_000 + 1));
                number += 1_000_000; // one a second
                Accept(analyzer, Datagram(client, Server, TcpFlags.Syn, []), 9, number);
                Accept(analyzer, Datagram(client, Server, TcpFlags.Ack, "GET / HTTP/1.1\r\n"u8.ToArray()), 10, number + 1);
                Accept(analyzer, Datagram(client, Server, TcpFlags.Rst, []), 26, number + 2);
            }
        }
        Run(20_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Run(100_000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1_000_000);
        Assert.Equal(120_000, analyzer.Finish().Totals.Conversations);
    }

    [Fact]
    [HardCase("floods of connections")]
    public void The_oldest_undecided_connections_are_given_up_first()
    {
        var cluster = new CaptureAnalysis(Analysis.Options with { Connections = new() { MaxConnectionsRead = 100 } }, CookieRing.Empty,
            new FrameParser(), null);
        var name = ErlangBytes.Name("a@host");
        for (var i = 0; i < 1000; i++)
        {
            var client = Endpoint.FromIpv4((uint)(0x0A000000 + i), 40000);
            Accept(cluster, Datagram(client, Server, TcpFlags.Syn, []), 9, 3 * i + 1);
            Accept(cluster, Datagram(Server, client, TcpFlags.Syn | TcpFlags.Ack, []), 0, 3 * i + 2);
            Accept(cluster, Datagram(client, Server, TcpFlags.Ack, name), 10, 3 * i + 3);
        }
        var facts = cluster.Finish().Totals;
        Assert.InRange(facts.ConversationsDropped, 800, 900);
        Assert.Equal(1000, cluster.Cluster.Handshakes.Count);
        Assert.Equal(facts.ConversationsDropped, cluster.Cluster.Handshakes.Count(handshake => handshake.Connection.IsGivenUp));
        var judgement = Judge.Of(cluster.Cluster.Handshakes[1], cluster.Cluster);
        Assert.Equal((Outcome.Incomplete, Certainty.Inferred), (judgement.Outcome, judgement.Diagnosis.Certainty));
        Assert.Contains("was not read to its end", judgement.Diagnosis.Summary, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 1000), cluster.Cluster.Handshakes.Select(handshake => handshake.Number));
    }
}
