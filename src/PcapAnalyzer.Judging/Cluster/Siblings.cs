using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>When one connection was up: enough to decide whether its handshake is worth reading from the store.</summary>
/// <param name="Ended">When the connection began to end, or its last packet.</param>
/// <param name="Acknowledged">Time of the accepted acknowledgement; 0 where there was none.</param>
internal readonly record struct Sibling(int Number, long Started, long Ended, long Acknowledged)
{
    internal static Sibling Of(Handshake handshake) => new(
        handshake.Number, handshake.Started, EndOf(handshake.Connection),
        handshake.State == HandshakeState.Acknowledged ? handshake.First(MessageKind.ChallengeAck)!.Time : 0);

    internal static long EndOf(ConnectionFacts connection) => connection.FirstLeft?.Time ?? connection.LastTime;
}

/// <summary>Connections that have something in common, by start time. Finds those that were up at the same time as a given one.</summary>
internal sealed class Siblings
{
    /// <summary>The most connections that one search checks, so that a million retries do not cost a million times a million.</summary>
    private const int MostLookedAt = 512;

    // Room for one: in a flood, most hosts connect once.
    private readonly List<Sibling> _byStart = new(1);

    /// <summary>The latest end among the connections up to each index.</summary>
    private readonly List<long> _latestEnd = new(1);

    internal void Add(Sibling sibling)
    {
        var at = LastStartedBy(sibling.Started) + 1;
        while (at > 0 && _byStart[at - 1].Started == sibling.Started && _byStart[at - 1].Number > sibling.Number) at--;
        _byStart.Insert(at, sibling);
        _latestEnd.Insert(at, at == 0 ? long.MinValue : _latestEnd[at - 1]);
        Extend(at, sibling.Ended);
    }

    /// <summary>Takes the time at which one of them ended.</summary>
    internal void Update(int number, long started, long ended)
    {
        var at = LastStartedBy(started);
        while (at >= 0 && _byStart[at].Number != number) at--;
        if (at < 0) return;
        _byStart[at] = _byStart[at] with { Ended = ended };
        Extend(at, ended);
    }

    /// <summary>The others that were up at the same time as this one.</summary>
    internal IEnumerable<Sibling> Overlapping(Sibling one)
    {
        var looks = 0;
        for (var i = LastStartedBy(one.Ended); i >= 0 && _latestEnd[i] >= one.Started && looks++ < MostLookedAt; i--)
            if (_byStart[i].Number != one.Number && _byStart[i].Ended >= one.Started) yield return _byStart[i];
    }

    /// <summary>The last acknowledgement before a time; null when there was none among those that began last.</summary>
    internal long? AcknowledgedBefore(long time)
    {
        var last = LastStartedBy(time);
        for (var i = last; i >= 0 && i > last - MostLookedAt; i--)
            if (_byStart[i].Acknowledged is not 0 and var acknowledged && acknowledged < time) return acknowledged;
        return null;
    }

    private void Extend(int at, long end)
    {
        for (; at < _latestEnd.Count && _latestEnd[at] < end; at++) _latestEnd[at] = end;
    }

    private int LastStartedBy(long time)
    {
        // Most searches are about the latest few.
        var near = _byStart.Count - 128;
        var (low, high) = (near > 0 && _byStart[near].Started <= time ? near + 1 : 0, _byStart.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byStart[middle].Started <= time) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }
}
