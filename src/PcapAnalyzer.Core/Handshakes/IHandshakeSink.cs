using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Who takes what a <see cref="HandshakeFollower"/> finds.</summary>
internal interface IHandshakeSink
{
    /// <summary>A handshake was recognised: its number.</summary>
    int NextId();

    /// <summary>A handshake is over: its outcome is known, or its connection has ended.</summary>
    /// <returns>The key of its evidence; 0 when it is one too many.</returns>
    int OnHandshake(Handshake handshake);

    /// <summary>What became of the connection after that.</summary>
    /// <param name="id">The handshake's number.</param>
    /// <param name="connection">All of the connection.</param>
    /// <param name="started">Time of its first packet.</param>
    void OnConnectionEnd(int id, ConnectionFacts connection, long started);

    /// <summary>There is a reader of another kind for what begins with such bytes of the dialler.</summary>
    bool TakesOver(ReadOnlySpan<byte> start);

    /// <summary>Makes that reader.</summary>
    IStreamReader TakeOver(Conversation conversation, bool dialledByLow);
}
