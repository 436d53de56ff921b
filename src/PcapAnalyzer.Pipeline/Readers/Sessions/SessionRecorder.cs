using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers.Sessions;

/// <summary>What the messages of both directions tell together: requests and their answers, and notices.</summary>
internal sealed class SessionRecorder
{
    private const int MaxPings = 64;
    private const int MaxCalls = 256;

    // Most sessions have none of these: they are made when the first comes.
    private List<(SessionNotice Notice, bool FromLow)>? _notices;
    private List<((ulong, ulong) Key, bool FromLow, long Time)>? _pings;
    private Dictionary<(bool FromLow, (ulong, ulong) Key), (long Time, long Frame, long Limit, string? Name)>? _calls;

    /// <summary>A message was read that no other protocol has.</summary>
    internal bool IsRecognized { get; private set; }

    /// <param name="message">What it tells.</param>
    /// <param name="fromLow">Whose it is.</param>
    /// <param name="isLate">Messages of the peer that were sent after it may have been read before it.</param>
    /// <param name="frame">The frame that brought its last byte.</param>
    /// <param name="time">That frame's time.</param>
    internal void Take(in SessionMessage message, bool fromLow, bool isLate, long frame, long time)
    {
        IsRecognized |= message.Operation != null && message.Kind == SessionMessageKind.Message;
        if (message.Notice is { } kind) Note(kind, fromLow, time, frame, message.Name, message.Other);
        switch (message.Exchange)
        {
            case SessionExchange.Ping:
                if (message.Value > 0 && !(_notices ?? [])
                    .Exists(one => one.Notice.Kind == SessionNoticeKind.Age && one.FromLow == fromLow))
                    Note(SessionNoticeKind.Age, fromLow, time, frame, value: message.Value);
                _pings ??= [];
                if (_pings.Count < MaxPings) _pings.Add((message.Key, fromLow, time));
                break;
            case SessionExchange.Pong:
                var key = message.Key;
                if (_pings?.FindIndex(ping => ping.FromLow != fromLow && ping.Key == key) is >= 0 and var at) _pings.RemoveAt(at);
                break;
            case SessionExchange.Call when !isLate: // the reply may have been read already
                _calls ??= [];
                if (message.Value > 0 && _calls.Count < MaxCalls)
                    _calls[(fromLow, message.Key)] = (time, frame, message.Value, message.Name);
                break;
            case SessionExchange.Reply:
                _calls?.Remove((!fromLow, message.Key));
                break;
        }
    }

    internal void Note(SessionNoticeKind kind, bool fromLow, long time, long frame, string? name = null, string? other = null,
        long value = 0)
    {
        // Of a stop, of which each process tells, only the last message matters.
        _notices ??= [];
        if (kind == SessionNoticeKind.Shutdown) _notices.RemoveAll(one => one.Notice.Kind == kind && one.FromLow == fromLow);
        if (_notices.Count < Session.MostNotices)
            _notices.Add((new SessionNotice(kind, Role.Initiator, time, frame, name, other, value), fromLow));
    }

    /// <summary>When a side asked first for a sign of life that never came; 0 where none is owed.</summary>
    internal long UnansweredPing(bool fromLow)
    {
        foreach (var (_, low, time) in _pings ?? [])
            if (low == fromLow) return time;
        return 0;
    }

    /// <param name="initiatorIsLow">Who dialled.</param>
    /// <param name="now">Calls whose time limit is over by then (ns) had no reply.</param>
    internal IReadOnlyList<SessionNotice> Notices(bool initiatorIsLow, long now)
    {
        Role By(bool fromLow) => fromLow == initiatorIsLow ? Role.Initiator : Role.Acceptor;
        return
        [
            .. (_notices ?? []).Select(one => one.Notice with { By = By(one.FromLow) })
                .Concat((_calls ?? []).Where(call => call.Value.Time + call.Value.Limit < now).Select(call => new SessionNotice(
                    SessionNoticeKind.CallUnanswered, By(call.Key.FromLow), call.Value.Time, call.Value.Frame, call.Value.Name, null,
                        call.Value.Limit)))
                .OrderBy(notice => notice.Time).Take(Session.MostNotices),
        ];
    }
}
