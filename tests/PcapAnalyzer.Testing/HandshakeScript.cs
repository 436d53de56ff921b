using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing;

/// <summary>One segment of a connection.</summary>
public readonly record struct ScriptLine(bool FromInitiator, TcpFlags Flags, byte[] Payload);

/// <summary>The connection of a handshake from SYN to the last ACK, as both stacks send it.</summary>
public sealed class HandshakeScript(TcpPeers peers, IReadOnlyList<ScriptLine> lines)
{
    private const uint InitiatorChallenge = 0x10000000;

    public TcpPeers Peers { get; } = peers;

    public IReadOnlyList<ScriptLine> Lines { get; } = lines;

    /// <summary>Number of lines sent so far.</summary>
    public int Sent { get; set; }

    /// <summary>The next sequence number of each side.</summary>
    public TcpNumbers Next;

    /// <param name="kind">The protocol.</param>
    /// <param name="peers">The two endpoints.</param>
    /// <param name="from">The initiator's name.</param>
    /// <param name="to">The acceptor's name.</param>
    /// <param name="challenge">The acceptor's challenge; the initiator's is derived from it.</param>
    /// <param name="cookie">The initiator's cookie. When it is wrong, the acceptor closes.</param>
    public static HandshakeScript Of(HandshakeKind kind, TcpPeers peers, string from, string to, uint challenge, string cookie)
    {
        var own = challenge ^ InitiatorChallenge;
        var isRight = cookie == CaptureShape.Cookie;
        var script = new Builder();
        if (kind == HandshakeKind.Erlang)
        {
            script.Data(true, ErlangBytes.Name(from));
            script.Data(false, ErlangBytes.Status(), ErlangBytes.Challenge(to, challenge));
            script.Data(true, ErlangBytes.Reply(own, challenge, cookie));
            if (isRight) script.Data(false, ErlangBytes.Ack(own, cookie));
            // Ticks: empty messages with a four-byte length.
            for (var tick = 0; isRight && tick < 4; tick++) script.Data(tick % 2 == 0, new byte[4]);
        }
        else
        {
            script.Data(true, RactorBytes.Name(from));
            script.Data(false, RactorBytes.Status(), RactorBytes.Challenge(to, challenge));
            script.Data(true, RactorBytes.Reply(own, challenge, cookie));
            if (isRight) script.Data(false, RactorBytes.Ack(own, cookie));
            if (isRight) script.Data(true, RactorBytes.Ready());
            if (isRight) script.Data(false, RactorBytes.Ready());
        }
        return new HandshakeScript(peers, script.Close(fromInitiator: isRight));
    }

    private sealed class Builder
    {
        private readonly List<ScriptLine> _lines = new(32)
        {
            new(true, TcpFlags.Syn, []),
            new(false, TcpFlags.Syn | TcpFlags.Ack, []),
            new(true, TcpFlags.Ack, []),
        };

        /// <summary>Adds one segment per message, and one ACK for all of them.</summary>
        internal void Data(bool fromInitiator, params ReadOnlySpan<byte[]> messages)
        {
            foreach (var message in messages) _lines.Add(new ScriptLine(fromInitiator, TcpFlags.Psh | TcpFlags.Ack, message));
            _lines.Add(new ScriptLine(!fromInitiator, TcpFlags.Ack, []));
        }

        internal List<ScriptLine> Close(bool fromInitiator)
        {
            _lines.Add(new ScriptLine(fromInitiator, TcpFlags.Fin | TcpFlags.Ack, []));
            _lines.Add(new ScriptLine(!fromInitiator, TcpFlags.Fin | TcpFlags.Ack, []));
            _lines.Add(new ScriptLine(fromInitiator, TcpFlags.Ack, []));
            return _lines;
        }
    }
}
