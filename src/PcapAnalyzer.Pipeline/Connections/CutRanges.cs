namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Bytes of a direction that a snapshot length cut off.</summary>
/// <param name="most">How many ranges are remembered.</param>
internal sealed class CutRanges(int most)
{
    private readonly List<(long From, long To)> _all = [];

    internal bool IsEmpty => _all.Count == 0;

    internal void Add(long from, long to)
    {
        if (_all.Count < most) _all.Add((from, to));
    }

    /// <summary>Offset 0 was guessed, and moves.</summary>
    internal void Shift(long by)
    {
        for (var i = 0; i < _all.Count; i++) _all[i] = (_all[i].From + by, _all[i].To + by);
    }

    /// <summary>
    /// How many bytes are cut from an offset on, up to those that another copy holds. Ranges before the offset are forgotten.
    /// </summary>
    internal long LengthAt(long offset, long held)
    {
        _all.RemoveAll(cut => cut.To <= offset);
        var to = offset;
        foreach (var cut in _all)
            if (cut.From <= offset) to = Math.Max(to, cut.To);
        return Math.Min(to, Math.Max(offset, held)) - offset;
    }
}
