using static PcapAnalyzer.Reports.TextReport;

namespace PcapAnalyzer.Reports;

/// <summary>The end of the text report: how much was read, and what was left out.</summary>
internal static class TextTotals
{
    internal static void Write(CaptureReport report, TextWriter output, TextStyle style)
    {
        var numbers = report.Statistics;
        void Sentence(Ink ink, string text)
        {
            foreach (var line in style.Wrap("", text)) output.WriteLine(style.Line([new InkRun(line, ink)]));
        }
        if (numbers.Handshakes == 0 && report.Findings.Count == 0 && report.Sessions.Count == 0) Sentence(Ink.Plain,
            EmptyReason.Of(numbers));
        var outcomes = report.Outcomes.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key.Kebab()}");
        var handshakes = $"{Count(numbers.Handshakes, "handshake") ?? "0 handshakes"}"
            + $"{(numbers.Handshakes == 0 ? "" : $": {string.Join(", ", outcomes)}")}.";
        var read = $"{Count(numbers.Packets, "packet") ?? "no packet"}, "
            + $"{Count(numbers.TcpSegments, "TCP segment") ?? EmptyReason.NoSegment(numbers)}, "
            + $"{Count(numbers.Conversations, "conversation") ?? "no conversation"}.";
        if (handshakes.Length + 1 + read.Length <= (style.Width ?? int.MaxValue)) output.WriteLine($"{handshakes} {style.Quiet(read)}");
        else
        {
            Sentence(Ink.Plain, handshakes);
            Sentence(Ink.Quiet, read);
        }
        if (report.Sessions.Count > 0)
        {
            var codes = report.Sessions.Codes.Select(pair => $"{pair.Value} {pair.Key.Kebab()}");
            Sentence(Ink.Plain, $"{Count(report.Sessions.Count, "session")}: {string.Join(", ", codes)}.");
        }
        if (report.Sessions.LossesLeftOut is > 0 and var unseen)
            Sentence(Ink.Warn,
                $"{Count(unseen, "lost session")} {(unseen == 1 ? "was" : "were")} not looked at for splits: there are too many.");
        if (report.Sources.Sum(source => source.Dropped) is > 0 and var dropped)
            Sentence(Ink.Warn, $"{Count(dropped, "packet")} {(dropped == 1 ? "was" : "were")} dropped by the capture.");
        if (numbers.ConversationsDropped is > 0 and var early)
            Sentence(Ink.Warn, $"{Count(early, "conversation")} {(early == 1 ? "was" : "were")} given up early, since too many were open "
                + "at once: handshakes on what was given up may look unfinished.");
        if (numbers.HandshakesDropped is > 0 and var lost)
            Sentence(Ink.Warn, $"{Count(lost, "sighting")} of handshakes, TLS or EPMD {(lost == 1 ? "is" : "are")} left out: there are too "
                + "many to keep.");
        if (numbers.UndecodedPackets > 0)
            Sentence(Ink.Warn, $"{Count(numbers.UndecodedPackets, "packet")} could not be decoded: {EmptyReason.Undecoded(numbers)}.");
        if (report.IsRedacted) Sentence(Ink.Strong, "Redacted: nodes and hosts have neutral names, challenges and digests are left out.");
        if (report.Selection != null) Sentence(Ink.Strong, $"{report.Handshakes.Count} of {numbers.Handshakes} handshakes match");
    }
}
