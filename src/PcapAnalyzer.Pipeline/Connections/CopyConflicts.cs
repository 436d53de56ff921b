namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The ranges of one stream that were sent twice with different content. Which copy the receiver took cannot be known.</summary>
/// <remarks>Beyond the limit the last range grows, so that too much is called uncertain rather than too little.</remarks>
internal sealed class CopyConflicts(int limit)
{
    private List<(long From, long To)>? _ranges;

    internal IReadOnlyList<(long From, long To)> Ranges => _ranges ?? (IReadOnlyList<(long From, long To)>)[];

    /// <summary>How many conflicts there were, including those beyond the limit.</summary>
    internal int Count { get; private set; }

    /// <summary>Compares two copies where they overlap. The offsets are those of their first bytes.</summary>
    /// <returns>True when they differ.</returns>
    internal bool Compare(ReadOnlySpan<byte> first, long firstAt, ReadOnlySpan<byte> second, long secondAt)
    {
        var from = Math.Max(firstAt, secondAt);
        var to = Math.Min(firstAt + first.Length, secondAt + second.Length);
        if (from >= to) return false;
        var length = (int)(to - from);
        if (first.Slice((int)(from - firstAt), length).SequenceEqual(second.Slice((int)(from - secondAt), length))) return false;
        Count++;
        _ranges ??= [];
        if (_ranges.Count < limit) _ranges.Add((from, to));
        else _ranges[^1] = (Math.Min(_ranges[^1].From, from), Math.Max(_ranges[^1].To, to));
        return true;
    }
}
