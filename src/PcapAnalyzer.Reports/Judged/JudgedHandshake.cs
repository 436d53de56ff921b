using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>A handshake and what is concluded. Every output projects it; <see cref="HandshakeFields"/> declares the fields.</summary>
/// <remarks>In a redacted report, everything except <see cref="Facts"/> and <see cref="Judgement"/> is safe to share.</remarks>
public sealed record JudgedHandshake
{
    /// <summary>The handshake's number in the report.</summary>
    public required int Id { get; init; }

    /// <summary>In JSON Lines, the line number among the lines of this handshake, from 1.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>The source that shows it, from 1, in report order; null when there is one source.</summary>
    public int? Source { get; init; }

    public required Handshake Facts { get; init; }

    public required Judgement Judgement { get; init; }

    public required JudgedPeer Initiator { get; init; }

    public required JudgedPeer Acceptor { get; init; }

    /// <summary>The EPMD lookup that preceded this connection.</summary>
    public EpmdExchange? Lookup { get; init; }

    /// <summary>The acceptor's status message.</summary>
    public string? Status { get; init; }

    public required IReadOnlyList<JudgedMessage> Messages { get; init; }

    public required IReadOnlyList<Proof> Proofs { get; init; }

    /// <summary>The number of given cookies.</summary>
    public int CookieCount { get; init; }

    /// <summary>Time of the capture's last packet so far, in nanoseconds since 1970.</summary>
    public long SeenUntil { get; init; }

    /// <summary>The key for <see cref="EvidenceStore.Of"/>, within its own capture.</summary>
    public EvidenceKey Evidence { get; init; }

    /// <summary>The handshake before redaction, only for selection. Never write it to an output. Null when nothing is redacted.</summary>
    internal JudgedHandshake? Unredacted { get; init; }

    public Outcome Outcome => Judgement.Outcome;

    public Diagnosis Diagnosis => Judgement.Diagnosis;

    public IHandshakeProtocol Protocol => Facts.Protocol;

    public int? ProtocolVersion => (Facts.First(MessageKind.Name)?.Content.Version) ?? Facts.First(MessageKind.Challenge)?.Content.Version;

    /// <summary>Time of the connection's first packet, in nanoseconds since 1970.</summary>
    public long Started => Facts.Started;

    public ConnectionFacts Connection => Facts.Connection;

    /// <summary>Nanoseconds to the acknowledgement; without one, to the first FIN or RST; without that, to the last packet.</summary>
    public long Duration
    {
        get
        {
            var ack = Facts.State == HandshakeState.Acknowledged ? Facts.First(MessageKind.ChallengeAck) : null;
            return Since(ack?.Time ?? Connection.FirstLeft?.Time ?? Connection.LastTime);
        }
    }

    /// <summary>What stands where no side has left.</summary>
    internal string OpenEnd(bool isOver = true) => Connection.IsGivenUp ? "given up: too many connections were open at once"
        : isOver ? "still open when the capture ends" : "still open";

    /// <summary>The protocol's timeout in this state; null when it waits forever.</summary>
    public WaitLimit? WaitLimit => Protocol.WaitLimit(Judgement.State) is { } limit ? new WaitLimit(limit, Protocol.Words.Limit) : null;

    /// <summary>A proof that a given cookie would have verified except for a common mistake.</summary>
    public Proof? NearMiss
    {
        get
        {
            for (var i = 0; i < Proofs.Count; i++)
                if (Proofs[i].Near != null) return Proofs[i];
            return null;
        }
    }

    /// <summary>Log lines that nodes of this protocol may write for the diagnosis, without names; empty when none is known.</summary>
    public IReadOnlyList<string> Logs => Explanation.LogsOf(Diagnosis.Code.Kebab(), Writers());

    /// <summary>Whose logs may say something, as <c>docs/diagnoses.md</c> names them.</summary>
    private IEnumerable<string> Writers()
    {
        yield return Protocol.Name;
        yield return $"{Protocol.Name}, {(Facts.First(MessageKind.ChallengeAck) == null ? "acceptor" : "initiator")} refuses";
        if (Facts.NodeOf(Role.Initiator) is { } node && Protocol.ProductOf(node) is { } product) yield return product;
    }

    /// <summary>Whether a SYN or a SYN-ACK was captured.</summary>
    public bool IsOpeningSeen => Connection is not { SynTime: 0, SynAckTime: 0 };

    /// <summary>The side without a captured packet; null when both sides were captured.</summary>
    public Role? NotCaptured => !Connection.IsInitiatorSeen ? Role.Initiator : !Connection.IsAcceptorSeen ? Role.Acceptor : null;

    /// <summary>Violations of the protocol; equal ones are one, with their number.</summary>
    public IEnumerable<(Anomaly First, int Times)> Anomalies => Facts.Anomalies
        .GroupBy(odd => (odd.Kind, odd.By, odd.Expected, odd.Seen)).Select(equal => (equal.First(), equal.Count()));

    public Closing Close => Connection.FirstLeft is { } left ? left.How() : Closing.Open;

    /// <summary>The first FIN or RST of each side that closed, in capture order.</summary>
    public IReadOnlyList<Departure> Left => (Connection.InitiatorLeft, Connection.AcceptorLeft) switch
    {
        (null, null) => [],
        ({ } initiator, null) => [initiator],
        (null, { } acceptor) => [acceptor],
        var (initiator, acceptor) => initiator.Frame <= acceptor.Frame ? [initiator, acceptor] : [acceptor, initiator],
    };

    public JudgedPeer Peer(Role role) => role == Role.Initiator ? Initiator : Acceptor;

    public Proof? ProofBy(Role role)
    {
        for (var i = 0; i < Proofs.Count; i++)
            if (Proofs[i].By == role) return Proofs[i];
        return null;
    }

    /// <summary>Nanoseconds since the connection's first packet.</summary>
    public long Since(long time) => Math.Max(0, time - Started);

    /// <summary>Nanoseconds from a time to the start.</summary>
    public long Before(long time) => Math.Max(0, Started - time);
}

/// <summary>A message and the fields that may be shown.</summary>
public sealed record JudgedMessage(Handshake Of, HandshakeMessage Message)
{
    /// <summary>The fields after redaction; null when nothing is redacted.</summary>
    internal IReadOnlyList<MessageField>? Redacted { get; init; }

    public MessageKind Kind => Message.Kind;

    public Role From => Message.From;

    public IReadOnlyList<long> Frames => Message.Frames;

    /// <summary>Nanoseconds since the connection's first packet.</summary>
    public long SinceStart => Math.Max(0, Message.Time - Of.Started);

    /// <summary>The decoded fields. Each access decodes again, because few callers need them.</summary>
    public IReadOnlyList<MessageField> Fields => Redacted ?? Of.FieldsOf(Message);

    /// <summary>A field's value as text; empty when the field is missing or is a list of flags.</summary>
    public string this[string name] => Fields.FirstOrDefault(one => one.Name == name && one.Value is not FieldValue.Flags)?.Value.Text()
        ?? "";

    /// <summary>A field as it is shown: of a text that was cut its beginning, marked as such.</summary>
    internal string Shown(string name) => this[name] is { Length: > 0 } whole ? ReportText.Safe(whole)
        : Fields.FirstOrDefault(one => one.IsBeginningOf(name))?.Value.Text() is { } cut ? $"{ReportText.Safe(cut)}…" : "";
}

/// <param name="Nanoseconds">The timeout.</param>
/// <param name="Words">The text before the number.</param>
public sealed record WaitLimit(long Nanoseconds, string Words);

/// <summary>How a connection, or one side of it, ended.</summary>
public enum Closing
{
    Fin,
    Rst,
    Open,
}

public static class Departures
{
    public static Closing How(this Departure left) => left.IsReset ? Closing.Rst : Closing.Fin;
}
