namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>Counts by name, for a few names.</summary>
internal struct NameCounts()
{
    /// <summary>Stands for the names beyond the limit.</summary>
    private const string Others = "…";

    private (string Name, long Count)[] _counts = [];
    private int _used;

    /// <param name="name">What to count.</param>
    /// <param name="limit">Names beyond this many count under one.</param>
    internal void Add(string name, int limit)
    {
        for (var i = 0; i < _used; i++)
        {
            ref var one = ref _counts[i];
            if (!ReferenceEquals(one.Name, name) && one.Name != name) continue;
            one.Count++;
            return;
        }
        if (_used >= limit && name != Others)
        {
            Add(Others, limit);
            return;
        }
        if (_used == _counts.Length) Array.Resize(ref _counts, Math.Max(3, 2 * _used));
        _counts[_used++] = (name, 1);
    }

    internal readonly IReadOnlyDictionary<string, long> ToDictionary() =>
        new SortedDictionary<string, long>(_counts.Take(_used).ToDictionary(one => one.Name, one => one.Count), StringComparer.Ordinal);
}
