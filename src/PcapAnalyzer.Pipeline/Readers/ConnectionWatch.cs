using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Waits for the end of a connection whose handshake is decided. It may wait for days, so it holds little.</summary>
/// <param name="connection">The connection.</param>
/// <param name="number">The handshake's number.</param>
/// <param name="ends">Where the handshake's messages ended.</param>
/// <param name="facts">The connection as it was when the handshake was decided.</param>
/// <param name="last">The last message: copies of it may still come. Copies of the others were compared while they were read.</param>
/// <param name="host">Takes the fact of the end.</param>
internal sealed class ConnectionWatch(
    WatchedConnection connection, int number, HandshakeEnds ends, ConnectionFacts facts, HandshakeMessage? last, ReaderHost host)
        : IStreamReader
{
    public bool IsFollowing => true;

    public void OnBytes(DirectionReassembler stream)
    {
    }

    public void OnGap(DirectionReassembler stream, long length)
    {
    }

    public void OnAgain(bool fromLow, long offset, ReadOnlySpan<byte> bytes) =>
        connection.IsContested |= last != null && (last.From == Role.Initiator) == (fromLow == ends.InitiatorIsLow)
            && last.DiffersFrom(offset, bytes);

    public void OnEnd() => host.Tell(new ConnectionUpdate
    {
        Number = number,
        Connection = ends.Update(facts, connection),
        Started = connection.FirstTime
    });
}

/// <summary>Who dialled, and the stream offsets behind the last handshake message of each side.</summary>
internal readonly record struct HandshakeEnds(bool InitiatorIsLow, long Initiator, long Acceptor)
{
    /// <summary>Adds what the connection's headers show by now.</summary>
    internal ConnectionFacts Update(ConnectionFacts facts, WatchedConnection connection)
    {
        ref var initiator = ref connection.Direction(InitiatorIsLow);
        ref var acceptor = ref connection.Direction(!InitiatorIsLow);
        return facts with
        {
            Syns = initiator.Syns,
            SynTime = connection.SynTime(InitiatorIsLow),
            SynAckTime = connection.SynTime(!InitiatorIsLow),
            IsInitiatorSeen = initiator.IsSeen,
            IsAcceptorSeen = acceptor.IsSeen,
            InitiatorLeft = LeftBy(Role.Initiator, connection, InitiatorIsLow),
            AcceptorLeft = LeftBy(Role.Acceptor, connection, !InitiatorIsLow),
            AfterInitiator = Math.Max(0, connection.EndOf(InitiatorIsLow) - Initiator),
            AfterAcceptor = Math.Max(0, connection.EndOf(!InitiatorIsLow) - Acceptor),
            LastByteFromInitiator = connection.Marks(InitiatorIsLow).LastByteTime,
            LastByteFromAcceptor = connection.Marks(!InitiatorIsLow).LastByteTime,
            LastTime = connection.LastTime,
            StrayResets = connection.Headers.StrayResets + (IsStray(connection, true) ? 1 : 0) + (IsStray(connection, false) ? 1 : 0),
            IsGivenUp = connection.IsGivenUp,
            IsContested = facts.IsContested || connection.IsContested || IsContested(connection, true) || IsContested(connection, false),
        };
    }

    private static bool IsStray(WatchedConnection connection, bool low) => connection.Direction(low).HasReset
        && connection.IsEndDenied(low);

    /// <summary>A FIN or RST is believed that nothing bears out.</summary>
    private static bool IsContested(WatchedConnection connection, bool low) => connection.IsEndAhead(low) && !connection.IsEndDenied(low);

    private static Departure? LeftBy(Role role, WatchedConnection connection, bool low)
    {
        ref var direction = ref connection.Direction(low);
        if (!direction.HasEnded || connection.IsEndDenied(low)) return null;
        var marks = connection.Marks(low);
        var isAnswer = connection.Direction(!low).HasFin && marks.EndAcks > connection.Marks(!low).EndAt;
        return new Departure(role, direction.HasReset, marks.EndFrame, marks.EndTime, marks.EndAcks, isAnswer);
    }
}
