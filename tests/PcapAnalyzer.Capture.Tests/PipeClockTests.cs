using Xunit;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>What time it is at the other end of a pipe, by a clock that the test turns.</summary>
public sealed class PipeClockTests : TimeProvider
{
    private const long Second = 1_000_000_000;
    private const long Epoch = 1_700_000_000 * Second;

    private readonly SourceTally _tally = new("stdin", "standard input");
    private long _now = 1;

    public override long TimestampFrequency => Second;

    public override long GetTimestamp() => _now;

    [Fact]
    public void It_goes_on_while_nothing_comes()
    {
        var clock = Opened();
        Assert.Null(clock.Look()); // not twice in a moment
        Assert.Equal(7, After(clock, 7));
        Arrives(clock, 7.5);
        Assert.Equal(10.5, After(clock, 3));
    }

    [Fact]
    public void It_is_unknown_where_packets_come_faster_than_they_were_captured()
    {
        var clock = Opened();
        Arrives(clock, 60);
        Assert.Null(After(clock, 7));
        Assert.Null(After(clock, 7));
    }

    [Fact]
    public void Delayed_packets_and_slightly_fast_clocks_are_tolerated()
    {
        var clock = Opened();
        Arrives(clock, 0.9);
        Assert.Equal(1.9, After(clock, 1));
        _now += 100_000 * Second;
        Arrives(clock, 100_800);
        Assert.Equal(100_801, After(clock, 1));
    }

    [Fact]
    public void Before_the_first_packet_it_is_unknown() => Assert.Null(After(new PipeClock(_tally, this), 1));

    private PipeClock Opened()
    {
        var clock = new PipeClock(_tally, this);
        Arrives(clock, 0);
        return clock;
    }

    private void Arrives(PipeClock clock, double seconds)
    {
        _tally.Count(Epoch + (long)(seconds * Second), 60);
        clock.Arrived();
    }

    /// <summary>Seconds since the first packet was captured, by the clock, when so many more have passed here.</summary>
    private double? After(PipeClock clock, double seconds)
    {
        _now += (long)(seconds * Second);
        return (clock.Look() - Epoch) / (double)Second;
    }
}
