using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>The moments of a session: when its nodes parted, what is worth telling on the way, the frames that show it.</summary>
internal static class SessionEvents
{
    private const int Most = 32;

    /// <summary>The code rests on how long a silence a node accepts.</summary>
    internal static bool NeedsTickTime(DiagnosisCode code) =>
        code is PeerFrozen or PathDead or PathDeadOneWay or PathMtuBlackhole or TickMismatch or OpenSilent;

    /// <summary>The side whose silence ended the session: in doubt the one that was silent longer.</summary>
    internal static Role SilentSide(SessionCase it)
    {
        if (it.End is { IsReset: false } end) return end.By.Other();
        var (a, b) = (it.Facts.FromInitiator, it.Facts.FromAcceptor);
        if (a.UnansweredPing != 0 && b.UnansweredPing == 0) return Role.Acceptor;
        if (b.UnansweredPing != 0 && a.UnansweredPing == 0) return Role.Initiator;
        if (a.Transport.Resends > 0 != b.Transport.Resends > 0) return a.Transport.Resends > 0 ? Role.Acceptor : Role.Initiator;
        return it.Silence(Role.Initiator) >= it.Silence(Role.Acceptor) ? Role.Initiator : Role.Acceptor;
    }

    /// <summary>When the first node gave the session up.</summary>
    internal static (long? Time, Role? By, bool IsInferred) Parted(SessionCase it, DiagnosisCode code)
    {
        if (!it.IsErlang || !NeedsTickTime(code) || code == OpenSilent) return (it.End?.Time, it.End?.By, false);
        (long Time, Role By)? timeout = null;
        foreach (var judge in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var time = it.LastLife(judge.Other()) + it.Limit(judge);
            if (it.IsSeen(judge.Other()) && (timeout == null || time < timeout.Value.Time)) timeout = (time, judge);
        }
        // A node sends its FIN within a tick of the timeout. A later FIN waited behind unacknowledged data.
        if (it.End is { IsReset: false } end && (timeout == null
            || end.Time <= timeout.Value.Time + it.Limit(end.By) * 5 / (4 * SessionCase.TickIntensity))) return (end.Time, end.By, false);
        return timeout is { } found && found.Time <= it.Cluster.LastTime ? (found.Time, found.By, true)
            : (it.End?.Time, it.End?.By, it.End == null);
    }

    internal static IReadOnlyList<long> Frames(SessionCase it)
    {
        var frames = new List<long>();
        if (it.Facts.FromInitiator.LastFrame > 0 || it.Facts.FromAcceptor.LastFrame > 0)
            frames.Add(it.Of(SilentSide(it)).LastFrame is > 0 and var last ? last : it.Of(SilentSide(it).Other()).LastFrame);
        foreach (var notice in it.Facts.Notices)
            if (notice.Kind is SessionNoticeKind.RemoveConnection or SessionNoticeKind.FrameTooLarge or SessionNoticeKind.Malformed)
                frames.Add(notice.Frame);
        if (it.End is { } end) frames.Add(end.Frame);
        return [.. frames.Distinct().Order()];
    }

    internal static (IReadOnlyList<SessionEvent> Told, long LeftOut) Of(SessionCase it)
    {
        var all = new List<SessionEvent>();
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var side = it.Of(role);
            var limit = it.Healthy(role.Other());
            all.AddRange(side.Silences.Where(silence => silence.To - silence.From > limit)
                .Select(silence => new SessionEvent(SessionEventKind.Silence, role, silence.From, silence.To - silence.From)));
            if (it.IsSeen(role) && it.Silence(role) > limit && it.LastLife(role) < it.Until
                && !side.Silences.Any(silence => silence.From == side.LastLifeTime && silence.To - silence.From > limit))
                all.Add(new SessionEvent(SessionEventKind.Silence, role, it.LastLife(role), it.Silence(role)));
            if (side.Transport.ZeroWindow > 1_000_000_000)
                all.Add(new SessionEvent(SessionEventKind.ZeroWindow, role,
                    side.Transport.ZeroWindowSince == 0 ? it.LastLife(role) : side.Transport.ZeroWindowSince, side.Transport.ZeroWindow));
        }
        all.AddRange(it.Facts.Notices.Select(notice => Of(it, notice)).OfType<SessionEvent>());
        return ([.. all.OrderBy(one => one.Time).Take(Most)], Math.Max(0, all.Count - Most));
    }

    private static SessionEvent? Of(SessionCase it, SessionNotice notice)
    {
        SessionEventKind? kind = notice.Kind switch
        {
            SessionNoticeKind.LostConnection => SessionEventKind.LostConnection,
            SessionNoticeKind.RemoveConnection => SessionEventKind.RemoveConnection,
            SessionNoticeKind.Shutdown => SessionEventKind.Shutdown,
            SessionNoticeKind.CallUnanswered => SessionEventKind.CallUnanswered,
            _ => null,
        };
        if (kind == null) return null;
        var cluster = it.Cluster.Cluster;
        var detail = kind switch
        {
            SessionEventKind.LostConnection => $"{Shown(notice.Name)} lost {Shown(notice.Other)}",
            SessionEventKind.CallUnanswered => notice.Name == null ? null : Escaped.Of(notice.Name),
            _ => null,
        };
        string Shown(string? node) => node == null ? "a node" : cluster.Shown(node);
        return new SessionEvent(kind.Value, notice.By, notice.Time, notice.Value) { Detail = detail, Frame = notice.Frame };
    }
}
