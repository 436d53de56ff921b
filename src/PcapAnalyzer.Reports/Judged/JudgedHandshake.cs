using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>One handshake with what is concluded about it. Every output is a projection of this; <see cref="HandshakeFields"/> declares them.</summary>
/// <remarks>Of a redacted capture, everything here but <see cref="Facts"/> and <see cref="Judgement"/> is safe to share.</remarks>
public sealed record JudgedHandshake
{
    /// <summary>Its number in the report.</summary>
    public required int Id { get; init; }

    /// <summary>JSON Lines: which line for this handshake it is.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>Which of several captures shows it, from 1, in the order of the report's sources; null where there is one.</summary>
    public int? Source { get; init; }

    public required Handshake Facts { get; init; }

    public required Judgement Judgement { get; init; }

    public required JudgedPeer Initiator { get; init; }

    public required JudgedPeer Acceptor { get; init; }

    /// <summary>The question to EPMD that this connection followed.</summary>
    public EpmdExchange? Lookup { get; init; }

    /// <summary>The acceptor's answer to the name.</summary>
    public string? Status { get; init; }

    public required IReadOnlyList<JudgedMessage> Messages { get; init; }

    public required IReadOnlyList<Proof> Proofs { get; init; }

    /// <summary>How many cookies were given.</summary>
    public int CookieCount { get; init; }

    /// <summary>Time of the capture's last packet so far, in nanoseconds since 1970.</summary>
    public long SeenUntil { get; init; }

    /// <summary>For <see cref="EvidenceStore.Of"/>, in its own capture.</summary>
    public EvidenceKey Evidence { get; init; }

    /// <summary>The same before redaction, to select by; never to be written. Null where nothing is redacted.</summary>
    internal JudgedHandshake? Unredacted { get; init; }

    public Outcome Outcome => Judgement.Outcome;

    public Diagnosis Diagnosis => Judgement.Diagnosis;

    public IHandshakeProtocol Protocol => Facts.Protocol;

    public int? ProtocolVersion => (Facts.First(MessageKind.Name)?.Content.Version) ?? Facts.First(MessageKind.Challenge)?.Content.Version;

    /// <summary>Time of the connection's first packet, in nanoseconds since 1970.</summary>
    public long Started => Facts.Started;

    public ConnectionFacts Connection => Facts.Connection;

    /// <summary>Nanoseconds to the acknowledgement, else to the first FIN or RST, else to the last packet.</summary>
    public long Duration
    {
        get
        {
            var ack = Facts.State == HandshakeState.Acknowledged ? Facts.First(MessageKind.ChallengeAck) : null;
            return Math.Max(0, Since(ack?.Time ?? Connection.FirstLeft?.Time ?? Connection.LastTime));
        }
    }

    /// <summary>How long the protocol waits where this handshake stands; null when it waits for ever.</summary>
    public WaitLimit? WaitLimit => Protocol.WaitLimit(Judgement.State) is { } limit ? new WaitLimit(limit, Protocol.Words.Limit) : null;

    /// <summary>A proof that a given cookie would have verified but for a usual mistake.</summary>
    public Proof? NearMiss
    {
        get
        {
            for (var i = 0; i < Proofs.Count; i++)
                if (Proofs[i].Near != null) return Proofs[i];
            return null;
        }
    }

    /// <summary>What the logs of such nodes may say of the diagnosis, but for names; empty when nothing is known.</summary>
    public IReadOnlyList<string> Logs => Explanation.LogsOf(Diagnosis.Code.Kebab(), Protocol.Name);

    /// <summary>A SYN or its answer was seen.</summary>
    public bool IsOpeningSeen => Connection is not { SynTime: 0, SynAckTime: 0 };

    /// <summary>The side of which no packet was seen.</summary>
    public Role? NotCaptured => !Connection.IsInitiatorSeen ? Role.Initiator : !Connection.IsAcceptorSeen ? Role.Acceptor : null;

    public Closing Close => Connection.FirstLeft is { } left ? left.How() : Closing.Open;

    /// <summary>The first FIN or RST of each side that left, in the order of the capture.</summary>
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
    public long Since(long time) => time - Started;
}

/// <summary>A message, and what of its fields may be told.</summary>
public sealed record JudgedMessage(Handshake Of, HandshakeMessage Message)
{
    /// <summary>The fields that redaction leaves; null where nothing is redacted.</summary>
    internal IReadOnlyList<MessageField>? Redacted { get; init; }

    public MessageKind Kind => Message.Kind;

    public Role From => Message.From;

    public IReadOnlyList<long> Frames => Message.Frames;

    /// <summary>Nanoseconds since the connection's first packet.</summary>
    public long SinceStart => Message.Time - Of.Started;

    /// <summary>Decoded anew each time: few readers want them.</summary>
    public IReadOnlyList<MessageField> Fields => Redacted ?? Of.FieldsOf(Message);

    /// <summary>A field's value in words; empty when there is none, or it is a list.</summary>
    public string this[string name] => Fields.FirstOrDefault(one => one.Name == name && one.Value is not FieldValue.Flags)?.Value.Text() ?? "";
}

/// <param name="Nanoseconds">How long it waits.</param>
/// <param name="Words">What it is, before the number.</param>
public sealed record WaitLimit(long Nanoseconds, string Words);

/// <summary>How a connection ended, or one side of it.</summary>
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
