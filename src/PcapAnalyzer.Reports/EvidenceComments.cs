using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Writes one comment per kept packet of a handshake, for Wireshark to show.</summary>
public static class EvidenceComments
{
    /// <summary>Maximum characters of a comment.</summary>
    private const int Longest = 1000;

    /// <summary>Each packet with its comment, in capture order. The last packet that the diagnosis names states the verdict.</summary>
    /// <param name="report">The judged handshake; null while it is under way.</param>
    public static IReadOnlyList<(EvidenceFrame Frame, string Comment)> Of(Evidence evidence, int id, JudgedHandshake? report,
        bool isRedacted = false)
    {
        var frames = evidence.Frames;
        var name = $"handshake {id}{(isRedacted ? ", redacted" : "")}";
        if (report == null) return [.. frames.Select(frame => (frame, $"{name}: under way"))];
        var steps = report.Messages.SelectMany(message =>
            message.Frames.Select((number, index) => (number, Step: StepOf(message, index, report))))
            .ToLookup(step => step.number, step => step.Step);
        var deciding = frames.LastOrDefault(frame => report.Diagnosis.Frames.Contains(frame.Number)) ?? frames.LastOrDefault();
        return [.. frames.Select(frame => (frame, ReportText.Safe(
            $"{name}: {string.Join(", ", steps[frame.Number].Concat(FlagsOf(frame, steps.Contains(frame.Number))))}"
                + $" from {SenderOf(frame, report)}{(frame == deciding ? Verdict(report, evidence) : "")}", Longest)))];
    }

    private static string StepOf(JudgedMessage message, int index, JudgedHandshake report)
    {
        var part = message.Frames.Count == 1 ? "" : $" (part {index + 1} of {message.Frames.Count})";
        var type = message.Kind.Word() + part;
        var isProof = message.Kind is MessageKind.ChallengeReply or MessageKind.ChallengeAck && index == message.Frames.Count - 1;
        return isProof && report.ProofBy(message.From) is { } proof
            ? $"{type} (digest: {proof.Verdict.Kebab()}{(proof.Cookie == null ? "" : $" {proof.Cookie}")})" : type;
    }

    private static IEnumerable<string> FlagsOf(EvidenceFrame frame, bool hasStep)
    {
        bool Has(TcpFlags flag) => (frame.Flags & flag) != 0;
        if (Has(TcpFlags.Syn)) yield return Has(TcpFlags.Ack) ? "SYN-ACK" : "SYN";
        if (frame.Length > 0 && !hasStep) yield return $"{frame.Length} bytes";
        if (Has(TcpFlags.Fin)) yield return "FIN";
        if (Has(TcpFlags.Rst)) yield return "RST";
        if (frame.Length == 0 && !Has(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)) yield return "ACK";
    }

    private static string SenderOf(EvidenceFrame frame, JudgedHandshake report) => frame.Source == report.Initiator.Endpoint ? "initiator"
        : "acceptor";

    private static string Verdict(JudgedHandshake report, Evidence evidence)
    {
        var (diagnosis, omitted) = (report.Diagnosis, evidence.Omitted);
        return $". {report.Outcome.Kebab()}, {diagnosis.Code.Kebab()} ({diagnosis.Certainty.Kebab()}): "
            + $"{diagnosis.Summary}{(omitted == 0 ? "" : $" {omitted} more packets of it were too many to keep.")}";
    }
}
