using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Tui;

/// <summary>The sessions that a filter tests: a handshake is shown, too, for the session that followed it.</summary>
internal sealed class FilteredSessions
{
    private SessionsSeen? _judged;
    private Dictionary<int, JudgedSession> _byHandshake = [];

    /// <returns>False when they are those of before.</returns>
    internal bool Take(SessionsSeen sessions)
    {
        if (ReferenceEquals(_judged, sessions)) return false;
        _judged = sessions;
        _byHandshake = [];
        foreach (var session in sessions.All)
            if (session.Handshake is { } handshake) _byHandshake[handshake] = session;
        return true;
    }

    internal bool Match(Where where, JudgedHandshake handshake, WhereContext context) => where.Matches(handshake, context)
        || (_byHandshake.TryGetValue(handshake.Id, out var session) && where.Matches(session, handshake, context));
}
