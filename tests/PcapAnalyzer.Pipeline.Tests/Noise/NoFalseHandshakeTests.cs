using System.Buffers;
using System.Collections.Concurrent;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>What is no handshake is never taken for one. Each run has seeds of its own, told when it fails.</summary>
public sealed class NoFalseHandshakeTests
{
    private const int Connections = 100_000;
    private const int Openings = 10_000_000;
    private const int Batches = 100;

    [Fact]
    public void No_handshake_in_100_000_connections_of_other_protocols()
    {
        Assert.True(OtherProtocols.All.Length >= 15);
        var faults = new ConcurrentBag<string>();
        Parallel.For(0, Batches, batch =>
        {
            var seed = Random.Shared.Next();
            var random = new Random(seed);
            var (name, talk) = OtherProtocols.All[batch % OtherProtocols.All.Length];
            for (var i = 0; i < Connections / Batches / 10; i++) // ten connections an analyzer, so that a fault can be told
            {
                var plays = Enumerable.Range(0, 10).Select(n => Play(talk(random), n, random)).ToList();
                var found = Trace.Cluster(plays.SelectMany(play => play.Packets)).Handshakes;
                if (found.Count > 0) faults.Add(
                    $"{name}, seed {seed}: {Convert.ToHexString(plays[0].Packets[3].Payload)} …: {found.First().Messages.Length} messages");
            }
        });
        Assert.Empty(faults);
    }

    [Fact]
    [Trait("Only", "test-all")]
    public void No_handshake_in_ten_million_random_or_nearly_right_openings()
    {
        var faults = new ConcurrentBag<string>();
        Parallel.For(0, Batches, _ =>
        {
            var seed = Random.Shared.Next();
            var random = new Random(seed);
            for (var i = 0; i < Openings / Batches; i++)
            {
                var bytes = NearMisses.Next(random);
                foreach (var protocol in HandshakeProtocols.All)
                    if (protocol.Probe(bytes, Role.Initiator, isAll: true) == OperationStatus.Done)
                        faults.Add($"{protocol.Name}, seed {seed}, opening {i}: {Convert.ToHexString(bytes)}");
            }
        });
        Assert.Empty(faults.Take(5));
    }

    private static Playbook Play(OtherProtocols.Words[] words, int number, Random random)
    {
        var play = new Playbook($"10.0.0.1:{50000 + number}", $"10.0.0.2:{random.Next(1, 65536)}", number).Connect();
        foreach (var (isServer, bytes) in words) play.Send(!isServer, TcpFlags.Psh | TcpFlags.Ack, bytes);
        return random.Next(2) == 0 ? play.InitiatorCloses() : play.AcceptorCloses();
    }
}
