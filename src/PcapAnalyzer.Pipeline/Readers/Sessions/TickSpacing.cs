namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>How far apart ticks stand with nothing between them: the sender's tick interval shows itself again and again.</summary>
internal struct TickSpacing
{
    /// <summary>Two spacings are equal within this part of them; a tick drifts by about a millisecond.</summary>
    private const int Tolerance = 100;

    private const long Shortest = 20_000_000;

    private (long Spacing, int Times) _best;
    private (long Spacing, int Times) _other;
    private long _last;

    /// <summary>The most frequent spacing (ns), and how often it was seen.</summary>
    internal readonly (long Spacing, int Times) Best => _best;

    internal void Tick(long time)
    {
        if (_last != 0 && time - _last >= Shortest) Note(time - _last);
        _last = time;
    }

    /// <summary>Another message came: the next tick need not stand one interval behind the last.</summary>
    internal void Interrupt() => _last = 0;

    private void Note(long spacing)
    {
        if (IsEqual(_best.Spacing, spacing)) _best.Times++;
        else if (IsEqual(_other.Spacing, spacing)) _other.Times++;
        else if (_best.Times == 0) _best = (spacing, 1);
        else _other = (spacing, 1);
        if (_other.Times > _best.Times) (_best, _other) = (_other, _best);
    }

    private static bool IsEqual(long a, long b) => a > 0 && Math.Abs(a - b) <= a / Tolerance;
}
