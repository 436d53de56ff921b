using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>
/// Connections that began before the capture: most are of no interest and cost little, and none that is of interest is lost.
/// </summary>
public sealed class MidstreamTests
{
    private static readonly byte[] Noise = "no handshake at all"u8.ToArray();

    /// <summary>A handshake whose first message the capture cuts in two.</summary>
    private static Playbook Handshake(params byte[][] before)
    {
        var play = new Playbook();
        foreach (var bytes in before) play.Initiator(bytes);
        return play.Acceptor(ErlangBytes.Status(), ErlangBytes.Challenge("a@h", 42)).Initiator(ErlangBytes.Reply(7, 42, "right"))
            .Acceptor(ErlangBytes.Ack(7, "right"));
    }

    [Fact]
    public void A_handshake_behind_the_rest_of_a_message_is_read_with_it()
    {
        var handshake = Assert.Single(Trace.Cluster(Handshake(Noise, Noise).Packets).Handshakes);
        Assert.Equal(HandshakeState.Acknowledged, handshake.State);
        Assert.Equal(0, handshake.Connection.MissingFromInitiator);
        Assert.Equal("a@h", handshake.NodeOf(Role.Acceptor));
    }

    [Fact]
    public void A_segment_that_comes_again_or_late_changes_nothing()
    {
        var packets = Handshake(Noise, Noise, Noise).Packets;
        foreach (var order in (int[][])[[0, 1, 1, 2], [0, 2, 1], [1, 0, 2], [2, 1, 0, 0]])
        {
            TracePacket[] changed = [.. order.Select((from, at) => packets[from] with { Time = packets[0].Time + at }), .. packets.Skip(3)];
            Assert.Equal(HandshakeState.Acknowledged, Assert.Single(Trace.Cluster(changed).Handshakes).State);
        }
    }

    [Fact]
    public void More_than_the_rest_of_a_message_settles_a_connection()
    {
        Assert.Single(Trace.Cluster(Handshake(new byte[512]).Packets).Handshakes);
        var noise = new byte[513];
        Array.Fill(noise, (byte)'x');
        Assert.Single(Trace.Cluster(Handshake(noise[1..]).Packets).Handshakes);
        Assert.Empty(Trace.Cluster(Handshake(noise).Packets).Handshakes);
    }

    [Fact]
    public void Connections_beyond_the_memory_set_aside_are_counted()
    {
        var options = Analysis.Options with { Connections = new() { MaxAsideBytes = 512 } };
        var packets = Enumerable.Range(1, 5).SelectMany(i => new Playbook($"10.0.1.{i}:50000").Initiator(Noise).Packets);
        Assert.Equal(3, Trace.Cluster(packets, options: options).Facts.Totals.ConversationsDropped);
        Assert.Equal(0, Trace.Cluster(packets).Facts.Totals.ConversationsDropped);
    }

    [Fact]
    public void Memory_set_aside_is_used_again()
    {
        var options = Analysis.Options with { Connections = new() { MaxAsideBytes = 1024 } };
        var packets = Enumerable.Range(1, 50).SelectMany(i => new Playbook($"10.0.1.{i}:50000")
            .Initiator(new byte[200].Select(_ => (byte)'x').ToArray()).Initiator(Noise).Initiator(new byte[500]).Packets);
        Assert.Equal(0, Trace.Cluster(packets, options: options).Facts.Totals.ConversationsDropped);
    }
}
