namespace PcapAnalyzer.Capture;

/// <summary>
/// How late it is where a pipe's packets are captured: the time of the last one, and what has passed since it came. A file
/// that is poured into a pipe brings its packets faster than they were captured: there no time passes.
/// </summary>
internal sealed class PipeClock(SourceTally tally, TimeProvider clock)
{
    /// <summary>Milliseconds from one look at it to the next.</summary>
    internal const int Interval = 100;

    /// <summary>Nanoseconds that packets may hurry, since the first ones were held up most; and a hundredth, since clocks differ.</summary>
    private const long Haste = 1_000_000_000;

    private long _opened;
    private long _arrived;
    private long _looked = clock.GetTimestamp();

    /// <summary>More was read.</summary>
    internal void Arrived()
    {
        _arrived = clock.GetTimestamp();
        if (_opened == 0 && tally.Packets > 0) _opened = _arrived;
    }

    /// <summary>
    /// The time there (ns since 1970), up to which every packet has come; null where it is unknown, or was asked for a moment
    /// ago.
    /// </summary>
    internal long? Look()
    {
        if (_opened == 0 || clock.GetElapsedTime(_looked).TotalMilliseconds < Interval) return null;
        _looked = clock.GetTimestamp();
        var now = tally.Last + Nanoseconds(clock.GetElapsedTime(_arrived));
        var passed = Nanoseconds(clock.GetElapsedTime(_opened));
        return now - tally.First <= passed + passed / 100 + Haste ? now : null;
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * 100;
}
