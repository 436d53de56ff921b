using PcapAnalyzer.Core.Streams;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Who takes what a <see cref="HandshakeFollower"/> finds.</summary>
internal interface IHandshakeSink
{
    /// <summary>Somebody waits for a handshake's outcome and will not wait for its end.</summary>
    bool IsLive { get; }

    HandshakePacker Packer { get; }

    /// <summary>A handshake was recognised: its number.</summary>
    int NextId();

    /// <summary>The facts of a handshake whose end is known, or whose connection is over; perhaps both, one after the other.</summary>
    void OnHandshake(Handshake handshake, bool isEnded);

    /// <summary>Gives a reader of another kind to a conversation whose dialler begins with such bytes; null when nobody wants it.</summary>
    IStreamReader? TakeOver(Conversation conversation, bool dialledByLow, ReadOnlySpan<byte> start);
}
