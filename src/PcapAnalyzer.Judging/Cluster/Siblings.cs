using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>When one connection was up, and what it takes to see whether its handshake is worth unpacking.</summary>
/// <param name="Number">The handshake's number.</param>
/// <param name="Started">Time of its first packet.</param>
/// <param name="Ended">When the connection began to end, or its last packet.</param>
/// <param name="Acknowledged">Time of the accepted acknowledgement; 0 where there was none.</param>
internal readonly record struct Sibling(int Number, long Started, long Ended, long Acknowledged)
{
    internal static Sibling Of(Handshake handshake) => new(
        handshake.Number, handshake.Started, EndOf(handshake.Connection),
        handshake.State == HandshakeState.Acknowledged ? handshake.First(MessageKind.ChallengeAck)!.Time : 0);

    internal static long EndOf(ConnectionFacts connection) => connection.FirstLeft?.Time ?? connection.LastTime;
}

/// <summary>Connections that have something in common, by the time they began; finds those that overlap one.</summary>
internal sealed class Siblings
{
    /// <summary>How many are looked at for one question, so that a million retries do not cost a million times a million.</summary>
    private const int MostLookedAt = 512;

    private readonly List<Sibling> _byStart = [];

    /// <summary>For each place the latest end among those up to it.</summary>
    private readonly List<long> _latestEnd = [];

    internal void Add(Sibling sibling)
    {
        var at = LastStartedBy(sibling.Started) + 1;
        while (at > 0 && _byStart[at - 1].Started == sibling.Started && _byStart[at - 1].Number > sibling.Number) at--;
        _byStart.Insert(at, sibling);
        _latestEnd.Insert(at, at == 0 ? long.MinValue : _latestEnd[at - 1]);
        Extend(at, sibling.Ended);
    }

    /// <summary>Tells when one of them ended.</summary>
    internal void Update(int number, long started, long ended)
    {
        var at = LastStartedBy(started);
        while (at >= 0 && _byStart[at].Number != number) at--;
        if (at < 0) return;
        _byStart[at] = _byStart[at] with { Ended = ended };
        Extend(at, ended);
    }

    /// <summary>The others that were up at some moment when this one was.</summary>
    internal IEnumerable<Sibling> Overlapping(Sibling one)
    {
        var looks = 0;
        for (var i = LastStartedBy(one.Ended); i >= 0 && _latestEnd[i] >= one.Started && looks++ < MostLookedAt; i--)
            if (_byStart[i].Number != one.Number && _byStart[i].Ended >= one.Started) yield return _byStart[i];
    }

    private void Extend(int at, long end)
    {
        for (; at < _latestEnd.Count && _latestEnd[at] < end; at++) _latestEnd[at] = end;
    }

    private int LastStartedBy(long time)
    {
        // Most questions are about the last few, while they come.
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
