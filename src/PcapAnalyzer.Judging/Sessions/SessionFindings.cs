using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>What sessions show beside their own ends: calls without a reply, and a mesh that lacks a link.</summary>
internal static class SessionFindings
{
    private const long Second = 1_000_000_000;

    /// <summary>Nodes that dial again do so within this time (ns).</summary>
    private const long RedialTime = 10 * Second;

    /// <summary>The longest time (ns) between two retransmissions: Linux's limit, and a little.</summary>
    private const long LongestResend = 121 * Second;

    /// <summary>The message by which a node in transitive mode asks its peer for other nodes.</summary>
    private const string AskForNodes = "enumerate_node_sessions";

    internal static IReadOnlyList<Finding> Of(SessionCase it, SessionJudgement judged)
    {
        if (!it.Cluster.Cluster.IsComplete) return [];
        var missing = LinkMissing(it, judged);
        if (missing == null && !it.Has(SessionNoticeKind.CallUnanswered)) return [];
        return [.. CallsUnanswered(it), .. missing == null ? [] : (Finding[])[missing]];
    }

    /// <summary>Calls whose limit passed without a reply, while the called node said other things.</summary>
    private static IEnumerable<Finding> CallsUnanswered(SessionCase it)
    {
        var cluster = it.Cluster.Cluster;
        return from call in it.Facts.Notices
               where call.Kind == SessionNoticeKind.CallUnanswered && IsUnanswered(it, call)
               group call by (call.By, Name: cluster.Pseudonyms == null ? call.Name : null) into calls
               let caller = it.Called(calls.Key.By)
               let called = it.Called(calls.Key.By.Other())
               let limits = calls.Select(call => call.Value).Distinct().ToList()
               let times = $"{(it.Facts.Notices.Count == Session.MostNotices ? "at least " : "")}{Findings.TimesOf(calls.Count())}"
               select new Finding(
                   CallUnanswered,
                   calls.Count(),
                   $"{caller} called {(calls.Key.Name is { Length: > 0 } name ? Escaped.Of(name) : "an actor")} on {called} {times} and "
                       + "got no reply "
                       + $"within the call's limit{(limits.Count == 1 ? $" ({Durations.Text(limits[0])})" : "")}, "
                           + $"while {called} said other things.",
                   $"Look at the called actor on {called}: it is slow, dead, drops its reply, "
                       + $"or was never announced to {caller} (a terminate of its pid, or no spawn with it).")
               {
                   From = it.Facts.EndpointOf(calls.Key.By).Address.ToString(),
                   Node = called,
                   Session = it.Facts.Number,
                   Certainty = Certainty.Proven,
               };
    }

    /// <summary>
    /// Every byte of the called node is in the capture, and it said something behind the limit: so no reply came before. A node that
    /// was silent as a whole meanwhile is another matter, that the session's code tells.
    /// </summary>
    private static bool IsUnanswered(SessionCase it, SessionNotice call)
    {
        var role = call.By.Other();
        var side = it.Of(role);
        var until = call.Time + call.Value;
        return it.IsSeen(role) && side.Missing == 0 && until < it.Until && side.LastFrameTime > until
            && !side.Silences.Any(silence => silence.To - silence.From > it.Healthy(call.By) && silence.From < until
            && silence.To > call.Time);
    }

    /// <summary>
    /// Two nodes in transitive mode lost their session while one of them kept others, and nobody dialled again: their release dials a
    /// node once only.
    /// </summary>
    private static Finding? LinkMissing(SessionCase it, SessionJudgement judged)
    {
        if (judged.Diagnosis.Code is not (PathDead or PathDeadOneWay or MiddleboxReset or FrameTooLarge or MalformedMessage)) return null;
        if (it.IsErlang || it.Initiator == null || it.Acceptor == null || it.Initiator == it.Acceptor || it.Next != null) return null;
        if (!IsTransitive(it.Facts.FromInitiator) || !IsTransitive(it.Facts.FromAcceptor)) return null;
        if ((it.End?.Time ?? GaveUp(it)) is not { } broken) return null;
        var now = it.Cluster.LastTime;
        if (now - broken < RedialTime || WasDialled(it, broken)) return null;
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (it.IsGoneLater(role, broken) || it.IsRestartedLater(role, broken)) return null;
        }
        if (!it.HasOtherUp(Role.Initiator, broken + RedialTime / 2) && !it.HasOtherUp(Role.Acceptor, broken + RedialTime / 2)) return null;
        var (a, b) = (it.Called(Role.Initiator), it.Called(Role.Acceptor));
        return new Finding(
            DiagnosisCode.LinkMissing,
            1,
            $"{a} and {b}, both in transitive mode, lost their session ({SplitWords.Words(judged.Diagnosis.Code)}, "
                + $"over by {SplitWords.Clock(broken)}), and the capture shows neither dialling the other "
                + $"in the {Durations.Text(now - broken)} that followed, while other sessions went on: "
                    + "ractor_cluster dials a listed node once and never again.",
            $"Let the application dial again, in node_session_disconnected for example; first mend what broke the session of {a} and {b}.")
        {
            From = it.Facts.Initiator.Address.ToString(),
            Session = it.Facts.Number,
            Certainty = Certainty.Inferred,
        };
    }

    private static bool IsTransitive(SessionSide side) => side.Operations.ContainsKey(AskForNodes);

    /// <summary>
    /// When TCP gave up an end of a session that no packet ends: its host goes on with other sessions, and the retransmission that was
    /// due, at twice the gap of the last one, did not come.
    /// </summary>
    private static long? GaveUp(SessionCase it)
    {
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var trace = it.Of(role).Transport;
            if (trace.Resends < 2 || trace.Unacknowledged == 0 || trace.UnacknowledgedSince == 0) continue;
            var due = trace.LastTime + Math.Min(2 * (trace.LastTime - trace.UnacknowledgedSince), LongestResend);
            if (due < it.Cluster.LastTime && it.HasOtherUp(role, due)) return due;
        }
        return null;
    }

    /// <summary>A host of the two dialled the other after a time, whatever became of it.</summary>
    private static bool WasDialled(SessionCase it, long after)
    {
        var (a, b) = (it.Facts.Initiator.Host, it.Facts.Acceptor.Host);
        var failed = it.Cluster.FailedDials;
        return failed.GetValueOrDefault((a, b)) > after || failed.GetValueOrDefault((b, a)) > after
            || it.Cluster.Cluster.WasDialled(a, b, after);
    }
}
