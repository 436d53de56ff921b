namespace PcapAnalyzer.Capture;

/// <summary>
/// Estimates the current time on the machine that captures a pipe's packets: the time of the last packet plus the time since it
/// arrived. When a file is written to a pipe, packets arrive faster than they were captured; the time is then unknown.
/// </summary>
internal sealed class PipeClock(SourceTally tally, TimeProvider clock)
{
    /// <summary>Milliseconds between two estimates.</summary>
    internal const int Interval = 100;

    /// <summary>
    /// Nanoseconds by which packets may run ahead of the local clock, because the first packets were delayed most. One percent is
    /// added, because clocks differ in speed.
    /// </summary>
    private const long Haste = 1_000_000_000;

    private long _opened;
    private long _arrived;
    private long _looked = clock.GetTimestamp();

    /// <summary>Call when more bytes were read.</summary>
    internal void Arrived()
    {
        _arrived = clock.GetTimestamp();
        if (_opened == 0 && tally.Packets > 0) _opened = _arrived;
    }

    /// <summary>
    /// The estimated time (nanoseconds since 1970), up to which every packet has arrived. Null when it is unknown, or when the
    /// last estimate is less than <see cref="Interval"/> old.
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
