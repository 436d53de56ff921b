using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Waits for the end of a connection whose handshake is over: what is left of its follower, for days perhaps.</summary>
/// <param name="conversation">The connection.</param>
/// <param name="number">The handshake's number.</param>
/// <param name="side">Where its messages ended.</param>
/// <param name="facts">The connection as it was then.</param>
/// <param name="last">Its last message: of the others copies were looked at while it was read.</param>
/// <param name="host">Takes the fact of its end.</param>
internal sealed class ConnectionWatch(Conversation conversation, int number, HandshakeEnds side, ConnectionFacts facts, HandshakeMessage? last, ReaderHost host) : IStreamReader
{
    public bool IsFollowing => true;

    public void OnBytes(StreamReassembler stream)
    {
    }

    public void OnGap(StreamReassembler stream, long length)
    {
    }

    public void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes) =>
        conversation.IsContested |= last != null && (last.From == Role.Initiator) == (fromLow == side.InitiatorIsLow) && last.DiffersFrom(offset, bytes);

    public void OnEnd() =>
        host.Tell(new ConnectionUpdate { Number = number, Connection = side.Update(facts, conversation), Started = conversation.FirstTime });
}

/// <summary>Who dialled, and the stream offsets behind the last handshake message of each side.</summary>
internal readonly record struct HandshakeEnds(bool InitiatorIsLow, long Initiator, long Acceptor)
{
    /// <summary>What a connection's headers tell by now.</summary>
    internal ConnectionFacts Update(ConnectionFacts facts, Conversation conversation)
    {
        ref var initiator = ref conversation.Half(InitiatorIsLow);
        ref var acceptor = ref conversation.Half(!InitiatorIsLow);
        return facts with
        {
            Syns = initiator.Syns,
            SynTime = conversation.SynTime(InitiatorIsLow),
            SynAckTime = conversation.SynTime(!InitiatorIsLow),
            IsInitiatorSeen = initiator.IsSeen,
            IsAcceptorSeen = acceptor.IsSeen,
            InitiatorLeft = LeftBy(Role.Initiator, conversation, InitiatorIsLow),
            AcceptorLeft = LeftBy(Role.Acceptor, conversation, !InitiatorIsLow),
            AfterInitiator = Math.Max(0, conversation.LastOffset(InitiatorIsLow) - Initiator),
            AfterAcceptor = Math.Max(0, conversation.LastOffset(!InitiatorIsLow) - Acceptor),
            LastByteFromInitiator = conversation.Marks(InitiatorIsLow).LastByteTime,
            LastByteFromAcceptor = conversation.Marks(!InitiatorIsLow).LastByteTime,
            LastTime = conversation.LastTime,
            StrayResets = conversation.Flow.StrayResets + (IsStray(conversation, true) ? 1 : 0) + (IsStray(conversation, false) ? 1 : 0),
            IsGivenUp = conversation.IsGivenUp,
            IsContested = facts.IsContested || conversation.IsContested || IsContested(conversation, true) || IsContested(conversation, false),
        };
    }

    private static bool IsStray(Conversation conversation, bool low) => conversation.Half(low).Close == CloseKind.Rst && conversation.IsCloseDenied(low);

    /// <summary>A FIN or RST is believed that nothing bears out.</summary>
    private static bool IsContested(Conversation conversation, bool low) => conversation.IsCloseAhead(low) && !conversation.IsCloseDenied(low);

    private static Departure? LeftBy(Role role, Conversation conversation, bool low)
    {
        var close = conversation.Half(low).Close;
        if (close == CloseKind.None || conversation.IsCloseDenied(low)) return null;
        var marks = conversation.Marks(low);
        var isAnswer = conversation.Half(!low).Close == CloseKind.Fin && marks.CloseAcknowledges > conversation.Marks(!low).CloseOffset;
        return new Departure(role, close == CloseKind.Rst, marks.CloseFrame, marks.CloseTime, marks.CloseAcknowledges, isAnswer);
    }
}
