using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing;

/// <summary>A conversation in the order of the wire: who sends what, who waits, who closes.</summary>
public sealed class Playbook(string initiator = "10.0.0.1:50000", string acceptor = "10.0.0.2:4400", long startMilliseconds = 0)
{
    private const long Millisecond = 1_000_000;
    private const long Epoch = 1_700_000_000_000_000_000;

    private readonly List<TracePacket> _packets = [];
    private readonly Endpoint _initiator = Parse(initiator);
    private readonly Endpoint _acceptor = Parse(acceptor);
    private long _time = Epoch + startMilliseconds * Millisecond;
    private uint _initiatorNext = 1000;
    private uint _acceptorNext = 9000;

    public IReadOnlyList<TracePacket> Packets => _packets;

    /// <summary>SYN, SYN-ACK, ACK.</summary>
    public Playbook Connect() => Syn().Send(false, TcpFlags.Syn | TcpFlags.Ack, []).Send(true, TcpFlags.Ack, []);

    public Playbook Syn() => Send(true, TcpFlags.Syn, []);

    public Playbook Refuse() => Send(false, TcpFlags.Rst | TcpFlags.Ack, []);

    public Playbook Initiator(params byte[][] messages) =>
        Send(true, TcpFlags.Psh | TcpFlags.Ack, [.. messages.SelectMany(bytes => bytes)]);

    public Playbook Acceptor(params byte[][] messages) =>
        Send(false, TcpFlags.Psh | TcpFlags.Ack, [.. messages.SelectMany(bytes => bytes)]);

    /// <summary>Removes the last packet from the capture, although its receiver got it.</summary>
    public Playbook LoseLast()
    {
        _packets.RemoveAt(_packets.Count - 1);
        return this;
    }

    /// <summary>Adds a packet that no TCP stack would send.</summary>
    public Playbook Add(TracePacket packet)
    {
        _packets.Add(packet);
        return this;
    }

    public Playbook Wait(long milliseconds)
    {
        _time += milliseconds * Millisecond;
        return this;
    }

    public Playbook InitiatorCloses() => Send(true, TcpFlags.Fin | TcpFlags.Ack, []);

    public Playbook AcceptorCloses() => Send(false, TcpFlags.Fin | TcpFlags.Ack, []);

    public Playbook InitiatorResets() => Send(true, TcpFlags.Rst | TcpFlags.Ack, []);

    public Playbook AcceptorResets() => Send(false, TcpFlags.Rst | TcpFlags.Ack, []);

    /// <summary>A complete handshake of ractor nodes, up to the acknowledgement.</summary>
    public Playbook Handshake(string from, string to, string initiatorCookie, string? acceptorCookie = null, string? at = null,
        string? listening = null, uint challenge = 42) =>
        Connect()
            .Initiator(RactorBytes.Name(from, at ?? "localhost:4401"))
            .Acceptor(RactorBytes.Status(), RactorBytes.Challenge(to, challenge, listening ?? "localhost:4400"))
            .Initiator(RactorBytes.Reply(7, challenge, initiatorCookie))
            .Acceptor(RactorBytes.Ack(7, acceptorCookie ?? initiatorCookie));

    /// <summary>A complete handshake of Erlang nodes.</summary>
    public Playbook Erlang(string from, string to, string cookie = "right", string? acceptorCookie = null) =>
        Connect()
            .Initiator(ErlangBytes.Name(from))
            .Acceptor(ErlangBytes.Status(), ErlangBytes.Challenge(to, 42))
            .Initiator(ErlangBytes.Reply(7, 42, cookie))
            .Acceptor(ErlangBytes.Ack(7, acceptorCookie ?? cookie));

    public Playbook Send(bool fromInitiator, TcpFlags flags, byte[] payload)
    {
        _time += Millisecond / 10;
        ref var next = ref fromInitiator ? ref _initiatorNext : ref _acceptorNext;
        var peer = fromInitiator ? _acceptorNext : _initiatorNext;
        _packets.Add(new TracePacket(
            _time, fromInitiator ? _initiator : _acceptor, fromInitiator ? _acceptor : _initiator, next,
                (flags & TcpFlags.Ack) == 0 ? 0 : peer, flags, payload));
        next += (uint)payload.Length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0 ? 1u : 0u);
        return this;
    }

    /// <summary>The packets with other initial sequence numbers.</summary>
    public IEnumerable<TracePacket> Renumbered(uint by) => _packets.Select(packet => packet with
    {
        Sequence = packet.Sequence + by,
        Acknowledgment = (packet.Flags & TcpFlags.Ack) == 0 ? 0 : packet.Acknowledgment + by,
    });

    /// <summary>Analyzes several conversations as one capture, in time order.</summary>
    public static CaptureReport Report(IReadOnlyDictionary<string, string> cookies, params Playbook[] plays) =>
        Trace.Report(
            plays.SelectMany(play => play.Packets).OrderBy(packet => packet.Time),
            new CookieRing([.. cookies.Select(cookie => Cookie.FromText(cookie.Key, cookie.Value))]));

    /// <summary><c>outcome code certainty</c> of each handshake, in report order.</summary>
    public static string Says(CaptureReport report) =>
        string.Join("; ", report.Handshakes.Select(handshake =>
            $"{handshake.Outcome.Kebab()} {handshake.Diagnosis.Code.Kebab()} {handshake.Diagnosis.Certainty.Kebab()}"));

    private static Endpoint Parse(string text)
    {
        var endpoint = System.Net.IPEndPoint.Parse(text);
        return Endpoint.From(endpoint.Address, (ushort)endpoint.Port);
    }
}
