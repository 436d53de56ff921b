using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Judging.DiagnosisCode;

namespace PcapAnalyzer.Judging.Sessions;

/// <summary>What happened to a session and what to do, in words for a tired operator.</summary>
internal static class SessionWords
{
    private const long Second = 1_000_000_000;

    internal static Diagnosis Explain(SessionCase it, DiagnosisCode code, Certainty certainty)
    {
        var (summary, remedy) = Words(it, code);
        if (it.IsErlang && SessionEvents.NeedsTickTime(code) && it.TickTimeOf(Role.Initiator) is { From: TickTimeSource.Default })
            summary += " The ticks do not tell net_ticktime, so 60 s are assumed; --net-ticktime states it.";
        if (it.Facts.FromInitiator.Missing + it.Facts.FromAcceptor.Missing is > 0 and var missing)
            summary += $" {missing} bytes of this session are not in the capture.";
        return new Diagnosis(code, summary, remedy, certainty, SessionEvents.Frames(it));
    }

    private static (string Summary, string? Remedy) Words(SessionCase it, DiagnosisCode code)
    {
        var (a, b) = (it.Called(Role.Initiator), it.Called(Role.Acceptor));
        var both = $"{a} and {b}";
        var by = it.End?.By ?? Role.Initiator;
        var closer = it.Called(by);
        var other = it.Called(by.Other());
        var words = it.Facts.Protocol.Words;
        return code switch
        {
            Healthy => ($"{both} are connected: each was heard in time until the capture ended.", null),
            LargeMessage => ($"{it.Called(Sender(it))} sent {it.Called(Sender(it).Other())} one message "
                + $"in {it.Of(Sender(it)).MostFragments} fragments over {Durations.Text(it.Of(Sender(it)).LargestTook)}; "
                + "its ticks wait behind such a message.",
                "Send smaller messages between nodes, or move bulk data over a connection of its own."),
            NodeStopped => ($"{closer} stopped in order: its applications shut down, then it closed its session with {other}.",
                "Nothing, if the stop was planned; else find who stopped it."),
            NodeDied => ($"{closer} left {other} without a farewell{Died(it, by)}: its node was killed, crashed or halted.",
                $"Read the crash dump, the kernel's log (OOM) and the supervisor's log "
                    + $"on the host of {closer} at {SplitWords.Clock(it.End!.Time)}."),
            Disconnected => ($"{closer} closed its session with {other} while both nodes lived on: a call decided it, not the network.",
                words.DisconnectCalls is { } calls ? $"Find who calls {calls} on {closer}."
                    : $"Read the log of {closer}: its application stopped the session."),
            GlobalOverlap => ($"global on {other} asked {closer} to leave in order to prevent overlapping partitions, "
                + $"and {closer} closed{Blamed(it)}. This session was not at fault.",
                "Mend the session that was lost first; this one comes back with it. prevent_overlapping_partitions only hides the cause."),
            PeerFrozen => Frozen(it),
            PeerPaused => ($"{it.Called(Paused(it))} said nothing for {Durations.Text(it.Of(Paused(it)).LongestSilence)}, "
                + "while its kernel acknowledged what came; then it went on.",
                "Look for what stops that VM: a paused or starved machine, swapping, a long-running NIF or a debugger."),
            PathDead => Dead(it),
            PathDeadOneWay => OneWay(it),
            PathMtuBlackhole => ($"Large segments of {it.Called(Large(it))} never reach {it.Called(Large(it).Other())}, "
                + "small ones pass both ways: something between drops large packets without a word.",
                "Compare the MTU along the path, let ICMP \"fragmentation needed\" pass, or clamp the MSS."),
            PathFlap => ($"The path between {both} failed for moments: {Flaps(it)} retransmissions came after a timeout, "
                + "then all was acknowledged. The session lives.",
                "Look at the link, bonding or overlay between the hosts at those times."),
            TickMismatch => ($"{closer} heard nothing from {other} for {Durations.Text(it.Silence(by.Other()))}, its limit, and closed; "
                + $"{other} was alive and answered at once{Spacings(it, by)}. It ticks too seldom for {closer}.",
                "Set the same net_ticktime on all nodes."),
            MiddleboxReset => Reset(it),
            HostRestarted => ($"The host of {closer} answered segments of {other} with a reset, "
                + "as a host does that knows nothing of the connection any more: it restarted, or the connection was lost there.",
                $"Find the restart of {closer} or of its host."),
            ReceiverStalled => ($"{it.Called(Stalled(it))} stopped reading: its window was zero for "
                + $"{Durations.Text(it.Of(Stalled(it)).Transport.ZeroWindow)}; processes that send to it were suspended meanwhile.",
                words.LargerBuffer is { } larger ? $"Find what blocks {it.Called(Stalled(it))}; {larger} hides it and does not heal it."
                    : $"Find what keeps {it.Called(Stalled(it))} from reading; give the application credit or backpressure."),
            OpenSilent when it.Facts.IsGivenUp => (
                $"The session of {both} was not followed to its end: more connections were under way at once than are followed.",
                "Look at fewer: --filter and --port choose them."),
            OpenSilent => ($"{it.Called(Quiet(it))} has said nothing to {it.Called(Quiet(it).Other())} "
                + $"for {Durations.Text(it.Silence(Quiet(it)))} when the capture ends; nobody had given up yet.",
                "Capture for longer, and look at the silent node now."),
            ToolSession => ($"{a}, a hidden node such as {words.HiddenNodes}, "
                + $"was connected to {b} for {Durations.Text(it.End!.Time - it.Facts.Started)} and left by itself.", null),
            DuplicateConnection => ($"{both} had two connections at once, and one of them was closed: that is normal.", null),
            SessionDisplaced => ($"{closer} closed this session because the same two nodes had just accepted another dial: "
                + "calls in flight were lost.",
                $"Do not dial a peer that is connected: look for a second dial between {both}."),
            FrameTooLarge => TooLarge(it, by),
            MalformedMessage => ($"{other} sent bytes that are no message, and {closer} closed.",
                $"Look for a proxy in the path, or a damaged stream: {it.Facts.Protocol.Name} itself does not send such bytes."),
            MessageNotUnderstood => ($"{NotUnderstood(it)}; its receiver drops it without a word.", "Run the same release on both nodes."),
            _ when it.End == null => (
                $"{both} parted: the session was replaced by a new one, and nothing shows why.", "Capture on both hosts."),
            _ => ($"{both} parted: {closer} closed, and nothing before or after that tells why.",
                $"Read the log of {closer} at {SplitWords.Clock(it.End.Time)}, and capture for longer."),
        };
    }

    private static Role Sender(SessionCase it) => WhoHasMore(it, side => side.MostFragments);

    private static Role Paused(SessionCase it) => WhoHasMore(it, side => side.LongestSilence);

    private static Role Stalled(SessionCase it) => WhoHasMore(it, side => side.Transport.ZeroWindow);

    private static Role WhoHasMore(SessionCase it, Func<SessionSide, long> of) =>
        of(it.Facts.FromInitiator) >= of(it.Facts.FromAcceptor) ? Role.Initiator : Role.Acceptor;

    private static Role Quiet(SessionCase it) => it.Silence(Role.Initiator) >= it.Silence(Role.Acceptor) ? Role.Initiator : Role.Acceptor;

    private static Role Large(SessionCase it) => it.Facts.FromInitiator.Transport.HasLaterBytes ? Role.Initiator : Role.Acceptor;

    private static int Flaps(SessionCase it) => it.Facts.FromInitiator.Transport.Timeouts + it.Facts.FromAcceptor.Transport.Timeouts;

    private static string Died(SessionCase it, Role by)
    {
        if (it.Of(by).IsCut) return ", in the middle of a message";
        if (it.End is { IsReset: true }) return ", with a reset of its own kernel: it left bytes unread";
        if (it.IsRestartedLater(by, it.End!.Time)) return ", and came back as another incarnation";
        return it.IsGoneLater(by, it.End.Time) ? ", and is no longer there" : "";
    }

    private static string Blamed(SessionCase it) =>
        it.Facts.Notices.FirstOrDefault(notice => notice.Kind == SessionNoticeKind.LostConnection) is { Name: { } loser, Other: { } lost }
        ? $": {it.Cluster.Cluster.Shown(loser)} had lost {it.Cluster.Cluster.Shown(lost)}" : "";

    private static (string, string) Frozen(SessionCase it)
    {
        var silent = SessionEvents.SilentSide(it);
        var (who, judge) = (it.Called(silent), it.Called(silent.Other()));
        var stalled = it.Of(silent).Transport.ZeroWindowSince != 0 ? " and then shut its window" : "";
        return ($"{who} said nothing from {SplitWords.Clock(it.LastLife(silent))} on while its kernel acknowledged all that came{stalled}: "
            + "the VM was frozen or starved, the network was not at fault."
            + (it.IsErlang && it.End != null ? $" {judge} gave it up after {Durations.Text(it.Silence(silent))} "
                + $"(net_ticktime {it.TickTimeOf(silent.Other())!.Value.Length / Second})." : ""),
            $"Look at the host of {who} at that time: CPU, swap, SIGSTOP or a debugger, a long-running NIF, a paused VM. "
                + "Raise net_ticktime only if such pauses are normal.");
    }

    private static (string, string) Dead(SessionCase it)
    {
        var silent = SessionEvents.SilentSide(it);
        var (who, judge) = (it.Called(silent), it.Called(silent.Other()));
        var waiting = it.Of(silent.Other()).Transport;
        var unheard = waiting.Resends > 0 ? $", not even an acknowledgement: {judge} sent its data {waiting.Resends + 1} times in vain"
            : "";
        return ($"From {SplitWords.Clock(it.LastLife(silent))} on nothing came from {who}{unheard}. The path is dead or the host is gone.",
            $"Look at the link, the firewall or security group, and the host between {judge} and {who} at that time. "
                + "Do not raise net_ticktime first.");
    }

    private static (string, string) OneWay(SessionCase it)
    {
        var deaf = it.Facts.FromInitiator.Transport.PeerDataMeanwhile > it.Facts.FromAcceptor.Transport.PeerDataMeanwhile
            ? Role.Initiator : Role.Acceptor;
        return ($"Packets of {it.Called(deaf.Other())} reach {it.Called(deaf)}, "
            + $"and those of {it.Called(deaf)} do not reach {it.Called(deaf.Other())}: the path is dead one way.",
            "Look for a one-way firewall rule, asymmetric routing, or a duplicate address.");
    }

    private static (string, string) Reset(SessionCase it)
    {
        if (it.End is not { } end)
            return ($"{it.Called(Role.Initiator)} and {it.Called(Role.Acceptor)} were parted by a device between them.",
                "Look at the firewall between the two.");
        var ttl = it.Of(end.By).Transport;
        var proof = end.Ttl != 0 && ttl.LowestTtl != 0 && (end.Ttl < ttl.LowestTtl || end.Ttl > ttl.HighestTtl)
            ? $" (its time to live is {end.Ttl}, that node's packets have {ttl.LowestTtl})"
            : end.WentOn ? " (that node went on sending)" : "";
        return ($"A reset in the name of {it.Called(end.By)} ended the session, and {it.Called(end.By)} did not send it{proof}: "
            + "a device between the nodes did.",
            "Look at the firewall, NAT or load balancer between the two: its idle timeout must be above a quarter of net_ticktime, "
                + "and a reload must keep its flows.");
    }

    private static (string, string) TooLarge(SessionCase it, Role by)
    {
        var notice = it.Facts.Notices.FirstOrDefault(one => one.Kind == SessionNoticeKind.FrameTooLarge);
        var sender = notice?.By ?? by.Other();
        return (notice != null ? $"{it.Called(sender)} announced a frame of {notice.Value} bytes; "
            + $"{it.Called(sender.Other())} takes at most {it.Facts.Protocol.MaxMessageLength}, and closes."
            : $"{it.Called(by)} closed at a large frame ({it.Of(sender).Largest} bytes or more) of {it.Called(sender)}: "
                + "its limit is probably set lower.",
            $"Raise {it.Facts.Protocol.Words.FrameLimit ?? "the frame limit"} on the receiver, or send smaller messages.");
    }

    private static string NotUnderstood(SessionCase it)
    {
        var notice = it.Facts.Notices.First(one => one.Kind == SessionNoticeKind.NotUnderstood);
        return $"{it.Called(notice.By)} sent a message or field that no known release has ({Escaped.Of(notice.Other ?? "?")})";
    }

    private static string Spacings(SessionCase it, Role judge) => it.Spacing(judge) is { } own && it.Spacing(judge.Other()) is { } others
        ? $" (ticks each {Durations.Text(own / SessionCase.TickIntensity)} and each {Durations.Text(others / SessionCase.TickIntensity)})"
        : "";
}
