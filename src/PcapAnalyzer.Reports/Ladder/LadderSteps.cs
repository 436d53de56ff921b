using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>What a handshake's ladder has to show, in the order in which it happened.</summary>
internal static class LadderSteps
{
    // What came at the same time stands in the order in which one leads to the other.
    private const int Before = 0;
    private const int Opening = 1;
    private const int Gap = 2;
    private const int Said = 3;
    private const int Beside = 4;
    private const int After = 5;
    private const int Leaving = 6;
    private const int Last = 7;

    /// <param name="report">The handshake.</param>
    /// <param name="now">How late it is while the capture goes on.</param>
    /// <param name="hasFrameColumn">Packet numbers have a column of their own.</param>
    internal static List<LadderStep> Of(HandshakeReport report, long? now, bool hasFrameColumn)
    {
        var steps = new List<LadderStep>();
        var last = LastBeforeEnd(report);
        AddStart(report, steps);
        for (var index = 0; index < report.Messages.Count; index++)
        {
            var message = report.Messages[index];
            var time = Nanoseconds(message.SinceStart);
            steps.Add(new LadderStep(LadderStroke.Message, RoleOf(message.From), LadderLabels.Message(report, message, hasFrameColumn))
            {
                Time = time,
                Order = (time, Said),
                Message = index,
                Frames = message.Frames,
                Limit = index == last ? report.WaitLimit : null,
                HidesSilence = message.Frames.Count > 1, // the first of them came earlier
            });
        }
        AddTls(report, steps);
        AddTransfer(report, steps);
        AddAnomalies(report, steps);
        AddEnd(report, now, steps);
        return [.. steps.OrderBy(step => step.Order)]; // a stable sort: messages of one packet keep their order
    }

    /// <summary>Puts a row of silence wherever nothing was said for long, as far as the capture proves it.</summary>
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
                    var limit = last!.Limit is { } known && gap >= known.Nanoseconds / 2 ? $": {known.Words} {GapScale.Limit(known.Nanoseconds)}" : "";
                    var words = isOneSided ? $"{GapScale.Text(gap)} without a packet of the captured side" : $"{GapScale.Text(gap)} of silence";
                    all.Add(new LadderStep(LadderStroke.Silence, null, [new($"{words}{limit}", Ink.Warn)]) { Until = gap });
                }
                last = step;
                isHidden = false;
            }
            all.Add(step);
        }
        return all;
    }

    private static void AddStart(HandshakeReport report, List<LadderStep> steps)
    {
        if (report.Lookup is { } lookup)
        {
            var words = $"EPMD asked for {ReportText.Safe(lookup.Name)} {GapScale.Text(-Nanoseconds(lookup.SinceStart))} before";
            steps.Add(Note(words, Ink.Quiet, (long.MinValue, Before)) with { Frames = [lookup.Frame], Fold = 1 });
        }
        if (report.Connection.Opened is not { } opened)
        {
            steps.Add(Note("capture starts here", Ink.Warn, (long.MinValue, Opening)));
            return;
        }
        if (opened.Syn is { } syn)
        {
            IReadOnlyList<InkRun> label = opened.Syns > 1 ? [new("SYN", Ink.Plain), new($"  sent {opened.Syns} times", Ink.Warn)] : [new("SYN", Ink.Plain)];
            steps.Add(Tcp(Role.Initiator, label, Nanoseconds(syn), Opening) with { Fold = 2 });
        }
        if (opened.SynAck is { } answer) steps.Add(Tcp(Role.Acceptor, [new("SYN ACK", Ink.Plain)], Nanoseconds(answer), Opening) with { HidesSilence = opened.Syns > 1, Fold = 2 });
    }

    /// <summary>TLS where a handshake was due: when each side sent the last of it is all that is known.</summary>
    private static void AddTls(HandshakeReport report, List<LadderStep> steps)
    {
        if (report.Messages.Count > 0 || report.Anomalies != null) return;
        var (last, bytes) = (report.Connection.LastByte, report.Connection.BytesAfter);
        if (report.Diagnosis.Code != "tls-to-plain")
        {
            steps.Add(Note($"TLS: {Both(bytes)}", Ink.Quiet, (Nanoseconds(report.Connection.Opened is { } opened ? Math.Max(opened.Syn ?? 0, opened.SynAck ?? 0) : 0), After)) with { HidesSilence = true });
            return;
        }
        void Add(Role from, long time, string what, long count)
        {
            if (time == 0) return;
            steps.Add(new LadderStep(LadderStroke.Message, from, [new("no handshake message", Ink.Strong), new($"  {what}{count} bytes", Ink.Warn)])
            {
                Time = time - report.StartedAt,
                Order = (time - report.StartedAt, Said),
                Limit = report.WaitLimit,
                HidesSilence = true, // the first byte came earlier
            });
        }
        Add(Role.Initiator, last.InitiatorTime, "TLS, ", bytes.FromInitiator);
        Add(Role.Acceptor, last.AcceptorTime, "", bytes.FromAcceptor);
    }

    private static void AddTransfer(HandshakeReport report, List<LadderStep> steps)
    {
        foreach (var one in report.Connection.Transfer ?? [])
        {
            var from = RoleOf(one.By);
            if (one.Before is { } index)
            {
                var isLast = index >= report.Messages.Count;
                var at = report.Messages.Count == 0 ? long.MinValue : Nanoseconds(report.Messages[isLast ? ^1 : index].SinceStart);
                var label = $"{one.By}: {Count(one.Count, "byte")} not captured";
                steps.Add(new LadderStep(LadderStroke.Missing, from, [new(label, Ink.Warn)]) { Order = (at, isLast ? Beside : Gap), HidesSilence = true });
                continue;
            }
            var (first, until) = (Nanoseconds(one.SinceStart ?? 0), Nanoseconds(one.Until ?? 0));
            var what = (one.Kind, one.Count) switch
            {
                ("retransmission", 1) => "retransmission",
                ("retransmission", _) => $"{one.Count} retransmissions",
                (_, 1) => "out of order",
                _ => $"{one.Count} segments out of order",
            };
            var span = until > first ? $" in {GapScale.Text(until - first)}" : "";
            if (one is { Kind: "out-of-order", Count: 1 } && report.Messages.Any(message => LadderLabels.IsAbout(one, message))) continue;
            steps.Add(Tcp(from, [new($"{what}{span}", Ink.Warn)], first, Beside) with { Until = until, Frames = one.Frame is { } frame ? [frame] : [] });
        }
    }

    /// <summary>What should not have been sent and is no message; a message at the wrong place says so itself.</summary>
    private static void AddAnomalies(HandshakeReport report, List<LadderStep> steps)
    {
        foreach (var odd in report.Anomalies ?? [])
        {
            if (report.Messages.Any(message => LadderLabels.IsAbout(odd, message))) continue;
            steps.Add(new LadderStep(LadderStroke.Message, RoleOf(odd.By), [new(ReportText.Safe(odd.Seen), Ink.Bad), new($"  expected {LadderLabels.Expected(odd)}", Ink.Quiet)])
            {
                Time = Nanoseconds(odd.SinceStart),
                Order = (Nanoseconds(odd.SinceStart), Said),
                Frames = odd.Frame > 0 ? [odd.Frame] : [],
            });
        }
    }

    private static void AddEnd(HandshakeReport report, long? now, List<LadderStep> steps)
    {
        var connection = report.Connection;
        var after = connection.BytesAfter;
        // What should not have been sent has rows of its own.
        foreach (var odd in report.Anomalies ?? []) after = odd.By == "initiator" ? after with { FromInitiator = 0 } : after with { FromAcceptor = 0 };
        var isFollowed = report.Messages.Count > 0 && after is not { FromInitiator: 0, FromAcceptor: 0 };
        var isOver = report.Outcome == "established" && isFollowed;
        var end = report.Messages.Count > 0 ? report.Messages.Max(message => Nanoseconds(message.SinceStart)) : 0;
        if (isFollowed) steps.Add(Note($"{Both(after)} followed", Ink.Quiet, (end, After)) with { HidesSilence = true });
        var left = connection.Left ?? [];
        if (isOver && left.Count > 0)
        {
            // The time after a handshake would leave no room for it on the scale.
            var words = $"{left[0].By} {(left[0].How == "rst" ? "reset" : "closed")} {GapScale.Text(Nanoseconds(left[0].SinceStart) - end)} later";
            steps.Add(Note(words, Ink.Quiet, (end, Leaving)) with { Frames = [left[0].Frame] });
        }
        for (var i = 0; i < left.Count && !isOver; i++)
        {
            var time = Nanoseconds(left[i].SinceStart);
            steps.Add(Tcp(RoleOf(left[i].By), LadderLabels.Departure(report, left[i], isFirst: i == 0), time, Leaving) with
            {
                End = left[i].How == "rst" ? '╳' : '■',
                Frames = [left[i].Frame],
                Fold = i > 0 ? 2 : 0,
            });
        }
        if (left.Count > 0) return;
        var open = Note(now == null ? "still open when the capture ends" : "still open", Ink.Quiet, (long.MaxValue, Last));
        // Who waits for the next step waits until now.
        var until = Math.Max(now ?? 0, report.SeenUntil) - report.StartedAt;
        if (report.Outcome != "established" && steps.All(step => until >= (step.Until ?? step.Time ?? 0))) open = open with { Time = until };
        steps.Add(open);
    }

    /// <summary>The message that the wait was for the answer of: the last one before somebody left.</summary>
    private static int LastBeforeEnd(HandshakeReport report)
    {
        var end = report.Connection.Left is { Count: > 0 } left ? left[0].SinceStart : decimal.MaxValue;
        var last = report.Messages.Count - 1;
        while (last >= 0 && report.Messages[last].SinceStart > end) last--;
        return last;
    }

    private static string Both(BytesAfterReport bytes) => bytes switch
    {
        { FromAcceptor: 0 } => $"{Count(bytes.FromInitiator, "byte")} of the initiator",
        { FromInitiator: 0 } => $"{Count(bytes.FromAcceptor, "byte")} of the acceptor",
        _ => $"{bytes.FromInitiator} bytes → and {bytes.FromAcceptor} bytes ←",
    };

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    private static LadderStep Note(string words, Ink ink, (long, int) order) => new(LadderStroke.Note, null, [new(words, ink)]) { Order = order };

    private static LadderStep Tcp(Role from, IReadOnlyList<InkRun> label, long time, int rank) => new(LadderStroke.Tcp, from, label) { Time = time, Order = (time, rank) };

    private static Role RoleOf(string word) => word == "initiator" ? Role.Initiator : Role.Acceptor;

    private static long Nanoseconds(decimal seconds) => (long)(seconds * 1_000_000_000m);
}
