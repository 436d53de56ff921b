using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Sends one connection as packets, with the sequence numbers, acknowledgements and times of a connection without loss.</summary>
internal sealed class Wire(Endpoint initiator, Endpoint acceptor, long time, ReportCheck check)
{
    private const long Step = 100_000;

    private readonly uint[] _next = [1000, 9000];

    internal long Time { get; private set; } = time;

    internal void Connect()
    {
        Packet(true, TcpFlags.Syn, default);
        Packet(false, TcpFlags.Syn | TcpFlags.Ack, default);
        Packet(true, TcpFlags.Ack, default);
    }

    internal void Wait(long nanoseconds) => Time += nanoseconds;

    /// <summary>Sends bytes of one side at one time, split into pieces whose lengths repeat.</summary>
    /// <param name="fromInitiator">Who sends.</param>
    /// <param name="bytes">What.</param>
    /// <param name="pieces">The lengths.</param>
    /// <param name="isTwice">Each piece comes again.</param>
    internal void Say(bool fromInitiator, ReadOnlySpan<byte> bytes, int[] pieces, bool isTwice = false)
    {
        Time += Step;
        for (var at = 0; !bytes.IsEmpty; at++)
        {
            var length = Math.Min(bytes.Length, pieces[at % pieces.Length]);
            Packet(fromInitiator, TcpFlags.Psh | TcpFlags.Ack, bytes[..length]);
            if (isTwice)
            {
                Lose(fromInitiator, -length);
                Packet(fromInitiator, TcpFlags.Psh | TcpFlags.Ack, bytes[..length]);
            }
            bytes = bytes[length..];
        }
    }

    /// <summary>A side sends bytes that the capture lacks.</summary>
    internal void Lose(bool fromInitiator, int length) => _next[fromInitiator ? 0 : 1] += (uint)length;

    internal void Packet(bool fromInitiator, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        var (sender, peer) = fromInitiator ? (0, 1) : (1, 0);
        var (from, to) = fromInitiator ? (initiator, acceptor) : (acceptor, initiator);
        check.AcceptDatagram(Time, FrameBuilder.Ipv4(from, to,
            FrameBuilder.Tcp(from.Port, to.Port, _next[sender], (flags & TcpFlags.Ack) == 0 ? 0 : _next[peer], flags, payload)));
        _next[sender] += (uint)payload.Length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0 ? 1u : 0u);
    }
}
