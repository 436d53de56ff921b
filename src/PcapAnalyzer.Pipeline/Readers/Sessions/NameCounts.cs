namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>Counts by name, for a few names; what is beyond the limit counts under one.</summary>
internal struct NameCounts(int limit)
{
    /// <summary>Stands for the names beyond the limit.</summary>
    private const string Others = "…";

    private (string Name, long Count)[] _counts = [];
    private int _used;

    internal void Add(string name)
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
            Add(Others);
            return;
        }
        if (_used == _counts.Length) Array.Resize(ref _counts, Math.Max(4, 2 * _used));
        _counts[_used++] = (name, 1);
    }

    internal readonly IReadOnlyDictionary<string, long> ToDictionary() =>
        new SortedDictionary<string, long>(_counts.Take(_used).ToDictionary(one => one.Name, one => one.Count), StringComparer.Ordinal);
}
