using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>
/// A mirror port sees a packet on its way in and out, an <c>any</c> device on bridge, veth and loopback. They say nothing about the
/// network.
/// </summary>
public sealed class CopiesTests
{
    private const long Microsecond = 1000;

    /// <summary>Packets ten milliseconds apart.</summary>
    private static readonly IReadOnlyList<TracePacket> Original =
        [.. new Playbook().Handshake("b@h", "a@h", "right").InitiatorCloses().AcceptorCloses()
            .Send(true, TcpFlags.Ack, []).Packets.Select((packet, index) => packet with { Time = 10_000 * Microsecond * (index + 1) })];

    private static CaptureReport Report(IEnumerable<TracePacket> packets) => Trace.Report(packets, CookieRing.Empty);

    /// <summary>Each packet and copies of it, in the order of their times.</summary>
    private static List<TracePacket> Copied(long after, int times) =>
        [.. Original.SelectMany(packet => Enumerable.Range(0, times + 1).Select(copy => packet with { Time = packet.Time + copy * after }))
            .OrderBy(packet => packet.Time)];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4, 1)]
    [InlineData(15, 2)]
    [InlineData(300, 1)]
    [InlineData(300, 3)]
    [HardCase("every packet twice or more: mirror ports, any devices")]
    public void A_copy_is_not_a_retransmission_and_changes_nothing(int microseconds, int times)
    {
        var report = Report(Copied(microseconds * Microsecond, times));
        Assert.Equal(Trace.Essence(Report(Original)), Trace.Essence(report));
        var handshake = Assert.Single(report.Handshakes);
        var connection = handshake.Connection;
        Assert.Equal((0, 1, 0), (connection.Retransmissions, connection.Syns, handshake.Facts.Transfer.Count));
        Assert.Equal(3 * times, connection.Copies); // with its last message the handshake is followed no longer
    }

    [Fact]
    [HardCase("every packet twice or more: mirror ports, any devices")]
    public void A_repeat_after_a_retransmission_timeout_is_a_retransmission()
    {
        var connection = Assert.Single(Report(Copied(2000 * Microsecond, 1)).Handshakes).Connection;
        Assert.Equal((3, 0, 2), (connection.Retransmissions, connection.Copies, connection.Syns));
    }

    [Fact]
    [HardCase("copy of a retransmission")]
    public void A_retransmission_and_its_copy_count_once()
    {
        var wire = new Wire().Open().Data(0, "abc").Wait(10 * Microsecond).Data(0, "abc");
        wire.Wait(200_000_000).Data(0, "abc").Wait(10 * Microsecond).Data(0, "abc").Wait(400_000_000).Data(0, "abc");
        Assert.Equal((2, 2), (wire.Stream.Retransmissions, wire.Stream.Copies));
        // While a hole is before them, too.
        var early = new Wire().Open().Data(3, "def").Wait(10 * Microsecond).Data(3, "def").Wait(200_000_000).Data(3, "def")
            .Wait(10 * Microsecond).Data(3, "def");
        Assert.Equal((1, 2), (early.Stream.Retransmissions, early.Stream.Copies));
        // A segment with other bytes is not a copy.
        var forged = new Wire().Open().Data(0, "abc").Data(0, "abX");
        Assert.Equal((1, 0), (forged.Stream.Retransmissions, forged.Stream.Copies));
    }

    [Fact]
    [HardCase("SYN captured twice")]
    public void A_SYN_and_its_copy_are_one_attempt()
    {
        var syn = new Playbook().Syn().Packets[0];
        int Syns(params long[] times)
        {
            var connect = times.Select(time => syn with { Time = syn.Time + time });
            var rest = Original.Skip(1).Select(packet => packet with { Time = packet.Time + times[^1] });
            return Assert.Single(Report([.. connect, .. rest]).Handshakes).Connection.Syns;
        }
        Assert.Equal(1, Syns(0, 20 * Microsecond, 30 * Microsecond));
        Assert.Equal(2, Syns(0, 20 * Microsecond, 1_000_000_000, 1_000_020_000));
        Assert.Equal(3, Syns(0, 1_000_000_000, 3_000_000_000));
        Assert.Equal(1, Syns(0, -20 * Microsecond));
    }
}
