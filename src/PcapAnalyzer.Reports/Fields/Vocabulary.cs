using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>The words for the values of an enumeration, each with its meaning. Every output uses these words.</summary>
internal sealed class Vocabulary<T> where T : struct, Enum
{
    internal Vocabulary(params (T Value, string Meaning)[] meanings) =>
        Words = [.. meanings.Select(one => new WhereWord(one.Value.Kebab(), one.Meaning))];

    internal IReadOnlyList<WhereWord> Words { get; }
}

internal static class Vocabularies
{
    internal static readonly Vocabulary<Role> Roles = new((Role.Initiator, "who dialled"), (Role.Acceptor, "who was dialled"));

    internal static readonly Vocabulary<Outcome> Outcomes = new(
        (Outcome.Established, "the acknowledgement was seen, or traffic behind it"),
        (Outcome.AuthenticationFailed, "a digest is proven wrong"),
        (Outcome.Rejected, "a side said no"),
        (Outcome.Closed, "ended for another reason"),
        (Outcome.Incomplete, "the capture does not show the end"),
        (Outcome.ProtocolViolation, "a side sent what the protocol forbids"),
        (Outcome.Encrypted, "a TLS session of a node"));

    internal static readonly Vocabulary<Verdict> Verdicts = new(
        (Verdict.Verified, "a given cookie fits"),
        (Verdict.Mismatch, "no given cookie fits"),
        (Verdict.NoCookie, "no cookie was given"),
        (Verdict.NoChallenge, "its challenge is not in the capture"),
        (Verdict.NotVerifiable, "partly missing, or sent twice with different content"));

    internal static readonly Vocabulary<MessageKind> Messages = new(
        (MessageKind.Name, "the initiator introduces itself"),
        (MessageKind.Status, "the acceptor's answer to it"),
        (MessageKind.ClientStatus, "the initiator's answer to alive"),
        (MessageKind.Challenge, "the acceptor introduces itself and asks for a proof"),
        (MessageKind.Complement, "what the name left out"),
        (MessageKind.ChallengeReply, "the initiator's proof, and its challenge"),
        (MessageKind.ChallengeAck, "the acceptor's proof"));

    internal static readonly Vocabulary<TransferEventKind> Transfers = new(
        (TransferEventKind.MissingBytes, "not in the capture"),
        (TransferEventKind.Retransmission, "sent again"),
        (TransferEventKind.OutOfOrder, "came late"),
        (TransferEventKind.DifferentCopy, "sent again with other bytes"));

    internal static readonly Vocabulary<AnomalyKind> Anomalies = new(
        (AnomalyKind.OutOfOrderMessage, "not allowed at its place"),
        (AnomalyKind.MalformedMessage, "bytes that are no message"),
        (AnomalyKind.FrameTooLarge, "a length that no node accepts"),
        (AnomalyKind.TlsRecord, "TLS where a message was due"),
        (AnomalyKind.TooManyMessages, "more than one handshake can have"),
        (AnomalyKind.OtherService, "another program's answer to a name"));

    internal static readonly Vocabulary<Certainty> Certainties = new((Certainty.Proven, "the bytes show it"),
        (Certainty.Inferred, "likely, not shown"));

    internal static readonly Vocabulary<Closing> Closes = new((Closing.Fin, "in order"), (Closing.Rst, "reset"),
        (Closing.Open, "not at all"));

    internal static readonly Vocabulary<Closing> Leavings = new((Closing.Fin, "in order"), (Closing.Rst, "reset"));

    /// <summary>In the order of <c>docs/diagnoses.md</c>, which defines the titles.</summary>
    internal static readonly Vocabulary<DiagnosisCode> Codes = new(
        [.. Explanation.All.Select(one => (Enum.GetValues<DiagnosisCode>().Single(code => code.Kebab() == one.Code),
            one.Title.TrimEnd('.')))]);

    internal static readonly WhereWord[] Protocols = [.. HandshakeProtocols.All.Select(protocol =>
        new WhereWord(protocol.Name, protocol.Title))];

    internal static readonly WhereWord[] Schemes =
    [
        .. HandshakeProtocols.All.SelectMany(protocol => protocol.DigestSchemes).DistinctBy(scheme => scheme.Name)
            .OrderBy(scheme => scheme.Name, StringComparer.Ordinal).Select(scheme => new WhereWord(scheme.Name, scheme.Title)),
    ];
}
