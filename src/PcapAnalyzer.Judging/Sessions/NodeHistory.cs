using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>One node over time, so that a question about a session takes few steps, however many there are.</summary>
internal sealed class NodeHistory(string node)
{
    /// <summary>Sessions that are looked at for a sign of life: those with the latest.</summary>
    private const int MostLives = 64;

    private readonly List<AcceptedHandshake> _handshakes = [];
    private readonly List<(long Time, int Session)> _ends = [];
    private readonly List<SessionLife> _lives = [];
    private long _tickTimeSince = long.MaxValue;

    internal string Node => node;

    /// <summary>The tick time (ns) that the ticks of its first session with such ticks show.</summary>
    internal long? TickTime { get; private set; }

    /// <summary>Where it listens, as far as is known.</summary>
    internal HashSet<Endpoint> ListensAt { get; } = [];

    /// <summary>Handshakes must come in order of time.</summary>
    internal void Add(AcceptedHandshake handshake) => _handshakes.Add(handshake);

    /// <param name="session">A session of the node.</param>
    /// <param name="role">The node's role in it.</param>
    internal void Add(Session session, Role role)
    {
        var end = session.FirstEnd;
        if (end != null && end.By == role && !SessionCase.IsOverlap(session)) _ends.Add((end.Time, session.Number));
        _lives.Add(new SessionLife(session.Number, session.Of(role).LastLifeTime, session.Started, end?.Time ?? long.MaxValue));
        if (_lives.Count > 2 * MostLives) KeepLatest();
        if (session.Started < _tickTimeSince && SessionCase.TickTimeBy(session.Of(role)) is { } time)
            (TickTime, _tickTimeSince) = (time, session.Started);
        if (role == Role.Acceptor) ListensAt.Add(session.Acceptor);
    }

    /// <summary>All sessions were added.</summary>
    internal void Sort()
    {
        _ends.Sort((a, b) => a.Time.CompareTo(b.Time));
        KeepLatest();
    }

    /// <summary>The first handshake behind a time.</summary>
    internal AcceptedHandshake? HandshakeAfter(long time, int otherThan) =>
        _handshakes.Skip(IndexAfter(_handshakes, one => one.Time, time)).FirstOrDefault(one => one.Number != otherThan);

    /// <summary>Other sessions of the node that it said something on behind a time.</summary>
    internal IEnumerable<SessionLife> AliveAfter(long time, int otherThan) =>
        _lives.TakeWhile(one => one.Time > time).Where(one => one.Session != otherThan);

    /// <summary>It ended other sessions within a time (ns).</summary>
    internal bool HasEnded(long from, long to, int otherThan) =>
        _ends.Skip(IndexAfter(_ends, one => one.Time, from - 1)).TakeWhile(one => one.Time <= to).Any(one => one.Session != otherThan);

    /// <summary>Index of the first item of a sorted list with a later time.</summary>
    internal static int IndexAfter<T>(List<T> sorted, Func<T, long> timeOf, long time)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (timeOf(sorted[middle]) <= time) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private void KeepLatest()
    {
        _lives.Sort((a, b) => b.Time.CompareTo(a.Time));
        if (_lives.Count > MostLives) _lives.RemoveRange(MostLives, _lives.Count - MostLives);
    }
}

/// <summary>When a node last said something in a session, and when that began and ended (ns since 1970).</summary>
internal readonly record struct SessionLife(int Session, long Time, long Started, long Ended);
