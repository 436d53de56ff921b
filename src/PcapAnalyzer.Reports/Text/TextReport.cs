using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Writes a report for people: splits, then each handshake and session with its timeline, what happened and what to do.</summary>
public static class TextReport
{
    public static void Write(CaptureReport report, TextWriter output, TextStyle style)
    {
        TextSessions.WriteSplits(report, output, style);
        var sessions = (style.Ladder == null ? [] : report.ListedSessions).ToLookup(session => session.Handshake ?? 0);
        var source = 0;
        foreach (var story in Stories.Of(report.Handshakes, style.Detail))
        {
            var first = report.Handshakes[story[0].Index];
            WriteSource(report, first.Source, ref source, output, style);
            Write(first, output, style, sessions[first.Id].FirstOrDefault());
            if (style.Detail == TextDetail.Quiet) continue;
            if (story.Count > 1)
            {
                var gap = Durations.Text(ReportText.MedianGap(story.Select(attempt => attempt.Started)));
                WriteRepetition(story, $", about {gap} apart: ", output, style);
            }
            output.WriteLine();
        }
        TextSessions.Write(report, output, style);
        WriteEnd(report, output, style);
    }

    /// <summary>Writes the name of a capture before the first that is of it, where there are several captures.</summary>
    /// <param name="source">The capture's position, from 1; null where there is one.</param>
    /// <param name="last">The capture that was named last.</param>
    internal static void WriteSource(CaptureReport report, int? source, ref int last, TextWriter output, TextStyle style)
    {
        if (source is not { } number || number == last) return;
        output.WriteLine(style.Strong($"── {ReportText.Safe(report.Sources[number - 1].Name, 200)}"));
        last = number;
    }

    /// <summary>Writes one handshake, without the empty line after it.</summary>
    /// <param name="session">What followed on the connection; null where nothing is known of it.</param>
    internal static void Write(JudgedHandshake handshake, TextWriter output, TextStyle style, JudgedSession? session = null)
    {
        WriteSummary(handshake, output, style);
        if (style.Detail == TextDetail.Quiet) return;
        if (style.Ladder is { } ladder) WriteLadder(handshake, session, ladder, output, style);
        if (style.Ladder == null || style.Detail == TextDetail.Verbose) WriteTimeline(handshake, output, style);
        if (style.Ladder == null) WriteDiagnosis(handshake, output, style);
    }

    private static void WriteLadder(JudgedHandshake handshake, JudgedSession? session, LadderStyle ladder, TextWriter output,
        TextStyle style)
    {
        var rows = LadderDrawing.Draw(handshake, ladder, session).Select(row => row.Runs)
            .Concat(DiagnosisText.Rows(handshake, ladder.Width));
        foreach (var row in rows) output.WriteLine(style.Line(row));
    }

    /// <summary>Writes the part after the handshakes.</summary>
    internal static void WriteEnd(CaptureReport report, TextWriter output, TextStyle style)
    {
        foreach (var finding in report.Findings)
        {
            var code = finding.Code.Kebab();
            WriteWrapped(output, style, $"! {code}  ", $"{style.Bad("!")} {style.Strong(code)}  ", ReportText.Safe(finding.Summary, 400));
            if (style.Detail == TextDetail.Quiet) continue;
            foreach (var line in style.Wrap("    → ", ReportText.Safe(finding.Remedy, 400))) output.WriteLine(style.Accent(line));
            output.WriteLine();
        }
        foreach (var cookie in report.Cookies ?? [])
            output.WriteLine($"cookie {ReportText.Safe(cookie.Label)} has RabbitMQ's cookie hash {cookie.RabbitHash()}");
        if (style.Detail != TextDetail.Quiet) TextTotals.Write(report, output, style);
    }

    /// <param name="how">What stands between their number and their ids.</param>
    internal static void WriteRepetition(IReadOnlyList<Attempt> story, string how, TextWriter output, TextStyle style)
    {
        var text = $"and {story.Count - 1} more of the same{how}#{story[1].Id} to #{story[^1].Id}, "
            + $"the last at {ReportText.Time(story[^1].Started)}";
        foreach (var line in style.Wrap("    … ", text)) output.WriteLine(style.Warn(line));
    }

    private static void WriteSummary(JudgedHandshake handshake, TextWriter output, TextStyle style)
    {
        var severity = handshake.Severity();
        output.WriteLine(
            $"{style.Of(severity, $"{handshake.Outcome.Glyph()}")} {style.Quiet($"#{handshake.Id}")} "
            + $"{style.Quiet(ReportText.Time(handshake.Started))}  "
            + $"{style.Strong($"{handshake.Initiator.Shown} → {handshake.Acceptor.Shown}")}  "
            + $"{style.Of(severity, handshake.Outcome.Kebab())}  "
            + $"{handshake.Diagnosis.Code.Kebab()}  {style.Quiet(GapScale.Text(handshake.Duration))}");
    }

    private static void WriteTimeline(JudgedHandshake handshake, TextWriter output, TextStyle style)
    {
        var version = handshake.ProtocolVersion is { } number ? $" v{number}" : "";
        output.WriteLine(
            style.Quiet($"    {handshake.Protocol.Name}{version}  {handshake.Initiator.Endpoint} → {handshake.Acceptor.Endpoint}"));
        if (handshake.Connection.Syns == 0) output.WriteLine(style.Quiet("    the start of the connection is not in the capture"));
        foreach (var peer in (ReadOnlySpan<JudgedPeer>)[handshake.Initiator, handshake.Acceptor])
            if (TemporaryNode.Of(peer.Called) is { } kind) output.WriteLine(style.Quiet($"    {peer.Shown} is {kind}, by its name"));
        if (handshake.Lookup is { } lookup)
        {
            var before = $"-{GapScale.Text(handshake.Before(lookup.Time))}";
            output.WriteLine(
                $"  {before,10}  · asked EPMD at {lookup.Server} for {ReportText.Safe(lookup.Name!)}{style.Quiet($"  #{lookup.Frame}")}");
        }
        foreach (var message in handshake.Messages) WriteMessage(handshake, message, output, style);
        foreach (var (odd, times) in handshake.Anomalies)
        {
            var where = times == 1 ? $"frame {odd.Frame}" : $"{times} times, the first in frame {odd.Frame}";
            var head = $"! {odd.Kind.Kebab()}";
            WriteWrapped(output, style, $"              {head} ", $"              {style.Bad(head)} ",
                $"by the {odd.By.Word()}, {where}: expected {odd.Expected}, got {odd.Seen}");
        }
        WriteEnd(handshake, output, style);
    }

    private static void WriteMessage(JudgedHandshake handshake, JudgedMessage message, TextWriter output, TextStyle style)
    {
        var arrow = message.From == Role.Initiator ? "→" : "←";
        var (type, length, frames) = (message.Kind.Word(), message.Message.Length, LadderLabels.Frames(message.Frames));
        var marks = (message.Message.IsCut ? style.Warn("  cut") : "")
            + (message.Message.IsConflicting ? style.Bad("  sent twice with different content") : "");
        output.WriteLine(
            $"  {GapScale.Text(message.SinceStart),10}  {arrow} {type,-15} {length,5} B  "
                + $"{style.Quiet($"{frames,-8}")}  {Key(handshake, message, style)}{marks}");
        if (style.Detail != TextDetail.Verbose) return;
        foreach (var field in message.Fields)
            output.WriteLine(style.Quiet($"                    {field.Name} = {ReportText.Safe(field.Value.Text(), 800)}"));
    }

    /// <summary>The field that decides a step.</summary>
    private static string Key(JudgedHandshake handshake, JudgedMessage message, TextStyle style) => message.Kind switch
    {
        MessageKind.Name => Joined(message.Shown("node"), message.Shown("connectionString"), Estimate(handshake.Initiator, style)),
        MessageKind.Challenge => Joined(message.Shown("node"), Field(message, "challenge"), Estimate(handshake.Acceptor, style)),
        MessageKind.ChallengeReply or MessageKind.ChallengeAck when handshake.ProofBy(message.From) is { } proof =>
            $"{style.Line([LadderLabels.Proof(handshake, proof)])}{(proof.Scheme == null ? "" : style.Quiet($"  {proof.Scheme}"))}",
        _ => Joined(message.Shown("status"), message.Shown("assignedNode")),
    };

    /// <summary>The estimated release, from the wire format or the flags.</summary>
    private static string Estimate(JudgedPeer peer, TextStyle style) => peer.Release == null ? "" : style.Quiet($"~{peer.Release}");

    private static string Joined(params string[] words) => string.Join("  ", words.Where(word => word.Length > 0));

    private static string Field(JudgedMessage message, string name) => ReportText.Safe(message[name]);

    private static void WriteEnd(JudgedHandshake handshake, TextWriter output, TextStyle style)
    {
        var connection = handshake.Connection;
        var left = connection.FirstLeft;
        var at = left == null ? "" : GapScale.Text(handshake.Since(left.Time));
        var end = left == null ? handshake.OpenEnd()
            : $"{left.By.Word()} {(left.IsReset ? "reset" : "closed")} the connection ({(left.IsReset ? "RST" : "FIN")})";
        var traffic = connection is { AfterInitiator: 0, AfterAcceptor: 0 } ? ""
            : $"; after the messages above {connection.AfterInitiator} B → and {connection.AfterAcceptor} B ←";
        output.WriteLine($"  {at,10}  · {end}{style.Quiet(traffic)}");
        var oddities = new[]
        {
            Count(connection.Retransmissions, "retransmission"), Count(connection.Copies, "segment", " captured twice"),
                Count(connection.OutOfOrder, "segment", " out of order"),
            Count(connection.Overlaps, "overlap"), Count(connection.MissingBytes, "byte", " missing"),
                Count(connection.StrayResets, "RST", " out of window"),
        };
        var said = string.Join(", ", oddities.OfType<string>());
        if (said.Length > 0) output.WriteLine(style.Quiet($"              · {said}"));
    }

    private static void WriteDiagnosis(JudgedHandshake handshake, TextWriter output, TextStyle style)
    {
        var diagnosis = handshake.Diagnosis;
        WriteSentences(ReportText.Safe(diagnosis.Summary, 1000), diagnosis.Certainty, diagnosis.Remedy, output, style);
        WriteLogs(handshake.Logs, output, style);
    }

    /// <summary>Writes what happened, how certain that is, and what to do.</summary>
    internal static void WriteSentences(string summary, Certainty certainty, string? remedy, TextWriter output, TextStyle style)
    {
        var likely = certainty == Certainty.Inferred ? "  (likely)" : "";
        foreach (var line in style.Wrap("    ", summary + likely))
        {
            var isLikely = likely.Length > 0 && line.EndsWith(likely, StringComparison.Ordinal);
            output.WriteLine(isLikely ? line[..^likely.Length] + style.Quiet(likely) : line);
        }
        if (remedy == null) return;
        foreach (var line in style.Wrap("    → ", ReportText.Safe(remedy, 1000))) output.WriteLine(style.Accent(line));
    }

    internal static void WriteLogs(IReadOnlyList<string> logs, TextWriter output, TextStyle style)
    {
        foreach (var line in logs.SelectMany(log => style.Wrap("    the logs may say: ", ReportText.Safe(log, 1000))))
            output.WriteLine(style.Quiet(line));
    }

    /// <summary>Writes a sentence under itself, behind a head in its colours.</summary>
    private static void WriteWrapped(TextWriter output, TextStyle style, string head, string inkedHead, string text)
    {
        var lines = style.Wrap(head, text).ToList();
        output.WriteLine(inkedHead + lines[0][head.Length..]);
        foreach (var line in lines.Skip(1)) output.WriteLine(line);
    }

    internal static string? Count(long number, string what, string suffix = "") => number == 0 ? null
        : $"{number} {what}{(number == 1 ? "" : "s")}{suffix}";
}
