namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>How far apart ticks stand with nothing between them: the sender's tick interval shows itself again and again.</summary>
internal struct TickSpacing
{
    /// <summary>Two spacings are equal within this part of them; a tick drifts by about a millisecond.</summary>
    private const int Tolerance = 100;

    private const long Shortest = 20_000_000;

    private long _best;
    private long _other;
    private long _last;
    private int _times;
    private int _otherTimes;

    /// <summary>The most frequent spacing (ns), and how often it was seen.</summary>
    internal readonly (long Spacing, int Times) Best => (_best, _times);

    internal void Tick(long time)
    {
        if (_last != 0 && time - _last >= Shortest) Note(time - _last);
        _last = time;
    }

    /// <summary>Another message came: the next tick need not stand one interval behind the last.</summary>
    internal void Interrupt() => _last = 0;

    private void Note(long spacing)
    {
        if (IsEqual(_best, spacing)) _times++;
        else if (IsEqual(_other, spacing)) _otherTimes++;
        else if (_times == 0) (_best, _times) = (spacing, 1);
        else (_other, _otherTimes) = (spacing, 1);
        if (_otherTimes > _times) (_best, _times, _other, _otherTimes) = (_other, _otherTimes, _best, _times);
    }

    private static bool IsEqual(long a, long b) => a > 0 && Math.Abs(a - b) <= a / Tolerance;
}
