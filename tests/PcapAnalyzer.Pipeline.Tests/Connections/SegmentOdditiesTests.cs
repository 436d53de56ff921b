using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>Segments that are rare, odd or forged, on one conversation.</summary>
public sealed class SegmentOdditiesTests
{
    private const uint Isn = Wire.Isn;
    private const TcpFlags Ack = TcpFlags.Ack;

    /// <summary>
    /// All that can stand at a wrap, in one conversation: data in a SYN, early, late, repeated, forged and cut segments, keep-alives, FINs,
    /// a stray RST.
    /// </summary>
    private static Wire Everything(uint isn) => new Wire(isn: isn)
        .Send(true, Isn, 0, TcpFlags.Syn, "ab").Send(false, 100, Isn + 3, TcpFlags.Syn | Ack, "u").Data(2, "c", 1)
        .Data(6, "ghi", 1).Data(3, "def", 1).Data(4, "efghij", 1).Data(8, "X", 1).Answer(1, "v", 10).Data(9, "?", 1)
        .Data(10, "kl", 2, wire: 5).Data(15, "p", 2).Data(20, "uvw", 2).Answer(2, "w", 16).Data(16, "qrst", 3)
        .Send(true, Isn - 50, 0, TcpFlags.Rst).Send(true, Isn + 24, 104, Ack | TcpFlags.Fin, "x")
        .Send(true, Isn + 25, 104, Ack | TcpFlags.Fin)
        .Answer(3, "x", 25).Send(false, 105, Isn + 26, Ack | TcpFlags.Fin).Send(true, Isn + 26, 106, Ack);

    private static string Told(Wire wire)
    {
        var (text, flow, stream) = (wire.End(), wire.WatchedConnection.Headers, wire.Stream);
        return $"{text} {string.Join(' ', stream.Conflicts)} again {stream.Retransmissions} late {stream.OutOfOrder} "
            + $"over {stream.Overlaps} missing {stream.MissingBytes} stray {flow.StrayResets} ends {flow.Low.SeenTo} {flow.High.SeenTo} "
            + $"{flow.IsFinished} {wire.WatchedConnection.Marks(true).EndFrame}";
    }

    [Fact]
    [HardCase("sequence numbers that wrap, in every place")]
    public void Wrapping_sequence_numbers_change_nothing()
    {
        var expected = Told(Everything(Isn));
        Assert.StartsWith("abUcdefghijVkl[3]pWqrstuvwxX (8, 9) again 1 late 3 over", expected, StringComparison.Ordinal);
        // Low's own numbers wrap in the first part, the peer's, which stand before them, in the second.
        for (var before = -5000; before < 200; before++) Assert.Equal(expected, Told(Everything(unchecked((uint)-before))));
    }

    public static TheoryData<int, string> Overlaps => new() { { 2, "XXXXXX" }, { 2, "XXXXXXXX" }, { 2, "XXX" }, { 4, "XXXX" },
        { 4, "XXXXXX" }, { 4, "XX" }, { 5, "XX" }, { 6, "XX" }, { 6, "XXXX" } };

    /// <summary>
    /// Systems differ in which of these they take (new before old, the same start and longer, around it, …); the first one seen is
    /// evidence in any case, but for one behind a hole: what fills the hole is taken whole by Linux.
    /// </summary>
    [Theory]
    [MemberData(nameof(Overlaps))]
    [HardCase("overlap with other bytes")]
    public void Of_different_copies_the_first_in_order_wins_with_a_conflict(int at, string other)
    {
        var until = Math.Max(8, at + other.Length);
        foreach (var isRead in (bool[])[true, false])
        {
            var wire = new Wire().Open();
            if (isRead) wire.Data(0, "abcd");
            wire.Data(4, "efgh").Data(at, other);
            if (!isRead) wire.Data(0, "abcd");
            Assert.Equal("abcdefgh" + other[(other.Length - (until - 8))..], wire.End());
            var told = wire.Stream.Conflicts;
            Assert.Contains(told, range => range.From <= Math.Max(at, 4) && range.To >= Math.Min(at + other.Length, 8));
            Assert.All(told, range => Assert.InRange(range.From, at, range.To));
        }
    }

    [Fact]
    [HardCase("data in a SYN-ACK")]
    public void Data_in_a_SYN_ACK_counts_once_it_is_acknowledged()
    {
        Assert.Equal("XYZa", new Wire().Send(true, Isn, 0, TcpFlags.Syn).Send(false, 100, Isn + 1, TcpFlags.Syn | Ack, "xyz")
            .Data(0, "a", 3).End());
        Assert.Equal("aZYX", new Wire().Send(true, Isn, 0, TcpFlags.Syn).Send(false, 100, Isn + 1, TcpFlags.Syn | Ack, "xyz").Data(0, "a")
            .Answer(0, "zyx", 1).End());
    }

    [Fact]
    [HardCase("keep-alive without a byte")]
    [HardCase("keep-alive with a byte")]
    public void Keep_alives_are_not_data_and_hide_none()
    {
        var wire = new Wire().Open().Data(0, "abc").Answer(0, "", 3);
        for (var times = 0; times < 5; times++) wire.Wait(75_000_000_000).Data(2, "").Answer(0, "", 3).Data(2, "\0").Answer(0, "", 3)
            .Data(2, "c").Answer(0, "", 3);
        Assert.Equal("abcd", wire.Data(3, "d").End());
        Assert.Empty(wire.Stream.Conflicts);
        Assert.Equal((0, 0L), (wire.Stream.Retransmissions, wire.Stream.MissingBytes));
    }

    [Fact]
    [HardCase("window probe")]
    public void The_byte_of_a_window_probe_is_read_once()
    {
        var wire = new Wire().Open().Data(0, "abc").Answer(0, "", 3);
        for (var times = 0; times < 3; times++) wire.Wait(1_000_000_000).Data(3, "d").Answer(0, "", 3);
        Assert.Equal("abcdefg", wire.Data(3, "defg").End());
        Assert.Empty(wire.Stream.Conflicts);
    }

    [Fact]
    [HardCase("RST with data")]
    public void The_data_of_an_RST_is_not_read()
    {
        var wire = new Wire().Open().Data(0, "abc").Send(true, Isn + 4, 101, TcpFlags.Rst | Ack, "why it is so");
        Assert.Equal("abc", wire.End());
        Assert.True(wire.WatchedConnection.Headers.Low.HasReset);
    }

    [Fact]
    [HardCase("RST after FIN")]
    public void A_FIN_counts_despite_an_RST()
    {
        var wire = new Wire().Open().Data(0, "abc").Send(true, Isn + 4, 101, Ack | TcpFlags.Fin).Send(true, Isn + 5, 101,
            TcpFlags.Rst | Ack).Send(false, 101, Isn + 5, TcpFlags.Rst | Ack).Send(false, 101, Isn + 5, Ack | TcpFlags.Fin);
        Assert.True(wire.WatchedConnection.Headers is { Low.HasFin: true, High.HasFin: true });
        // A side that sends a FIN did not send an RST before it, whatever was captured first.
        Assert.Equal((4L, 7L), (wire.WatchedConnection.Marks(true).EndFrame, wire.WatchedConnection.Marks(false).EndFrame));
    }

    [Fact]
    [HardCase("data after FIN")]
    public void Data_after_a_FIN_is_not_read()
    {
        var wire = new Wire().Open().Send(true, Isn + 1, 101, Ack | TcpFlags.Fin, "abc").Data(4, "more").Answer(0, "x", 4);
        Assert.Equal("abcX", wire.End());
        Assert.Equal((3L, 0L), (wire.WatchedConnection.Headers.Low.SeenTo, wire.Stream.MissingBytes));
        // In the FIN's own place there is data that makes the FIN a forged one: data has more to say.
        Assert.Equal("abcdefX", new Wire().Open().Data(0, "abc").Send(true, Isn + 4, 101, Ack | TcpFlags.Fin).Data(3, "def")
            .Answer(0, "x", 6).End());
        // A FIN that overtakes its data hides nothing.
        Assert.Equal("abcdef", new Wire().Open().Send(true, Isn + 5, 101, Ack | TcpFlags.Fin, "ef").Data(0, "ab").Data(2, "cd").End());
    }

    [Fact]
    [HardCase("data after FIN")]
    public void Data_after_a_FIN_is_read_once_the_FIN_proves_forged()
    {
        var wire = new Wire().Open().Data(0, "abc").Send(true, Isn + 4, 101, Ack | TcpFlags.Fin).Wait(60_000_000_000).Data(6, "ghi")
            .Wait(60_000_000_000).Data(3, "def").Answer(0, "x", 9);
        Assert.Equal("abcdefghiX", wire.End());
        Assert.Equal((9L, 0L), (wire.WatchedConnection.Headers.Low.SeenTo, wire.Stream.MissingBytes));
        Assert.Equal(0, wire.Budget.Used);
    }

    [Fact]
    [HardCase("data after FIN")]
    public void Data_after_a_FIN_is_held_within_the_limit()
    {
        var wire = new Wire().Open().Data(0, "abc").Send(true, Isn + 4, 101, Ack | TcpFlags.Fin);
        for (var at = 0; at < 10_000; at++) wire.Data(10 + 101 * at, new string('x', 100));
        Assert.InRange(wire.Budget.Used, 0, Analysis.Options.Connections.MaxHeldBytes + 100);
        Assert.Equal("abc", wire.End());
        Assert.Equal(0L, wire.Stream.MissingBytes);
    }

    [Fact]
    [HardCase("data after RST")]
    public void Data_after_an_RST_is_read() =>
        Assert.Equal("abcdefX", new Wire().Open().Data(0, "abc").Send(true, Isn + 4, 101, TcpFlags.Rst | Ack).Data(3, "def")
            .Answer(0, "x", 6).End());

    [Fact]
    [HardCase("urgent data")]
    public void Urgent_data_stays_in_the_stream() =>
        Assert.Equal("abcdef", new Wire().Open().Send(true, Isn + 1, 101, Ack | TcpFlags.Urg, "abc").Data(3, "def").End());

    [Fact]
    [HardCase("options that are malformed, from the future or wrong: window scale, timestamps, ECN")]
    public void A_SYN_that_offers_ECN_is_a_SYN()
    {
        const TcpFlags ecn = TcpFlags.Ece | TcpFlags.Cwr;
        var wire = new Wire().Send(true, Isn, 0, TcpFlags.Syn | ecn).Send(false, 100, Isn + 1, TcpFlags.Syn | Ack | TcpFlags.Ece)
            .Send(true, Isn + 1, 101, Ack | ecn, "abc");
        Assert.Equal("abc", wire.End());
        Assert.True(wire.WatchedConnection.Headers.DialledByLow);
        Assert.False(wire.Stream.StartMissing);
    }
}
