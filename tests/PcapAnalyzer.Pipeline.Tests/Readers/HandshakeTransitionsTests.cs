using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using Xunit;
using static PcapAnalyzer.Pipeline.Protocols.HandshakeState;
using static PcapAnalyzer.Pipeline.Protocols.Role;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>The table, row by row, and nothing beside it.</summary>
public sealed class HandshakeTransitionsTests
{
    private static readonly (HandshakeState From, Role Sender, MessageContent Message, HandshakeState To)[] Rows =
    [
        (Connected, Initiator, new(MessageKind.Name), NameSent),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.Continue }, StatusSent),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.ContinueAndGiveWay }, StatusSent),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.RefusedAsPending }, Refused),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.Alive }, AliveSent),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.Refused }, Refused),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.RefusedAsDuplicate }, Refused),
        (NameSent, Acceptor, new(MessageKind.Status) { Answer = StatusAnswer.Unknown }, Refused),
        (NameSent, Acceptor, new(MessageKind.Status), StatusSent), // cut: that it refused is not known
        (AliveSent, Initiator, new(MessageKind.ClientStatus) { GoesOn = true }, AliveAnswered),
        (AliveSent, Initiator, new(MessageKind.ClientStatus), AliveAnswered),
        (AliveSent, Initiator, new(MessageKind.ClientStatus) { GoesOn = false }, Refused),
        (StatusSent, Acceptor, new(MessageKind.Challenge), Challenged),
        (AliveAnswered, Acceptor, new(MessageKind.Challenge), Challenged),
        (Challenged, Initiator, new(MessageKind.Complement), Complemented),
        (Challenged, Initiator, new(MessageKind.ChallengeReply), Replied),
        (Complemented, Initiator, new(MessageKind.ChallengeReply), Replied),
        (Replied, Acceptor, new(MessageKind.ChallengeAck), Acknowledged),
    ];

    [Fact]
    public void Every_row_leads_to_its_state() =>
        Assert.All(Rows, row => Assert.Equal(row.To, HandshakeTransitions.Next(row.From, row.Sender, row.Message)));

    [Fact]
    public void Every_message_outside_the_table_is_a_violation()
    {
        foreach (var state in Enum.GetValues<HandshakeState>())
            foreach (var sender in Enum.GetValues<Role>())
                foreach (var kind in Enum.GetValues<MessageKind>())
                {
                    if (Rows.Any(row => row.From == state && row.Sender == sender && row.Message.Kind == kind)) continue;
                    Assert.Null(HandshakeTransitions.Next(state, sender, new MessageContent(kind)));
                }
    }

    [Fact]
    public void A_late_capture_enters_the_table_at_the_row_that_fits()
    {
        Assert.Equal(Challenged, HandshakeTransitions.Enter(Connected, Acceptor, new(MessageKind.Challenge)));
        Assert.Equal(Acknowledged, HandshakeTransitions.Enter(NameSent, Acceptor, new(MessageKind.ChallengeAck)));
        Assert.Null(HandshakeTransitions.Enter(Replied, Initiator, new(MessageKind.Name)));
    }

    [Fact]
    public void The_due_message_is_the_next_in_the_table() => Assert.All(
        Enum.GetValues<HandshakeState>(),
        state => Assert.Equal(
            HandshakeTransitions.Due(state)?.What,
            Rows.Where(row => row.From == state).Select(row => row.Message.Kind.Word()).LastOrDefault()));
}
