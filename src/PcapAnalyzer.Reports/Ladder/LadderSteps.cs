using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Builds the steps of a handshake's ladder in time order.</summary>
internal static class LadderSteps
{
    // Ranks of steps with the same time: cause before effect.
    private const int Before = 0;
    private const int Opening = 1;
    private const int Gap = 2;
    private const int Said = 3;
    private const int Beside = 4;
    private const int After = 5;
    private const int Leaving = 6;
    private const int Last = 7;

    /// <param name="now">The current time while the capture is running, in nanoseconds since 1970; otherwise null.</param>
    /// <param name="hasFrameColumn">Whether packet numbers have their own column.</param>
    /// <param name="session">What followed on the connection; null where nothing is known of it.</param>
    internal static List<LadderStep> Of(JudgedHandshake report, long? now, bool hasFrameColumn, JudgedSession? session = null)
    {
        var steps = new List<LadderStep>();
        var last = LastBeforeEnd(report);
        AddStart(report, steps);
        for (var index = 0; index < report.Messages.Count; index++)
        {
            var message = report.Messages[index];
            var time = message.SinceStart;
            steps.Add(new LadderStep(LadderStroke.Message, message.From, LadderLabels.Message(report, message, hasFrameColumn))
            {
                Time = time,
                Order = (time, Said),
                Message = index,
                Frames = message.Frames,
                Limit = index == last ? report.WaitLimit : null,
                HidesSilence = message.Frames.Count > 1, // the first packet came earlier
            });
        }
        AddTls(report, steps);
        AddTransfer(report, steps);
        AddAnomalies(report, steps);
        if (session == null) AddEnd(report, now, steps);
        steps = [.. steps.OrderBy(step => step.Order)]; // a stable sort: messages of one packet keep their order
        if (session != null) steps.AddRange(SessionSteps.Of(session, report.Started, isOver: now == null));
        return steps;
    }

    /// <summary>Inserts a silence row wherever the capture proves a long gap.</summary>
    internal static List<LadderStep> WithSilence(IReadOnlyList<LadderStep> steps, bool isOneSided)
    {
        var all = new List<LadderStep>();
        LadderStep? last = null;
        var isHidden = false;
        foreach (var step in steps)
        {
            isHidden |= step.HidesSilence;
            if (step.Time is { } time)
            {
                var gap = last is { Time: { } before } ? time - Math.Max(before, last.Until ?? before) : 0;
                if (gap >= GapScale.Silence && !isHidden)
                {
                    var limit = last!.Limit is { } known && gap >= known.Nanoseconds / 2
                        ? $": {known.Words} {GapScale.Limit(known.Nanoseconds)}" : "";
                    var words = isOneSided ? $"{GapScale.Text(gap)} without a packet of the captured side"
                        : $"{GapScale.Text(gap)} of silence";
                    all.Add(new LadderStep(LadderStroke.Silence, null, [new($"{words}{limit}", Ink.Warn)]) { Until = gap });
                }
                last = step;
                isHidden = false;
            }
            all.Add(step);
        }
        return all;
    }

    private static void AddStart(JudgedHandshake report, List<LadderStep> steps)
    {
        if (report.Lookup is { } lookup)
        {
            var words = $"EPMD asked for {ReportText.Safe(lookup.Name!)} {GapScale.Text(report.Before(lookup.Time))} before";
            steps.Add(Note(words, Ink.Quiet, (long.MinValue, Before)) with { Frames = [lookup.Frame], Fold = 1 });
        }
        if (!report.IsOpeningSeen)
        {
            steps.Add(Note("capture starts here", Ink.Warn, (long.MinValue, Opening)));
            return;
        }
        var connection = report.Connection;
        var isRepeated = connection.Syns > 1;
        if (connection.SynTime != 0)
        {
            IReadOnlyList<InkRun> label = isRepeated ? [new("SYN", Ink.Plain), new($"  sent {connection.Syns} times", Ink.Warn)]
                : [new("SYN", Ink.Plain)];
            steps.Add(Tcp(Role.Initiator, label, report.Since(connection.SynTime), Opening) with { Fold = 2 });
        }
        if (connection.SynAckTime != 0)
            steps.Add(Tcp(Role.Acceptor, [new("SYN ACK", Ink.Plain)], report.Since(connection.SynAckTime),
                Opening) with
            { HidesSilence = isRepeated, Fold = 2 });
    }

    /// <summary>Adds TLS in place of a handshake. Only the time of each side's last byte is known.</summary>
    private static void AddTls(JudgedHandshake report, List<LadderStep> steps)
    {
        if (report.Messages.Count > 0 || report.Facts.Anomalies.Count > 0) return;
        var connection = report.Connection;
        if (report.Diagnosis.Code != DiagnosisCode.TlsToPlain)
        {
            var opened = report.IsOpeningSeen ? Math.Max(0, report.Since(Math.Max(connection.SynTime, connection.SynAckTime))) : 0;
            steps.Add(Note($"TLS: {Both(connection.AfterInitiator, connection.AfterAcceptor)}", Ink.Quiet,
                (opened, After)) with
            { HidesSilence = true });
            return;
        }
        void Add(Role from, long time, string what, long count)
        {
            if (time == 0) return;
            steps.Add(new LadderStep(LadderStroke.Message, from,
                [new("no handshake message", Ink.Strong), new($"  {what}{count} bytes", Ink.Warn)])
            {
                Time = report.Since(time),
                Order = (report.Since(time), Said),
                Limit = report.WaitLimit,
                HidesSilence = true, // the first byte came earlier
            });
        }
        Add(Role.Initiator, connection.LastByteFromInitiator, "TLS, ", connection.AfterInitiator);
        Add(Role.Acceptor, connection.LastByteFromAcceptor, "", connection.AfterAcceptor);
    }

    private static void AddTransfer(JudgedHandshake report, List<LadderStep> steps)
    {
        foreach (var one in report.Facts.Transfer)
        {
            if (one.Kind == TransferEventKind.MissingBytes)
            {
                var isLast = one.Before >= report.Messages.Count;
                var at = report.Messages.Count == 0 ? long.MinValue : report.Messages[isLast ? ^1 : one.Before].SinceStart;
                var label = $"{one.By.Word()}: {Count(one.Count, "byte")} not captured";
                steps.Add(new LadderStep(LadderStroke.Missing, one.By, [new(label, Ink.Warn)])
                {
                    Order = (at, isLast ? Beside : Gap),
                    HidesSilence = true
                });
                continue;
            }
            if (report.Messages.Any(message => LadderLabels.IsAbout(one, message))) continue;
            var (first, until) = (report.Since(one.Time), report.Since(one.LastTime));
            var what = (one.Kind, one.Count) switch
            {
                (TransferEventKind.Retransmission, 1) => "retransmission",
                (TransferEventKind.Retransmission, _) => $"{one.Count} retransmissions",
                (TransferEventKind.DifferentCopy, 1) => "sent again with other bytes",
                (TransferEventKind.DifferentCopy, _) => $"{one.Count} segments with other bytes",
                (_, 1) => "out of order",
                _ => $"{one.Count} segments out of order",
            };
            var span = until > first ? $" in {GapScale.Text(until - first)}" : "";
            steps.Add(Tcp(one.By, [new($"{what}{span}", Ink.Warn)], first, Beside) with { Until = until, Frames = [one.Frame] });
        }
    }

    /// <summary>Adds unexpected data that is no message. A message in the wrong place shows the anomaly in its own row.</summary>
    private static void AddAnomalies(JudgedHandshake report, List<LadderStep> steps)
    {
        foreach (var (odd, times) in report.Anomalies)
        {
            if (report.Messages.Any(message => LadderLabels.IsAbout(odd, message))) continue;
            steps.Add(new LadderStep(LadderStroke.Message, odd.By,
                [new(ReportText.Safe(odd.Seen) + (times > 1 ? $" × {times}" : ""), Ink.Bad),
                    new($"  expected {LadderLabels.Expected(odd)}", Ink.Quiet)])
            {
                Time = report.Since(odd.Time),
                Order = (report.Since(odd.Time), Said),
                Frames = odd.Frame > 0 ? [odd.Frame] : [],
            });
        }
    }

    private static void AddEnd(JudgedHandshake report, long? now, List<LadderStep> steps)
    {
        // Unexpected data has its own rows.
        var (initiator, acceptor) = (report.Connection.AfterInitiator, report.Connection.AfterAcceptor);
        foreach (var odd in report.Facts.Anomalies) (initiator, acceptor) = odd.By == Role.Initiator ? (0L, acceptor) : (initiator, 0L);
        var isFollowed = report.Messages.Count > 0 && (initiator, acceptor) is not (0, 0);
        var isOver = report.Outcome == Outcome.Established && isFollowed;
        var end = report.Messages.Count > 0 ? report.Messages.Max(message => message.SinceStart) : 0;
        if (isFollowed) steps.Add(Note($"{Both(initiator, acceptor)} followed", Ink.Quiet, (end, After)) with { HidesSilence = true });
        var left = report.Left;
        if (isOver && left.Count > 0)
        {
            // The time after the handshake would compress the handshake on the scale.
            var later = GapScale.Text(report.Since(left[0].Time) - end);
            var words = $"{left[0].By.Word()} {(left[0].IsReset ? "reset" : "closed")} {later} later";
            steps.Add(Note(words, Ink.Quiet, (end, Leaving)) with { Frames = [left[0].Frame] });
        }
        for (var i = 0; i < left.Count && !isOver; i++)
        {
            steps.Add(Tcp(left[i].By, LadderLabels.Departure(report, left[i], isFirst: i == 0), report.Since(left[i].Time), Leaving) with
            {
                End = left[i].IsReset ? '╳' : '■',
                Frames = [left[i].Frame],
                Fold = i > 0 ? 2 : 0,
            });
        }
        if (left.Count > 0) return;
        var open = Note(report.OpenEnd(isOver: now == null), report.Connection.IsGivenUp ? Ink.Warn : Ink.Quiet, (long.MaxValue, Last));
        // A side that waits for the next step has waited until now.
        var until = report.Since(Math.Max(now ?? 0, report.SeenUntil));
        if (report.Outcome != Outcome.Established && !report.Connection.IsGivenUp
            && steps.All(step => until >= (step.Until ?? step.Time ?? 0)))
            open = open with { Time = until };
        steps.Add(open);
    }

    /// <summary>Index of the message whose answer was awaited: the last message before a side closed.</summary>
    private static int LastBeforeEnd(JudgedHandshake report)
    {
        var end = report.Left is [var first, ..] ? first.Time : long.MaxValue;
        var last = report.Messages.Count - 1;
        while (last >= 0 && report.Messages[last].Message.Time > end) last--;
        return last;
    }

    private static string Both(long initiator, long acceptor) => (initiator, acceptor) switch
    {
        (_, 0) => $"{Count(initiator, "byte")} of the initiator",
        (0, _) => $"{Count(acceptor, "byte")} of the acceptor",
        _ => $"{initiator} bytes → and {acceptor} bytes ←",
    };

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static LadderStep Note(string words, Ink ink, (long, int) order) =>
        new(LadderStroke.Note, null, [new(words, ink)]) { Order = order };

    private static LadderStep Tcp(Role from, IReadOnlyList<InkRun> label, long time, int rank) =>
        new(LadderStroke.Tcp, from, label) { Time = time, Order = (time, rank) };
}
