namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The connections whose bytes somebody reads, oldest first: some kilobytes each, so that there is a limit to them.</summary>
/// <remarks>Those that are read no more are left out now and then, when the list has grown a quarter beyond the limit.</remarks>
internal sealed class ConnectionsRead(int limit, Action<WatchedConnection> giveUp)
{
    private List<WatchedConnection> _all = [];

    /// <summary>How many were given up.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Some may be read no more.</summary>
    internal IReadOnlyList<WatchedConnection> All => _all;

    internal void Add(WatchedConnection connection)
    {
        _all.Add(connection);
        if (_all.Count < limit + limit / 4) return;
        var still = _all.FindAll(one => one.Reassembly != null);
        var tooMany = Math.Max(0, still.Count - limit);
        _all = still[tooMany..];
        Dropped += tooMany;
        foreach (var oldest in still[..tooMany])
        {
            oldest.IsGivenUp = true;
            giveUp(oldest);
        }
    }
}
