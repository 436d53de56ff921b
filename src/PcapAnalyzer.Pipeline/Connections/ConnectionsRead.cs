namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The connections whose bytes are read. Each takes some kilobytes, so their number is limited.</summary>
/// <remarks>The list grows a quarter beyond the limit before connections that are no longer read are taken out.</remarks>
internal sealed class ConnectionsRead(int limit, Action<WatchedConnection> giveUp)
{
    private List<WatchedConnection> _all = [];

    /// <summary>Connections given up because the limit was reached.</summary>
    internal long Dropped { get; private set; }

    /// <summary>Includes some that are no longer read.</summary>
    internal IReadOnlyList<WatchedConnection> All => _all;

    internal void Add(WatchedConnection connection)
    {
        _all.Add(connection);
        if (_all.Count < limit + limit / 4) return;
        // A recognised handshake goes last, and the newest connection has not been looked at yet.
        List<WatchedConnection> still =
            [.. _all.Where(one => one.Reassembly != null).OrderBy(one => one == connection || one.Reader is { IsFollowing: true })];
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
