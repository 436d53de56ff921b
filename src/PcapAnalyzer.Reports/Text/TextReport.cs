using PcapAnalyzer.Judging;

namespace PcapAnalyzer.Reports;

/// <summary>Writes a report for people: a line a handshake, its timeline, what happened and what to do.</summary>
public static class TextReport
{
    private const int Width = 100;

    /// <summary>So many attempts that tell the same are shown one by one.</summary>
    private const int FewestRepetitions = 3;

    public static void Write(CaptureReport report, TextWriter output, TextStyle style)
    {
        var source = 0;
        foreach (var story in Stories(report.Handshakes, style.Detail))
        {
            var first = report.Handshakes[story[0].Index];
            if (first.Source is { } number && number != source)
            {
                output.WriteLine(style.Strong($"── {ReportText.Safe(report.Sources[number - 1].Name, 200)}"));
                source = number;
            }
            Write(first, output, style);
            if (style.Detail == TextDetail.Quiet) continue;
            if (story.Count > 1) WriteRepetition(story, output, style);
            output.WriteLine();
        }
        WriteEnd(report, output, style);
    }

    /// <summary>One handshake, without the empty line behind it.</summary>
    internal static void Write(HandshakeReport handshake, TextWriter output, TextStyle style)
    {
        WriteSummary(handshake, output, style);
        if (style.Detail == TextDetail.Quiet) return;
        if (style.Ladder is { } ladder) WriteLadder(handshake, ladder, output, style);
        if (style.Ladder == null || style.Detail == TextDetail.Verbose) WriteTimeline(handshake, output, style);
        if (style.Ladder == null) WriteDiagnosis(handshake.Diagnosis, output, style);
    }

    private static void WriteLadder(HandshakeReport handshake, LadderStyle ladder, TextWriter output, TextStyle style)
    {
        var rows = LadderDrawing.Draw(handshake, ladder).Select(row => row.Runs).Concat(DiagnosisText.Rows(handshake, ladder.Width));
        foreach (var row in rows) output.WriteLine(style.Line(row));
    }

    /// <summary>What stands behind the handshakes.</summary>
    internal static void WriteEnd(CaptureReport report, TextWriter output, TextStyle style)
    {
        foreach (var finding in report.Findings)
        {
            output.WriteLine($"{style.Bad("!")} {style.Strong(finding.Code)}  {ReportText.Safe(finding.Summary, 400)}");
            if (style.Detail != TextDetail.Quiet) output.WriteLine($"    {style.Accent($"→ {ReportText.Safe(finding.Remedy, 400)}")}");
            if (style.Detail != TextDetail.Quiet) output.WriteLine();
        }
        foreach (var cookie in report.Cookies ?? [])
            output.WriteLine($"cookie {ReportText.Safe(cookie.Label)} has RabbitMQ's cookie hash {cookie.Hash}");
        if (style.Detail != TextDetail.Quiet) WriteTotals(report, output, style);
    }

    /// <summary>One of the handshakes that tell the same, by its place in the list.</summary>
    private readonly record struct Attempt(int Index, int Id, long Started);

    /// <summary>Handshakes in order; what only repeats an earlier one stands with that, unless every detail or a line each is wanted.</summary>
    private static IEnumerable<IReadOnlyList<Attempt>> Stories(IReadOnlyList<HandshakeReport> handshakes, TextDetail detail)
    {
        if (detail != TextDetail.Normal) return Enumerable.Range(0, handshakes.Count).Select(index => (IReadOnlyList<Attempt>)[new Attempt(index, 0, 0)]);
        return handshakes.Select((handshake, index) => (Story: Story(handshake), Attempt: new Attempt(index, handshake.Id, handshake.StartedAt)))
            .GroupBy(one => one.Story, one => one.Attempt)
            .SelectMany(group => group.Count() > FewestRepetitions ? (IEnumerable<IReadOnlyList<Attempt>>)[[.. group]] : group.Select(attempt => (IReadOnlyList<Attempt>)[attempt]))
            .OrderBy(story => story[0].Index);
    }

    /// <summary>What two attempts have in common that tell the same.</summary>
    private static (int?, string, string, string, string, string) Story(HandshakeReport handshake) => (
        handshake.Source, handshake.Initiator.Node ?? handshake.Initiator.Endpoint, handshake.Acceptor.Node ?? handshake.Acceptor.Endpoint, handshake.Outcome, handshake.Diagnosis.Code,
        string.Join(' ', handshake.Digests.Select(digest => $"{digest.By} {digest.Verdict} {digest.Cookie}")));

    private static void WriteRepetition(IReadOnlyList<Attempt> story, TextWriter output, TextStyle style)
    {
        output.WriteLine(style.Warn($"    … and {story.Count - 1} more of the same, about {Durations.Text(ReportText.MedianGap(story.Select(attempt => attempt.Started)))} apart: #{story[1].Id} to #{story[^1].Id}, the last at {ReportText.Time(story[^1].Started)}"));
    }

    private static void WriteSummary(HandshakeReport handshake, TextWriter output, TextStyle style)
    {
        var who = $"{Called(handshake.Initiator)} → {Called(handshake.Acceptor)}";
        output.WriteLine(
            $"{style.Glyph(handshake.Outcome)} {style.Quiet($"#{handshake.Id}")} {style.Quiet(handshake.Started)}  {style.Strong(who)}  "
            + $"{style.Outcome(handshake.Outcome)}  {handshake.Diagnosis.Code}  {style.Quiet(Span(handshake.Duration))}");
    }

    private static void WriteTimeline(HandshakeReport handshake, TextWriter output, TextStyle style)
    {
        var endpoints = $"{handshake.Initiator.Endpoint} → {handshake.Acceptor.Endpoint}";
        var version = handshake.ProtocolVersion is { } number ? $" v{number}" : "";
        output.WriteLine(style.Quiet($"    {handshake.Protocol}{version}  {endpoints}"));
        if (!handshake.Connection.Syn) output.WriteLine(style.Quiet("    the start of the connection is not in the capture"));
        if (handshake.Lookup is { } lookup)
            output.WriteLine($"  {"-" + Span(-lookup.SinceStart),10}  · asked EPMD at {lookup.Epmd} for {ReportText.Safe(lookup.Name)}{style.Quiet($"  #{lookup.Frame}")}");
        foreach (var message in handshake.Messages) WriteMessage(handshake, message, output, style);
        foreach (var odd in handshake.Anomalies ?? [])
            output.WriteLine($"              {style.Bad($"! {odd.Kind}")} by the {odd.By}, frame {odd.Frame}: expected {odd.Expected}, got {odd.Seen}");
        WriteEnd(handshake, output, style);
    }

    private static void WriteMessage(HandshakeReport handshake, MessageReport message, TextWriter output, TextStyle style)
    {
        var arrow = message.From == "initiator" ? "→" : "←";
        var marks = (message.Cut == true ? style.Warn("  cut") : "") + (message.Conflict == true ? style.Bad("  sent twice with different content") : "");
        output.WriteLine(
            $"  {Span(message.SinceStart),10}  {arrow} {message.Type,-15} {message.Length,5} B  {style.Quiet($"{LadderLabels.Frames(message.Frames),-8}")}  {Key(handshake, message, style)}{marks}");
        if (style.Detail != TextDetail.Verbose) return;
        foreach (var (name, text) in message.Fields.Texts)
            output.WriteLine(style.Quiet($"                    {name} = {ReportText.Safe(text, 800)}"));
    }

    /// <summary>The one field that decides a step.</summary>
    private static string Key(HandshakeReport handshake, MessageReport message, TextStyle style)
    {
        var digest = handshake.Digests.FirstOrDefault(digest => digest.By == message.From);
        return message.Type switch
        {
            "name" => Joined(Field(message, "node"), Field(message, "connectionString"), Estimate(handshake.Initiator, style)),
            "challenge" => Joined(Field(message, "node"), Field(message, "challenge"), Estimate(handshake.Acceptor, style)),
            "challenge-reply" or "challenge-ack" when digest != null => $"{style.Proof(digest)}{(digest.Scheme == null ? "" : style.Quiet($"  {digest.Scheme}"))}",
            _ => Joined(Field(message, "status"), Field(message, "assignedNode")),
        };
    }

    /// <summary>The release is a guess by the wire form or the flags.</summary>
    private static string Estimate(PeerReport peer, TextStyle style) => peer.Release == null ? "" : style.Quiet($"~{peer.Release}");

    private static string Joined(params string[] words) => string.Join("  ", words.Where(word => word.Length > 0));

    private static string Field(MessageReport message, string name) =>
        ReportText.Safe(message.Fields[name]);

    private static void WriteEnd(HandshakeReport handshake, TextWriter output, TextStyle style)
    {
        var connection = handshake.Connection;
        var end = connection.ClosedBy == null ? "still open when the capture ends" : $"{connection.ClosedBy} {(connection.Close == "rst" ? "reset" : "closed")} the connection ({connection.Close.ToUpperInvariant()})";
        var at = connection.EndedSinceStart is { } seconds ? Span(seconds) : "";
        var after = connection.BytesAfter;
        var traffic = after is { FromInitiator: 0, FromAcceptor: 0 } ? "" : $"; after the messages above {after.FromInitiator} B → and {after.FromAcceptor} B ←";
        output.WriteLine($"  {at,10}  · {end}{style.Quiet(traffic)}");
        var oddities = new[]
        {
            Count(connection.Retransmissions, "retransmission"), Count(connection.Copies ?? 0, "segment", " captured twice"), Count(connection.OutOfOrder, "segment", " out of order"),
            Count(connection.Overlaps, "overlap"), Count(connection.MissingBytes, "byte", " missing"), Count(connection.StrayResets ?? 0, "RST", " out of window"),
        };
        var said = string.Join(", ", oddities.OfType<string>());
        if (said.Length > 0) output.WriteLine(style.Quiet($"              · {said}"));
    }

    private static void WriteDiagnosis(DiagnosisReport diagnosis, TextWriter output, TextStyle style)
    {
        var likely = diagnosis.Certainty == "inferred" ? style.Quiet("  (likely)") : "";
        output.WriteLine($"{string.Join('\n', Wrap("", diagnosis.Summary))}{likely}");
        if (diagnosis.Remedy != null)
            foreach (var line in Wrap("→ ", diagnosis.Remedy)) output.WriteLine(style.Accent(line));
        foreach (var log in diagnosis.Logs ?? [])
            foreach (var line in Wrap("the logs may say: ", log)) output.WriteLine(style.Quiet(line));
    }

    private static void WriteTotals(CaptureReport report, TextWriter output, TextStyle style)
    {
        var numbers = report.Statistics;
        if (numbers.Handshakes == 0 && report.Findings.Count == 0) WriteNothing(numbers, output);
        var outcomes = Enum.GetValues<Outcome>().Select(outcome => outcome.Kebab()).Where(report.Outcomes.ContainsKey).Select(outcome => $"{report.Outcomes[outcome]} {outcome}");
        output.WriteLine($"{Count(numbers.Handshakes, "handshake") ?? "0 handshakes"}{(numbers.Handshakes == 0 ? "" : $": {string.Join(", ", outcomes)}")}. "
            + style.Quiet($"{Count(numbers.Packets, "packet") ?? "no packet"}, {Count(numbers.TcpSegments, "TCP segment") ?? "no TCP segment"}, {Count(numbers.Conversations, "conversation") ?? "no conversation"}."));
        if (report.Sources.Sum(source => source.Dropped) is > 0 and var dropped) output.WriteLine(style.Warn($"{Count(dropped, "packet")} {(dropped == 1 ? "was" : "were")} dropped by the capture."));
        if (numbers.ConversationsDropped is { } early)
            output.WriteLine(style.Warn($"{Count(early, "conversation")} {(early == 1 ? "was" : "were")} given up early, since too many were open at once: handshakes on what was given up may look unfinished."));
        if (numbers.HandshakesDropped is { } lost)
            output.WriteLine(style.Warn($"{Count(lost, "sighting")} of handshakes, TLS or EPMD {(lost == 1 ? "is" : "are")} left out: there are too many to keep."));
        if (numbers.UndecodedPackets > 0)
            output.WriteLine(style.Warn($"{Count(numbers.UndecodedPackets, "packet")} could not be decoded: {string.Join(", ", numbers.Undecoded!.Select(pair => $"{pair.Value} {pair.Key}"))}."));
        if (report.IsRedacted) output.WriteLine(style.Strong("Redacted: nodes and hosts have neutral names, challenges and digests are left out."));
        if (report.Selection != null) output.WriteLine(style.Strong($"{report.Handshakes.Count} of {numbers.Handshakes} handshakes match"));
    }

    /// <summary>No handshake is an answer too: say what was there instead.</summary>
    private static void WriteNothing(StatisticsReport numbers, TextWriter output)
    {
        output.WriteLine(
            numbers.Packets == 0 ? "The capture holds no packet: was the interface right, and the filter?"
            : numbers.TcpSegments == 0 ? "The capture holds no TCP segment: was the interface right, and the filter?"
            : numbers.TlsSessions > 0 ? $"{Count(numbers.TlsSessions, "conversation")} of {numbers.Conversations} begin with TLS, which hides a handshake."
            : "A handshake is the first thing on a connection: capture from before the nodes connect, or restart one.");
    }

    private static IEnumerable<string> Wrap(string head, string text) => CellText.Wrap(ReportText.Safe(text, 1000), Width, $"    {head}", new string(' ', 4 + head.Length));

    private static string Called(PeerReport peer) => peer.Node is { Length: > 0 } node ? ReportText.Safe(node) : peer.Endpoint;

    private static string? Count(long number, string what, string suffix = "") => number == 0 ? null : $"{number} {what}{(number == 1 ? "" : "s")}{suffix}";

    private static string Span(decimal seconds) => seconds == 0 ? "0" : Durations.Text((long)(seconds * 1_000_000_000));
}
