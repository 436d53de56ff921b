using static PcapAnalyzer.Pipeline.Protocols.HandshakeState;
using static PcapAnalyzer.Pipeline.Protocols.MessageKind;
using static PcapAnalyzer.Pipeline.Protocols.Role;
using static PcapAnalyzer.Pipeline.Protocols.StatusAnswer;

namespace PcapAnalyzer.Pipeline.Protocols;

/// <summary>The one table of the handshake: it judges both peers, and what is not in it is a violation by its sender.</summary>
public static class HandshakeTransitions
{
    /// <returns>The next state, or null when the message is not allowed in this one.</returns>
    public static HandshakeState? Next(HandshakeState state, Role sender, MessageContent message) => (state, sender, message.Kind) switch
    {
        (Connected, Initiator, Name) => NameSent,
        (NameSent, Acceptor, Status) => message.Answer switch
        {
            Continue or ContinueAndGiveWay or null => StatusSent,
            Alive => AliveSent,
            _ => HandshakeState.Refused,
        },
        (AliveSent, Initiator, ClientStatus) => message.GoesOn == false ? HandshakeState.Refused : AliveAnswered,
        (StatusSent or AliveAnswered, Acceptor, MessageKind.Challenge) => Challenged,
        (Challenged, Initiator, Complement) => Complemented,
        (Challenged or Complemented, Initiator, ChallengeReply) => Replied,
        (Replied, Acceptor, ChallengeAck) => Acknowledged,
        _ => null,
    };

    /// <summary>The first row, in order, that a message fits: where a capture that starts late enters the table.</summary>
    public static HandshakeState? Enter(HandshakeState after, Role sender, MessageContent message)
    {
        for (var state = after; state < Acknowledged; state++)
            if (Next(state, sender, message) is { } next) return next;
        return null;
    }

    /// <summary>Who speaks next, and what: for words and for waiting.</summary>
    public static (Role By, string What)? Due(HandshakeState state) => state switch
    {
        Connected => (Initiator, "name"),
        NameSent => (Acceptor, "status"),
        StatusSent or AliveAnswered => (Acceptor, "challenge"),
        AliveSent => (Initiator, "client-status"),
        Challenged or Complemented => (Initiator, "challenge-reply"),
        Replied => (Acceptor, "challenge-ack"),
        _ => null,
    };

    /// <summary>The kind as the report spells it.</summary>
    public static string Word(this MessageKind kind) => kind switch
    {
        Name => "name",
        Status => "status",
        ClientStatus => "client-status",
        MessageKind.Challenge => "challenge",
        Complement => "complement",
        ChallengeReply => "challenge-reply",
        ChallengeAck => "challenge-ack",
        Traffic => "traffic",
        Empty => "empty message",
        _ => "unknown message",
    };
}
