using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>Handshakes that have something in common, by the time they began; finds those that overlap one.</summary>
internal sealed class Siblings
{
    /// <summary>How many are looked at for one question, so that a million retries do not cost a million times a million.</summary>
    private const int MostLookedAt = 512;

    private readonly List<Handshake> _byStart = [];

    /// <summary>For each place the latest end among those up to it.</summary>
    private readonly List<long> _latestEnd = [];

    internal void Add(Handshake handshake)
    {
        // They come nearly sorted: the place is near the end.
        var at = _byStart.Count;
        while (at > 0 && _byStart[at - 1].Started > handshake.Started) at--;
        _byStart.Insert(at, handshake);
        _latestEnd.Add(0);
        for (var i = at; i < _byStart.Count; i++) _latestEnd[i] = Math.Max(i == 0 ? long.MinValue : _latestEnd[i - 1], EndOf(_byStart[i]));
    }

    /// <summary>The others that were up at some moment when this one was.</summary>
    internal IEnumerable<Handshake> Overlapping(Handshake handshake)
    {
        var end = EndOf(handshake);
        var looks = 0;
        for (var i = LastStartedBy(end); i >= 0 && _latestEnd[i] >= handshake.Started && looks++ < MostLookedAt; i--)
            if (_byStart[i].Id != handshake.Id && EndOf(_byStart[i]) >= handshake.Started) yield return _byStart[i];
    }

    /// <summary>When the connection began to end, or its last packet.</summary>
    internal static long EndOf(Handshake handshake) => handshake.Connection.FirstLeft?.Time ?? handshake.Connection.LastTime;

    private int LastStartedBy(long time)
    {
        var (low, high) = (0, _byStart.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_byStart[middle].Started <= time) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }
}
