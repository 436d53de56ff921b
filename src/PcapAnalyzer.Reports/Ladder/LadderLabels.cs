using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>The labels of arrows: the name of the step, then its deciding field.</summary>
internal static class LadderLabels
{
    internal static IReadOnlyList<InkRun> Message(JudgedHandshake report, JudgedMessage message, bool hasFrameColumn)
    {
        var label = new List<InkRun> { new(Short(message.Kind.Word()), Ink.Strong) };
        void Add(string text, Ink ink)
        {
            if (text.Length > 0) label.Add(new InkRun($"  {text}", ink));
        }
        switch (message.Kind)
        {
            case MessageKind.Name:
                Add(message.Shown("node"), Ink.Plain);
                Add(message.Shown("connectionString"), Ink.Plain);
                Add(report.Initiator.Release ?? "", Ink.Quiet);
                break;
            case MessageKind.Challenge:
                Add(Field(message, "challenge"), Ink.Plain);
                Add(report.Acceptor.Release ?? "", Ink.Quiet);
                break;
            case MessageKind.ChallengeReply or MessageKind.ChallengeAck when report.ProofBy(message.From) is { } proof:
                var (words, ink) = ProofIn(report, proof);
                Add(words, ink);
                Add(proof.Scheme ?? "", Ink.Quiet);
                break;
            default:
                Add(message.Shown("status"), StatusInk(report, message));
                Add(message.Shown("assignedNode"), Ink.Plain);
                break;
        }
        if (report.Facts.Transfer.Any(one => IsAbout(one, message))) Add("out of order", Ink.Warn);
        if (message.Message.IsCut) Add("cut", Ink.Warn);
        if (message.Message.IsConflicting) Add("sent twice, not alike", Ink.Bad);
        if (report.Facts.Anomalies.FirstOrDefault(odd => IsAbout(odd, message)) is { } wrong) Add($"expected {Expected(wrong)}", Ink.Bad);
        if (!hasFrameColumn && message.Frames.Count > 1) Add(Frames(message.Frames), Ink.Quiet);
        return label;
    }

    /// <summary>The number of the first packet, and how many more there are.</summary>
    internal static string Frames(IReadOnlyList<long> frames) => frames.Count switch
    {
        0 => "",
        1 => $"#{frames[0]}",
        _ => $"#{frames[0]} +{frames.Count - 1}",
    };

    /// <summary>The verdict of the given cookies on a proof; never the digest itself.</summary>
    internal static InkRun Proof(JudgedHandshake report, Proof proof)
    {
        var (glyph, ink) = ((Verdict?)proof.Verdict).Glyph();
        var words = proof.Verdict switch
        {
            Verdict.Verified => ReportText.Safe(proof.Cookie!),
            Verdict.Mismatch => report.CookieCount == 1 ? "does not fit the cookie" : $"fits none of {report.CookieCount} cookies",
            Verdict.NoCookie => "no cookie given",
            Verdict.NoChallenge => "challenge not captured",
            _ => "not verifiable",
        };
        return new InkRun($"proof {glyph} {words}", ink);
    }

    /// <summary>Whether the anomaly is that this message arrived out of order.</summary>
    internal static bool IsAbout(Anomaly odd, JudgedMessage message) =>
        odd.Kind == AnomalyKind.OutOfOrderMessage && odd.By == message.From && odd.Seen == message.Kind.Word()
            && message.Frames.Contains(odd.Frame);

    /// <summary>Whether the event is that the message's only packet arrived out of order.</summary>
    internal static bool IsAbout(TransferEvent transfer, JudgedMessage message) =>
        transfer is { Kind: TransferEventKind.OutOfOrder, Count: 1 } && transfer.By == message.From
            && message.Frames.Contains(transfer.Frame);

    internal static string Expected(Anomaly odd) => ReportText.Safe(Short(odd.Expected));

    /// <summary>Describes the side that closed first, and the step that it did not send or did not receive.</summary>
    internal static IReadOnlyList<InkRun> Departure(JudgedHandshake report, Departure left, bool isFirst)
    {
        var name = new InkRun(left.IsReset ? "RST" : "FIN", Ink.Plain);
        if (!isFirst) return [name];
        var ink = report.Severity() switch { Severity.Bad => Ink.Bad, Severity.Warn => Ink.Warn, _ => Ink.Quiet };
        return [name, new InkRun($"  {left.By.Word()} {(left.IsReset ? "reset" : "closed")}{Why(report, left)}", ink)];
    }

    private static string Why(JudgedHandshake report, Departure left)
    {
        if (report.Connection.MissingBytes > 0 || report.NotCaptured != null) return "";
        if (report.Diagnosis.Code == DiagnosisCode.TlsToPlain) return report.Connection.LastByteFromAcceptor == 0 ? ", no answer came" : "";
        if (Due(report, left) is not { } due) return "";
        return due.By == left.By ? $", no {due.What} sent" : $", no {due.What} came";
    }

    /// <summary>The next step that was expected when a side closed; null when none was.</summary>
    private static (Role By, string What)? Due(JudgedHandshake report, Departure left) =>
        report.Messages.LastOrDefault(message => message.Message.Time <= left.Time)?.Kind switch
        {
            MessageKind.Name => (Role.Acceptor, "status"),
            MessageKind.Status when report.Status == "alive" => (Role.Initiator, "answer"),
            MessageKind.Status or MessageKind.ClientStatus when report.Outcome != Outcome.Rejected => (Role.Acceptor, "challenge"),
            MessageKind.Challenge or MessageKind.Complement => (Role.Initiator, "reply"),
            MessageKind.ChallengeReply => (Role.Acceptor, "ack"),
            _ => null,
        };

    private static InkRun ProofIn(JudgedHandshake report, Proof proof)
    {
        if (report.NearMiss == proof) return new InkRun($"proof ✗ {ReportText.Safe(proof.Near!.Cookie)}, but {proof.Near.How}", Ink.Bad);
        var told = Proof(report, proof);
        return proof.IsVerified && report.Diagnosis.Code == DiagnosisCode.CookieMismatch ? told with { Ink = Ink.Warn } : told;
    }

    private static Ink StatusInk(JudgedHandshake report, JudgedMessage message) =>
        message.Kind == MessageKind.Status && report.Status == Field(message, "status").ToLowerInvariant()
            && report.Outcome == Outcome.Rejected
            ? report.Severity() == Severity.Quiet ? Ink.Quiet : Ink.Bad
            : Field(message, "status").StartsWith("ok", StringComparison.OrdinalIgnoreCase) ? Ink.Good : Ink.Warn;

    private static string Short(string type) => type switch
    {
        "challenge-reply" => "reply",
        "challenge-ack" => "ack",
        "client-status" => "answer",
        _ => type,
    };

    private static string Field(JudgedMessage message, string name) => ReportText.Safe(message[name]);
}
