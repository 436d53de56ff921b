using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>What a capture shows of one node over time, so that each question about a session takes a few steps, however many there are.</summary>
internal sealed class NodeHistory
{
    /// <summary>Sessions that are looked at for a sign of life: those with the latest.</summary>
    private const int MostLives = 64;

    private readonly List<AcceptedHandshake> _handshakes = [];
    private readonly List<(long Time, SessionCase Session)> _ends = [];
    private readonly List<(long Time, SessionCase Session)> _lives = [];

    /// <summary>The tick time (ns) that the ticks of one of its sessions show.</summary>
    internal long? TickTime { get; private set; }

    /// <summary>Where it listens, as far as is known.</summary>
    internal HashSet<Endpoint> ListensAt { get; } = [];

    /// <summary>Handshakes must come in order of time.</summary>
    internal void Add(AcceptedHandshake handshake) => _handshakes.Add(handshake);

    internal void Add(SessionCase session, string node)
    {
        var role = session.RoleOf(node);
        if (session.End is { } end && end.By == role && !session.IsOverlap) _ends.Add((end.Time, session));
        _lives.Add((session.Of(role).LastLifeTime, session));
        TickTime ??= SessionCase.TickTimeBy(session.Of(role));
        if (role == Pipeline.Protocols.Role.Acceptor) ListensAt.Add(session.Facts.Acceptor);
    }

    /// <summary>All sessions were added.</summary>
    internal void Sort()
    {
        _ends.Sort((a, b) => a.Time.CompareTo(b.Time));
        _lives.Sort((a, b) => b.Time.CompareTo(a.Time));
        if (_lives.Count > MostLives) _lives.RemoveRange(MostLives, _lives.Count - MostLives);
    }

    /// <summary>The first handshake behind a time.</summary>
    internal AcceptedHandshake? HandshakeAfter(long time, int otherThan) =>
        _handshakes.Skip(IndexAfter(_handshakes, one => one.Time, time)).FirstOrDefault(one => one.Number != otherThan);

    /// <summary>Other sessions of the node that it said something on behind a time.</summary>
    internal IEnumerable<SessionCase> AliveAfter(long time, SessionCase otherThan) =>
        _lives.TakeWhile(one => one.Time > time).Select(one => one.Session).Where(one => one != otherThan);

    /// <summary>It ended other sessions within a time (ns).</summary>
    internal bool HasEnded(long from, long to, SessionCase otherThan) =>
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
}
