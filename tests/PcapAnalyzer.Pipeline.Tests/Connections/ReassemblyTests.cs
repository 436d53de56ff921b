using CsCheck;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>The TCP table of the hard cases, on one conversation whose bytes a recorder writes down.</summary>
public sealed class ReassemblyTests
{
    private const uint Isn = Wire.Isn;

    [Fact]
    [HardCase("segments out of order")]
    [HardCase("retransmission, exact and partial")]
    [HardCase("gap: acknowledged and not captured")]
    public void Overlapping_pieces_in_any_order_give_the_bytes_or_the_gaps() =>
        Gen.Select(Gen.Int[1, 60], Gen.Select(Gen.Int[0, 59], Gen.Int[1, 12]).List[0, 30]).Sample((length, pieces) =>
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));
            var seen = new bool[length];
            var wire = new Wire().Open();
            foreach (var (at, size) in pieces.Where(piece => piece.Item1 < length))
            {
                var end = Math.Min(length, at + size);
                wire.Data(at, text[at..end]);
                Array.Fill(seen, true, at, end - at);
            }
            wire.Send(false, 101, Isn + 1 + (uint)length, TcpFlags.Ack);
            var expected = "";
            for (var i = 0; i < length;)
            {
                var run = i;
                while (run < length && seen[run] == seen[i]) run++;
                expected += seen[i] ? text[i..run] : $"[{run - i}]";
                i = run;
            }
            Assert.Equal(expected, wire.End());
            Assert.Equal(0, wire.Budget.Used);
            Assert.Empty(wire.Stream.Conflicts);
        });

    [Fact]
    [HardCase("overlap with other bytes")]
    public void The_first_copy_wins_and_the_conflict_is_recorded()
    {
        var wire = new Wire().Open().Data(0, "abcdef").Data(2, "cXe");
        Assert.Equal("abcdef", wire.End());
        Assert.Equal([(2L, 5L)], wire.Stream.Conflicts);
        var early = new Wire().Open().Data(4, "efgh").Data(3, "dXXXi").Data(0, "abc");
        Assert.Equal("abcdefgh", early.End());
        Assert.Single(early.Stream.Conflicts);
        // One byte that is not acknowledged yet is not a keep-alive.
        Assert.Equal([(2L, 3L)], new Wire().Open().Data(0, "abc").Data(2, "X").Stream.Conflicts);
    }

    [Fact]
    public void Bytes_before_a_gap_are_not_compared_with_bytes_after_it()
    {
        var wire = new Wire().Open().Data(0, "ab").Data(4, "ef").Answer(0, "", 6);
        wire.Time = Analysis.Options.Connections.HoleTimeout + 1;
        Assert.Equal("ab[2]efg", wire.Data(6, "g").Data(0, "abcdef").Text);
        Assert.Empty(wire.Stream.Conflicts);
    }

    [Fact]
    [HardCase("keep-alive with a byte")]
    public void A_keep_alive_is_not_data()
    {
        var wire = new Wire().Open().Data(0, "abc").Answer(0, "", 3).Data(2, "\0").Data(3, "d");
        Assert.Equal("abcd", wire.End());
        Assert.Empty(wire.Stream.Conflicts);
        Assert.Equal(0, wire.Stream.Retransmissions);
    }

    [Fact]
    [HardCase("segment cut by a snapshot length")]
    public void A_cut_by_the_snapshot_length_is_a_gap_that_a_copy_may_fill()
    {
        Assert.Equal("ab[3]fg", new Wire().Open().Data(0, "ab", wire: 5).Data(5, "fg").End());
        Assert.Equal("ab[3]", new Wire().Open().Data(0, "ab", wire: 5).End());
        Assert.Equal("xabcde", new Wire().Open().Data(1, "ab", wire: 5).Data(3, "cde").Data(0, "x").End());
    }

    [Fact]
    [HardCase("data in a SYN that is taken")]
    [HardCase("data in a SYN that is ignored and sent again")]
    public void Data_in_a_SYN_counts_once_it_is_acknowledged()
    {
        var taken = new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abc").Send(false, 100, Isn + 4, TcpFlags.Syn | TcpFlags.Ack).Data(3, "d");
        Assert.Equal("abcd", taken.End());
        var ignored = new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abc").Send(false, 100, Isn + 1, TcpFlags.Syn | TcpFlags.Ack)
            .Data(0, "xyz");
        Assert.Equal("xyz", ignored.End());
        Assert.Empty(ignored.Stream.Conflicts);
        Assert.Equal("", new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abc").Send(false, 100, Isn + 1, TcpFlags.Syn | TcpFlags.Ack).End());
        // Where the peer was not captured, the sender shows it: it goes on behind its data, or sends it again.
        Assert.Equal("abcdef", new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abc").Data(3, "def").End());
        Assert.Equal("xyzdef", new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abc").Data(0, "xyz").Data(3, "def").End());
        Assert.Equal("abcdef", new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abc").Data(2, "cdef").End());
        // Sent again in other pieces, which come in any order.
        var pieces = new Wire().Send(true, Isn, 0, TcpFlags.Syn, "abcdef").Send(false, 100, Isn + 1, TcpFlags.Syn | TcpFlags.Ack)
            .Data(3, "xyz").Data(0, "uv").Data(2, "w").Answer(0, "", 6);
        Assert.Equal("uvwxyz", pieces.End());
        Assert.Equal((0, 0L), (pieces.Stream.Conflicts.Count, pieces.Budget.Used));
    }

    [Fact]
    [HardCase("answer captured before its question")]
    public void An_answer_is_delivered_after_what_it_acknowledges()
    {
        Assert.Equal("abcXYZ", new Wire().Open().Answer(0, "xyz", 3).Data(0, "abc").End());
        Assert.Equal("[3]XYZ", new Wire().Open().Answer(0, "xyz", 3).End());
    }

    [Fact]
    [HardCase("answer captured before its question")]
    public void An_answer_captured_early_waits_for_what_it_answers() =>
        Assert.Equal("aXYZb", new Wire().Send(true, Isn, 0, TcpFlags.Syn).Data(1, "b", 3).Data(0, "a").Answer(1, "yz", 1)
            .Send(false, 100, Isn + 1, TcpFlags.Syn | TcpFlags.Ack).Answer(0, "x", 1).End());

    [Fact]
    [HardCase("segments before their SYN")]
    [HardCase("answer captured before its question")]
    public void An_answer_before_the_SYN_waits_for_both()
    {
        var wire = new Wire().Send(false, 101, Isn + 4, TcpFlags.Ack, "xyz").Send(false, 100, Isn + 1, TcpFlags.Syn | TcpFlags.Ack)
            .Send(true, Isn, 0, TcpFlags.Syn).Data(0, "abc");
        Assert.Equal("abcXYZ", wire.End());
    }

    [Fact]
    [HardCase("capture that begins midstream")]
    public void In_midstream_the_first_bytes_wait_for_earlier_ones()
    {
        var wire = new Wire().Data(10, "klm").Data(7, "hij");
        Assert.Equal("", wire.Text);
        Assert.Equal("hijklm", wire.End());
        Assert.True(wire.Stream.StartMissing);
        var flowing = new Wire();
        for (var i = 0; i < 20; i++) flowing.Data(i, "x");
        Assert.NotEmpty(flowing.Text);
    }

    [Fact]
    [HardCase("one side only")]
    public void One_captured_side_is_read_and_the_other_is_a_gap() =>
        Assert.Equal("ab[5]c", new Wire().Send(true, Isn, 0, TcpFlags.Syn).Data(0, "ab").Data(2, "c", 5).End());

    [Theory]
    [InlineData(0, true)]
    [InlineData(1000, true)]
    [InlineData(-100, false)]
    [InlineData(1 << 30, false)]
    [HardCase("RST outside the window")]
    public void A_reset_counts_only_inside_the_window(int off, bool closes)
    {
        // A right acknowledgment beside it changes nothing: the connection is up.
        foreach (var flags in (TcpFlags[])[TcpFlags.Rst, TcpFlags.Rst | TcpFlags.Ack])
        {
            var wire = new Wire().Open().Data(0, "abc").Answer(0, "", 3).Send(true, unchecked(Isn + 4 + (uint)off), 101, flags);
            Assert.Equal(closes, wire.WatchedConnection.Headers.Low.HasReset);
            Assert.Equal(closes ? 0 : 1, wire.WatchedConnection.Headers.StrayResets);
        }
    }

    [Fact]
    [HardCase("RST that refuses a SYN")]
    public void A_reset_that_answers_a_SYN_needs_no_sequence_number()
    {
        var wire = new Wire().Send(true, Isn, 0, TcpFlags.Syn).Send(false, 0, Isn + 1, TcpFlags.Rst | TcpFlags.Ack);
        Assert.True(wire.WatchedConnection.Headers.High.HasReset);
    }

    [Fact]
    [HardCase("FIN with data, FIN sent again")]
    [HardCase("half close")]
    public void A_FIN_is_not_a_byte_and_its_first_copy_counts()
    {
        var wire = new Wire().Open().Send(true, Isn + 1, 101, TcpFlags.Ack | TcpFlags.Fin, "abc").Answer(0, "x", 4)
            .Send(true, Isn + 4, 102, TcpFlags.Ack | TcpFlags.Fin).Answer(1, "y", 4);
        Assert.Equal("abcXY", wire.End());
        Assert.Equal((3L, 3L), (wire.WatchedConnection.Headers.Low.SeenTo, wire.WatchedConnection.Marks(true).EndFrame));
        Assert.Equal(0, wire.Stream.MissingBytes);
    }

    [Fact]
    public void Only_the_number_after_a_FIN_acknowledges_it()
    {
        var wire = new Wire().Open().Send(true, Isn + 1, 101, TcpFlags.Ack | TcpFlags.Fin, "abc").Answer(0, "", 3);
        Assert.False(wire.WatchedConnection.Headers.Low.State == DirectionState.FinAcknowledged);
        Assert.True(wire.Answer(0, "", 4).WatchedConnection.Headers.Low.State == DirectionState.FinAcknowledged);
    }

    [Fact]
    public void A_FIN_after_its_acknowledgement_is_not_a_missing_byte()
    {
        var wire = new Wire().Open().Data(0, "abc").Answer(0, "x", 4).Send(true, Isn + 4, 101, TcpFlags.Ack | TcpFlags.Fin);
        Assert.Equal("abcX", wire.End());
        Assert.Equal(0, wire.Stream.MissingBytes);
    }

    [Theory]
    [InlineData(Isn, TcpFlags.Syn, false)]
    [InlineData(Isn + 77, TcpFlags.Syn, true)]
    [InlineData(Isn - 77, TcpFlags.Syn, true)]
    [InlineData(Isn + 77, TcpFlags.Syn | TcpFlags.Ack, false)]
    [HardCase("port reuse with any ISN, a lower one too")]
    public void A_different_SYN_begins_another_connection(uint isn, TcpFlags flags, bool isReused)
    {
        var wire = new Wire().Open().Data(0, "abc");
        var segment = new TcpSegment { FromLow = true, Sequence = isn, Flags = flags };
        Assert.Equal(isReused, wire.WatchedConnection.Headers.IsReusedBy(segment));
    }

    [Fact]
    [HardCase("holes that never fill")]
    [HardCase("time that runs backwards")]
    public void Unfilled_holes_are_bounded_even_when_time_runs_backwards()
    {
        var options = Analysis.Options with { Connections = new() { MaxHeldBytes = 100, MaxHeldSegments = 10 } };
        var wire = new Wire(options).Open();
        for (var i = 1; i < 500; i++)
        {
            wire.Time -= 1_000_000_000;
            wire.Data(i * 3, "ab");
            Assert.InRange(wire.Budget.Used, 0, 102);
        }
        wire.End();
        Assert.Equal(0, wire.Budget.Used);
        Assert.Equal(499 + 2, wire.Stream.MissingBytes);
    }

    /// <summary>
    /// Anybody may send what stands behind a hole: it is one where the peer has what stands in it, or where the peer says nothing more.
    /// </summary>
    [Theory]
    [InlineData(false, false, "[2]cdef")]
    [InlineData(false, true, "abcdef")]
    [InlineData(true, false, "")]
    [InlineData(true, true, "abcdef")]
    [HardCase("segment forged by who does not know the numbers")]
    public void A_hole_that_the_peer_did_not_acknowledge_is_waited_for(bool peerGoesOn, bool comes, string text)
    {
        var wire = new Wire().Open().Data(2, "cd");
        wire.Time = Analysis.Options.Connections.HoleTimeout + 1;
        wire.Data(4, "ef");
        if (peerGoesOn) wire.Answer(0, "", 0);
        Assert.Equal("", wire.Text);
        if (comes) wire.Data(0, "ab");
        Assert.Equal(text, wire.End());
        Assert.Equal(!peerGoesOn && !comes, wire.WatchedConnection.IsContested);
    }

    /// <summary>A peer that has read this much acknowledges it with every later segment.</summary>
    [Fact]
    [HardCase("segment forged by who does not know the numbers")]
    public void A_retracted_acknowledgement_makes_no_gap()
    {
        Assert.Equal("[50]abcd", new Wire().Open().Data(0, "ab", acknowledges: 50).Data(2, "cd", acknowledges: 50).End());
        Assert.Equal("abcd", new Wire().Open().Data(0, "ab", acknowledges: 50).Data(2, "cd", acknowledges: 0).End());
        Assert.Equal("abcd", new Wire().Open().Data(0, "abcd").Send(true, Isn + 5, 151, TcpFlags.Ack).Send(true, Isn + 5, 101, TcpFlags.Ack)
            .End());
    }

    [Fact]
    [HardCase("holes that never fill")]
    public void A_hole_is_given_up_after_its_timeout()
    {
        var wire = new Wire().Open().Data(2, "cd").Answer(0, "", 4);
        wire.Time = Analysis.Options.Connections.HoleTimeout + 1;
        wire.Data(4, "ef");
        Assert.Equal("[2]cdef", wire.Text);
    }
}
