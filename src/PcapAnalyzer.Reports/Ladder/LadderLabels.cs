namespace PcapAnalyzer.Reports;

/// <summary>What stands on the arrows: the step's name, then the one thing that decides it.</summary>
internal static class LadderLabels
{
    internal static IReadOnlyList<InkRun> Message(HandshakeReport report, MessageReport message, bool hasFrameColumn)
    {
        var label = new List<InkRun> { new(Word(message.Type), Ink.Strong) };
        void Add(string text, Ink ink)
        {
            if (text.Length > 0) label.Add(new InkRun($"  {text}", ink));
        }
        switch (message.Type)
        {
            case "name":
                Add(Field(message, "node"), Ink.Plain);
                Add(Field(message, "connectionString"), Ink.Plain);
                Add(report.Initiator.Release ?? "", Ink.Quiet);
                break;
            case "challenge":
                Add(Field(message, "challenge"), Ink.Plain);
                Add(report.Acceptor.Release ?? "", Ink.Quiet);
                break;
            case "challenge-reply" or "challenge-ack" when report.Digests.FirstOrDefault(digest => digest.By == message.From) is { } digest:
                var proof = Proof(report, digest);
                Add(proof.Text, proof.Ink);
                Add(digest.Scheme ?? "", Ink.Quiet);
                break;
            default:
                Add(Field(message, "status"), StatusInk(report, message));
                Add(Field(message, "assignedNode"), Ink.Plain);
                break;
        }
        if (report.Connection.Transfer?.Any(one => IsAbout(one, message)) ?? false) Add("out of order", Ink.Warn);
        if (message.Cut == true) Add("cut", Ink.Warn);
        if (message.Conflict == true) Add("sent twice, not alike", Ink.Bad);
        if (report.Anomalies?.FirstOrDefault(odd => IsAbout(odd, message)) is { } wrong) Add($"expected {Expected(wrong)}", Ink.Bad);
        if (!hasFrameColumn && message.Frames.Count > 1) Add(Frames(message.Frames), Ink.Quiet);
        return label;
    }

    /// <summary>The first packet of several, and how many more there are.</summary>
    internal static string Frames(IReadOnlyList<long> frames) => frames.Count switch
    {
        0 => "",
        1 => $"#{frames[0]}",
        _ => $"#{frames[0]} +{frames.Count - 1}",
    };

    /// <summary>What the given cookies say of a proof, never the digest itself.</summary>
    internal static InkRun Proof(DigestReport digest) => digest.Verdict switch
    {
        "verified" => new($"proof ✓ {ReportText.Safe(digest.Cookie!)}", Ink.Good),
        "mismatch" => new(digest.Tried == 1 ? "proof ✗ does not fit the cookie" : $"proof ✗ fits none of {digest.Tried} cookies", Ink.Bad),
        "no-cookie" => new("proof ∅ no cookie given", Ink.Warn),
        "no-challenge" => new("proof ? challenge not captured", Ink.Warn),
        _ => new("proof ? not verifiable", Ink.Warn),
    };

    /// <summary>The anomaly is that this message came where it did.</summary>
    internal static bool IsAbout(AnomalyReport odd, MessageReport message) =>
        odd.Kind == "out-of-order-message" && odd.By == message.From && odd.Seen == message.Type && message.Frames.Contains(odd.Frame);

    /// <summary>Its one packet came late.</summary>
    internal static bool IsAbout(TransferReport transfer, MessageReport message) =>
        transfer is { Kind: "out-of-order", Count: 1, Frame: { } frame } && transfer.By == message.From && message.Frames.Contains(frame);

    internal static string Expected(AnomalyReport odd) => ReportText.Safe(Word(odd.Expected));

    /// <summary>Only who closed first is told of, with what he left undone or gave up waiting for.</summary>
    internal static IReadOnlyList<InkRun> Departure(HandshakeReport report, DepartureReport left, bool isFirst)
    {
        var name = new InkRun(left.How.ToUpperInvariant(), Ink.Plain);
        if (!isFirst) return [name];
        var ink = report.Severity() switch { Severity.Bad => Ink.Bad, Severity.Warn => Ink.Warn, _ => Ink.Quiet };
        return [name, new InkRun($"  {left.By} {(left.How == "rst" ? "reset" : "closed")}{Why(report, left)}", ink)];
    }

    private static string Why(HandshakeReport report, DepartureReport left)
    {
        var connection = report.Connection;
        if (connection.MissingBytes > 0 || connection.NotCaptured != null) return "";
        if (report.Diagnosis.Code == "tls-to-plain") return connection.LastByte.FromAcceptor == null ? ", no answer came" : "";
        if (Due(report, left) is not { } due) return "";
        return due.By == left.By ? $", no {due.What} sent" : $", no {due.What} came";
    }

    /// <summary>What was to come next when a side left; null when nothing was.</summary>
    private static (string By, string What)? Due(HandshakeReport report, DepartureReport left) =>
        report.Messages.LastOrDefault(message => message.SinceStart <= left.SinceStart) is not { } last ? null : last.Type switch
        {
            "name" => ("acceptor", "status"),
            "status" when report.Status == "alive" => ("initiator", "answer"),
            "status" or "client-status" when report.Outcome != "rejected" => ("acceptor", "challenge"),
            "challenge" or "complement" => ("initiator", "reply"),
            "challenge-reply" => ("acceptor", "ack"),
            _ => null,
        };

    private static InkRun Proof(HandshakeReport report, DigestReport digest)
    {
        if (report.NearMiss is { } near && near.By == digest.By) return new InkRun($"proof ✗ {ReportText.Safe(near.Cookie)}, but {near.How}", Ink.Bad);
        var proof = Proof(digest);
        return digest.Verdict == "verified" && report.Diagnosis.Code == "cookie-mismatch" ? proof with { Ink = Ink.Warn } : proof;
    }

    private static Ink StatusInk(HandshakeReport report, MessageReport message) =>
        message.Type == "status" && report.Status == Field(message, "status").ToLowerInvariant() && report.Outcome == "rejected"
            ? report.Severity() == Severity.Quiet ? Ink.Quiet : Ink.Bad
            : Field(message, "status").StartsWith("ok", StringComparison.OrdinalIgnoreCase) ? Ink.Good : Ink.Warn;

    private static string Word(string type) => type switch
    {
        "challenge-reply" => "reply",
        "challenge-ack" => "ack",
        "client-status" => "answer",
        _ => type,
    };

    private static string Field(MessageReport message, string name) => ReportText.Safe(message.Fields[name]);
}
