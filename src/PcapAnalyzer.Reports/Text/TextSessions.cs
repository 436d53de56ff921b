using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>The part of the text report about sessions: splits, sessions with their diagnosis, and a table of the healthy ones.</summary>
internal static class TextSessions
{
    internal static void WriteSplits(CaptureReport report, TextWriter output, TextStyle style)
    {
        if (report.Selection != null) return;
        foreach (var split in report.Sessions.Splits)
        {
            Write(split, output, style);
            if (style.Detail != TextDetail.Quiet) output.WriteLine();
        }
    }

    /// <summary>Writes one split, without the empty line after it.</summary>
    internal static void Write(JudgedSplit split, TextWriter output, TextStyle style)
    {
        var judged = split.Split;
        var length = split.Length is { } time ? $"healed after {Durations.Text(time)}" : "not healed";
        output.WriteLine($"{style.Bad("◇")} {style.Strong($"split {split.Id}")} {style.Quiet(ReportText.Time(judged.At))}  "
            + $"{style.Strong(Groups(split))}  {style.Bad(split.Code.Kebab())}  {style.Quiet(length)}");
        if (style.Detail == TextDetail.Quiet) return;
        TextReport.WriteSentences(ReportText.Safe(judged.Summary, 2000), judged.Certainty, judged.Remedy, output, style);
        var lost = string.Join(", ", split.Sessions.Take(20).Select(id => $"#{id}"))
            + (split.Sessions.Count > 20 ? $" and {split.Sessions.Count - 20} more" : "");
        foreach (var line in style.Wrap("    ", $"lost sessions: {lost}; given up at {ReportText.Time(judged.Detected)}"))
            output.WriteLine(style.Quiet(line));
    }

    /// <summary>Writes the sessions that are not healthy, then one table of those that are.</summary>
    internal static void Write(CaptureReport report, TextWriter output, TextStyle style)
    {
        var sessions = report.ListedSessions;
        var ailing = sessions.Where(session => session.Code != DiagnosisCode.Healthy).ToList();
        var source = 0;
        foreach (var story in Stories.Of(ailing, style.Detail))
        {
            var first = ailing[story[0].Index];
            TextReport.WriteSource(report, first.Source, ref source, output, style);
            Write(first, output, style);
            if (style.Detail == TextDetail.Quiet) continue;
            if (story.Count > 1) TextReport.WriteRepetition(story, ": session ", output, style);
            output.WriteLine();
        }
        WriteHealthy(sessions, output, style);
    }

    /// <summary>One line with the number of healthy sessions, and a row for each.</summary>
    internal static void WriteHealthy(IReadOnlyList<JudgedSession> sessions, TextWriter output, TextStyle style)
    {
        var healthy = sessions.Where(session => session.Code == DiagnosisCode.Healthy).ToList();
        if (healthy.Count == 0) return;
        output.WriteLine($"{style.Good("✓")} {TextReport.Count(healthy.Count, "session")} {(healthy.Count == 1 ? "is" : "are")} healthy"
            + (style.Detail == TextDetail.Quiet ? "" : ":"));
        if (style.Detail == TextDetail.Quiet) return;
        var rows = healthy.ConvertAll(session => new[]
        {
            $"#{session.Id}", $"{session.Shown(Role.Initiator)} → {session.Shown(Role.Acceptor)}", GapScale.Text(session.Duration),
            Both(session, side => side.Ticks + side.Operations.GetValueOrDefault("ping"), "tick"),
            Both(session, side => side.Messages, "message"),
        });
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => CellText.Width(row[column]))).ToList();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, column) => column == 2 ? new string(' ', widths[column] - CellText.Width(cell)) + cell
                : CellText.Fit(cell, widths[column]));
            output.WriteLine(style.Quiet($"    {string.Join("  ", cells)}".TrimEnd()));
        }
        output.WriteLine();
    }

    /// <summary>Writes one session, without the empty line after it.</summary>
    internal static void Write(JudgedSession session, TextWriter output, TextStyle style)
    {
        var severity = session.Severity();
        output.WriteLine($"{style.Of(severity, $"{session.Glyph()}")} {style.Quiet($"session #{session.Id}")} "
            + $"{style.Quiet(ReportText.Time(session.Facts.Started))}  "
            + $"{style.Strong($"{session.Shown(Role.Initiator)} → {session.Shown(Role.Acceptor)}")}  "
            + $"{style.Of(severity, session.Code.Kebab())}  "
            + style.Quiet(GapScale.Text(session.Duration)));
        if (style.Detail == TextDetail.Quiet) return;
        if (style.Ladder is { } ladder)
        {
            // The ladder of its handshake goes on to its end.
            if (session.Handshake == null)
                foreach (var row in LadderDrawing.Draw(session, ladder)) output.WriteLine(style.Line(row.Runs));
        }
        else
        {
            WriteTimeline(session, output, style);
        }
        var diagnosis = session.Diagnosis;
        TextReport.WriteSentences(ReportText.Safe(diagnosis.Summary, 2000), diagnosis.Certainty, diagnosis.Remedy, output, style);
        TextReport.WriteLogs(session.Logs, output, style);
    }

    private static void WriteTimeline(JudgedSession session, TextWriter output, TextStyle style)
    {
        WriteFacts(session, output, style);
        foreach (var one in session.Judgement.Events) WriteEvent(session, one, output, style);
        if (session.Judgement.EventsLeftOut > 0)
            output.WriteLine(style.Quiet($"              · {session.Judgement.EventsLeftOut} more events"));
        WriteEnd(session, output, style);
    }

    private static void WriteFacts(JudgedSession session, TextWriter output, TextStyle style)
    {
        var start = session.Handshake is { } handshake ? $"after handshake #{handshake}" : "its handshake is not in the capture";
        var limit = session.Judgement.TickTime is { } time
            ? $"  net_ticktime {ReportText.Seconds(time.Length):0.###} s ({From(time.From)})" : "";
        output.WriteLine(style.Quiet($"    {session.Facts.Protocol.Name}  {session.Facts.Initiator} → {session.Facts.Acceptor}  "
            + $"{start}{limit}"));
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            var side = session.Facts.Of(role);
            var parts = new[]
            {
                TextReport.Count(side.Messages, "message"), TextReport.Count(side.Ticks, "tick"),
                TextReport.Count(side.Operations.GetValueOrDefault("ping"), "ping"),
                $"{side.Bytes} B", Silence("longest silence", side.LongestSilence),
                    Silence("silent at the end for", session.SilenceAtEnd(role)),
                TextReport.Count(side.Transport.Retransmissions, "retransmission"),
                    TextReport.Count(side.Transport.Unacknowledged, "byte", " unacknowledged"),
                Silence("window closed for", side.Transport.ZeroWindow), TextReport.Count(side.Missing, "byte", " missing"),
            };
            output.WriteLine($"              {(role == Role.Initiator ? "→" : "←")} {string.Join(", ", parts.OfType<string>())}");
            if (style.Detail != TextDetail.Verbose) continue;
            WriteCounts("operations", side.Operations, output, style);
            WriteCounts("destinations", side.Destinations, output, style);
        }
    }

    private static void WriteCounts(string what, IReadOnlyDictionary<string, long> counts, TextWriter output, TextStyle style)
    {
        if (counts.Count == 0) return;
        var all = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{ReportText.Safe(pair.Key)} {pair.Value}");
        foreach (var line in style.Wrap($"                {what}: ", string.Join(", ", all))) output.WriteLine(style.Quiet(line));
    }

    private static void WriteEvent(JudgedSession session, SessionEvent one, TextWriter output, TextStyle style)
    {
        var frame = one.Frame > 0 ? style.Quiet($"  #{one.Frame}") : "";
        output.WriteLine($"  {GapScale.Text(session.Since(one.Time)),10}  · {style.Warn(Words(session, one))}{frame}");
    }

    /// <summary>What happened, in a few words.</summary>
    internal static string Words(JudgedSession session, SessionEvent one)
    {
        var who = session.Shown(one.By);
        var long_ = one.Duration > 0 ? $" for {GapScale.Text(one.Duration)}" : "";
        return one.Kind switch
        {
            SessionEventKind.Silence => $"{who} silent{long_}",
            SessionEventKind.ZeroWindow => $"{who} took nothing{long_}",
            SessionEventKind.LostConnection => $"{who} told: {ReportText.Safe(one.Detail ?? "a node lost another")}",
            SessionEventKind.RemoveConnection => $"{who} asked {session.Shown(one.By.Other())} to leave",
            SessionEventKind.LargeMessage => $"{who} sent one large message{long_}",
            SessionEventKind.Flap => $"the path failed{long_}",
            SessionEventKind.Shutdown => $"{who} shuts down",
            _ => $"{who} called {ReportText.Safe(one.Detail ?? "an actor")}, no reply{long_}",
        };
    }

    private static void WriteEnd(JudgedSession session, TextWriter output, TextStyle style)
    {
        if (session.Judgement is { Parted: { } parted, IsPartedInferred: true })
            output.WriteLine($"  {GapScale.Text(session.Since(parted)),10}  · {Parting(session)}");
        if (session.Facts.FirstEnd is not { } end)
        {
            output.WriteLine($"  {"",10}  · the connection is still open when the capture ends");
            return;
        }
        output.WriteLine($"  {GapScale.Text(session.Since(end.Time)),10}  · {End(session)}{style.Quiet($"  #{end.Frame}")}");
    }

    /// <summary>Who gave the session up, where no packet shows it.</summary>
    internal static string Parting(JudgedSession session) => session.Judgement.PartedBy is { } by
        ? $"{session.Shown(by)} gave it up (computed)" : "given up (computed)";

    /// <summary>The first end that TCP shows.</summary>
    internal static string End(JudgedSession session)
    {
        var end = session.Facts.FirstEnd!;
        var who = session.Shown(end.By);
        return session.ClosedBy == SessionCloser.Network ? $"a reset in the name of {who}, by a device between (RST)"
            : $"{who} {(end.IsReset ? "reset" : "closed")} the connection ({(end.IsReset ? "RST" : "FIN")})";
    }

    /// <summary>The groups of a split, as <c>a@h1 | b@h2, c@h3</c>.</summary>
    internal static string Groups(JudgedSplit split) =>
        string.Join(" | ", split.Split.Groups.Select(group => string.Join(", ", group.Take(8).Select(node => ReportText.Safe(node)))
            + (group.Count > 8 ? $" and {group.Count - 8} more" : "")));

    private static string Both(JudgedSession session, Func<Pipeline.Facts.SessionSide, long> of, string what)
    {
        var (there, back) = (of(session.Facts.FromInitiator), of(session.Facts.FromAcceptor));
        return $"{there} {what}s → {back} ←";
    }

    private static string? Silence(string what, long time) => time < 1_000_000 ? null : $"{what} {GapScale.Text(time)}";

    private static string From(TickTimeSource from) => from switch
    {
        TickTimeSource.Ticks => "by its ticks",
        TickTimeSource.Option => "--net-ticktime",
        _ => "assumed",
    };
}
