namespace PcapAnalyzer.Core.Reports;

/// <summary>Something that a ladder has a row for.</summary>
/// <param name="At">Seconds since the connection's first packet.</param>
/// <param name="FromInitiator">Who sent it; null for a remark.</param>
/// <param name="Label">Its name.</param>
/// <param name="Text">What decides, and in which ink.</param>
internal sealed record LadderEvent(decimal At, bool? FromInitiator, string Label, InkRun Text)
{
    internal int? Message { get; init; }

    internal IReadOnlyList<long> Frames { get; init; } = [];

    /// <summary>TCP's, not the handshake's.</summary>
    internal bool IsTcp { get; init; }

    /// <summary>The sender leaves with it: <c>fin</c> or <c>rst</c>.</summary>
    internal string? Leaves { get; init; }

    /// <summary>Is about the whole connection, at no time of its own.</summary>
    internal bool IsNote => FromInitiator == null;

    /// <summary>Everything that the report proves, in the order of time; what is about the whole connection stands before its end.</summary>
    internal static IEnumerable<LadderEvent> Of(HandshakeReport handshake, bool isOpen, string tag)
    {
        var seen = Sent(handshake, tag).OrderBy(one => one.At).ToList();
        var notes = Notes(handshake, isOpen);
        if (!handshake.Connection.Syn) seen.Insert(0, Note("the start is not in the capture", Ink.Warn));
        seen.InsertRange(seen.Count > 0 && seen[^1].Leaves != null ? seen.Count - 1 : seen.Count, notes);
        return seen;
    }

    private static IEnumerable<LadderEvent> Sent(HandshakeReport handshake, string tag)
    {
        var connection = handshake.Connection;
        if (connection.Syn) yield return new LadderEvent(0, true, $"{tag}SYN", default) { IsTcp = true };
        for (var index = 0; index < handshake.Messages.Count; index++)
        {
            var message = handshake.Messages[index];
            yield return new LadderEvent(message.SinceStart, message.From == "initiator", tag + Name(message.Type), Key(handshake, message)) { Message = index, Frames = message.Frames };
        }
        if (connection.ClosedBy is not { } who || connection.EndedSinceStart is not { } ended) yield break;
        var (flag, verb) = connection.Close == "rst" ? ("RST", "reset") : ("FIN", "closed");
        yield return new LadderEvent(ended, who == "initiator", tag + flag, new InkRun($"{who} {verb} the connection", handshake.Outcome == "established" ? Ink.Quiet : Ink.Warn)) { IsTcp = true, Leaves = connection.Close };
    }

    private static IEnumerable<LadderEvent> Notes(HandshakeReport handshake, bool isOpen)
    {
        var connection = handshake.Connection;
        foreach (var odd in handshake.Anomalies ?? []) yield return Note($"! {odd.By}: expected {odd.Expected}, got {odd.Seen} (#{odd.Frame})", Ink.Bad);
        if (connection.MissingBytes > 0) yield return Note($"░░ {connection.MissingBytes} bytes are not in the capture ░░", Ink.Warn);
        if (Oddities(connection) is { Length: > 0 } oddities) yield return Note(oddities, Ink.Quiet);
        if (connection.BytesAfter is { FromInitiator: > 0 } or { FromAcceptor: > 0 })
            yield return Note($"{connection.BytesAfter.FromInitiator} bytes → and {connection.BytesAfter.FromAcceptor} ← followed", Ink.Quiet);
        if (connection.ClosedBy == null) yield return Note(isOpen ? "still going on" : "still open when the capture ends", Ink.Quiet);
    }

    private static LadderEvent Note(string text, Ink ink) => new(0, null, "", new InkRun(text, ink));

    private static string Name(string type) => type switch
    {
        "challenge-reply" => "reply",
        "challenge-ack" => "ack",
        _ => type,
    };

    /// <summary>The one field that decides a step.</summary>
    private static InkRun Key(HandshakeReport handshake, MessageReport message)
    {
        if (message.Conflict == true) return new InkRun("sent twice with different content", Ink.Bad);
        var cut = message.Cut == true ? "  cut" : "";
        var digest = message.Type is "challenge-reply" or "challenge-ack" ? handshake.Digests.FirstOrDefault(one => one.By == message.From) : null;
        var peer = message.From == "initiator" ? handshake.Initiator : handshake.Acceptor;
        return digest?.Verdict switch
        {
            "verified" => new InkRun($"proof ✓ {ReportText.Safe(digest.Cookie!)}", Ink.Good),
            "mismatch" => new InkRun("proof ✗ fits none of the cookies given", Ink.Bad),
            "no-cookie" => new InkRun("proof ∅ no cookie given", Ink.Warn),
            "no-challenge" => new InkRun("proof ? its challenge is not in the capture", Ink.Warn),
            "not-verifiable" => new InkRun($"proof ? not verifiable{cut}", Ink.Warn),
            _ => message.Type switch
            {
                "name" => new InkRun($"{ReportText.Safe(message.Fields["node"])}  {peer.Release}".TrimEnd() + cut, Ink.Plain),
                "challenge" => new InkRun($"{message.Fields["challenge"]}  {peer.Release}".TrimEnd() + cut, Ink.Plain),
                _ => new InkRun(ReportText.Safe($"{message.Fields["status"]} {message.Fields["assignedNode"]}".Trim()) + cut, handshake.Outcome == "rejected" ? Ink.Bad : Ink.Plain),
            },
        };
    }

    private static string Oddities(ConnectionReport connection) => string.Join(", ", new[]
    {
        Count(connection.Retransmissions, "retransmission"), Count(connection.OutOfOrder, "segment", " out of order"), Count(connection.Overlaps, "overlap"), Count(connection.StrayResets ?? 0, "RST", " out of window"),
    }.OfType<string>());

    private static string? Count(int number, string what, string suffix = "") => number == 0 ? null : $"{number} {what}{(number == 1 ? "" : "s")}{suffix}";
}
