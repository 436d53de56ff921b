using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Testing;

/// <summary>Writes the capture of a <see cref="CaptureShape"/> as a stream, without allocating per packet of a flow.</summary>
public sealed class CaptureGenerator
{
    private const long Epoch = 1_700_000_000_000_000;

    /// <summary>Maximum handshakes under way at the same time.</summary>
    private const int MostLive = 64;

    /// <summary>Packets between a segment and its answer. As on a real network, packets of one flow are not adjacent.</summary>
    private const int RoundTrip = 12;

    /// <summary>tshark dissects neither this port nor HTTP 0.9 requests, so it loses no time reassembling endless HTTP bodies.</summary>
    private const ushort ServicePort = 9001;

    private readonly CaptureShape _shape;
    private readonly PcapFile _file;
    private readonly TcpTemplate _template = new();
    private readonly Queue<Answer> _inFlight = new();
    private readonly List<HandshakeScript> _live = [];
    private readonly TcpNumbers[] _flows;
    private readonly byte[] _text;
    private readonly byte[] _request;
    private ulong _random;
    private long _time = Epoch;

    // Flows begin, open and first send data in the order of their numbers, so that one counter each is enough.
    private int _begun;
    private int _opened;
    private int _talking;
    private int _openingsLeft;
    private long _segmentsLeft;
    private int _handshakesBegun;

    private CaptureGenerator(CaptureShape shape, Stream output)
    {
        _shape = shape;
        _random = shape.Seed;
        _openingsLeft = shape.Openings;
        _segmentsLeft = shape.Segments;
        _flows = new TcpNumbers[shape.Flows];
        foreach (ref var flow in _flows.AsSpan()) flow = new TcpNumbers((uint)Random(), (uint)Random());
        _text = new byte[1 << 16];
        foreach (ref var letter in _text.AsSpan()) letter = (byte)"etaoin shrdlu cmfwyp vbgkqj xz"[Below(30)];
        _request = _text[..shape.PayloadBytes];
        var head = "GET /index.html\r\n"u8;
        head[..Math.Min(head.Length, _request.Length)].CopyTo(_request);
        _file = new PcapFile(output);
    }

    private readonly record struct Answer(int Flow, bool FromInitiator, TcpFlags Flags, bool IsOpening);

    /// <summary>Writes the whole capture and closes <paramref name="output"/>.</summary>
    public static void Write(CaptureShape shape, Stream output)
    {
        var generator = new CaptureGenerator(shape, output);
        using (generator._file)
            while (generator.Step()) { }
    }

    /// <summary>Sends one packet; returns false when nothing is left.</summary>
    private bool Step()
    {
        var left = _openingsLeft + _segmentsLeft;
        BeginHandshakes(left);
        if (_live.Count > 0 && (left == 0 || Chance(0.25))) SendHandshake();
        else if (_inFlight.Count > 0 && (_inFlight.Count > RoundTrip || left == 0 || (_openingsLeft == 0 && _opened == 0))) SendAnswer();
        // A few flows open at the start. When there are as many flows as segments, they open throughout the capture.
        else if (_openingsLeft > 0 && Chance(Math.Max(0.25, (double)_openingsLeft / left))) SendOpening();
        else if (_segmentsLeft > 0 && _opened > 0) SendData();
        return left > 0 || _inFlight.Count > 0 || _live.Count > 0;
    }

    /// <summary>Spreads handshakes evenly over the capture.</summary>
    private void BeginHandshakes(long left)
    {
        var all = _shape.Openings + _shape.Segments;
        var due = left == 0 ? _shape.Handshakes : Math.Min(_shape.Handshakes, 1 + _shape.Handshakes * (all - left) / all);
        for (; _handshakesBegun < due && _live.Count < MostLive; _handshakesBegun++)
        {
            var from = Below(_shape.Nodes);
            var to = (from + 1 + Below(_shape.Nodes - 1)) % _shape.Nodes;
            var port = _shape.HandshakeKind == HandshakeKind.Erlang ? CaptureShape.ErlangPort : CaptureShape.RactorPort;
            var peers = new TcpPeers(Host(from), (ushort)(32768 + _handshakesBegun % 28000), Host(to), port);
            var cookie = Chance(_shape.WrongCookieShare) ? "not " + CaptureShape.Cookie : CaptureShape.Cookie;
            var script = HandshakeScript.Of(_shape.HandshakeKind, peers, NodeName(from), NodeName(to), (uint)Random(), cookie);
            script.Next = new TcpNumbers((uint)Random(), (uint)Random());
            _live.Add(script);
        }
    }

    private static uint Host(int node) => 0x0A400001 + (uint)node; // from 10.64.0.1 on

    private static string NodeName(int node) => $"node{node}@host{node}";

    private void SendHandshake()
    {
        var index = Below(_live.Count);
        var script = _live[index];
        var line = script.Lines[script.Sent++];
        Send(script.Peers, ref script.Next, line.FromInitiator, line.Flags, line.Payload);
        if (script.Sent < script.Lines.Count) return;
        _live[index] = _live[^1];
        _live.RemoveAt(_live.Count - 1);
    }

    private void SendOpening()
    {
        _openingsLeft--;
        var isNew = _begun < _flows.Length;
        var flow = isNew ? _begun++ : Below(Math.Max(1, _opened));
        var syn = isNew ? TcpFlags.Syn : TcpFlags.Ack;
        Send(flow, true, syn, []);
        _inFlight.Enqueue(new Answer(flow, false, syn | TcpFlags.Ack, IsOpening: true));
    }

    private void SendAnswer()
    {
        var (flow, fromInitiator, flags, isOpening) = _inFlight.Dequeue();
        Send(flow, fromInitiator, flags, []);
        if (isOpening && fromInitiator) _opened = Math.Max(_opened, flow + 1);
        else if (isOpening) _inFlight.Enqueue(new Answer(flow, true, TcpFlags.Ack, IsOpening: true));
    }

    /// <summary>Sends a segment of a random flow. Every flow sends its request before the segments run out.</summary>
    private void SendData()
    {
        var isFirst = _talking < _opened && (_talking == 0 || _segmentsLeft <= _flows.Length - _talking || Chance(0.5));
        var flow = isFirst ? _talking++ : Below(_talking);
        var fromInitiator = isFirst || Chance(0.5);
        var payload = isFirst ? _request : Text();
        _segmentsLeft--;
        if (_segmentsLeft > 0 && Chance(_shape.ReorderPercent / 100))
        {
            _segmentsLeft--;
            var late = _flows[flow];
            Advance(ref _flows[flow], fromInitiator, payload.Length);
            Send(flow, fromInitiator, TcpFlags.Psh | TcpFlags.Ack, Text());
            Send(Peers(flow), ref late, fromInitiator, TcpFlags.Psh | TcpFlags.Ack, payload);
        }
        else
        {
            Send(flow, fromInitiator, TcpFlags.Psh | TcpFlags.Ack, payload);
        }
        if (_shape.Acknowledgements) _inFlight.Enqueue(new Answer(flow, !fromInitiator, TcpFlags.Ack, IsOpening: false));
    }

    private ReadOnlySpan<byte> Text() => _text.AsSpan(Below(_text.Length - _shape.PayloadBytes), _shape.PayloadBytes);

    /// <summary>4,093 clients of five servers; no two flows have the same addresses and ports.</summary>
    private static TcpPeers Peers(int flow) =>
        new(0x0A100001 + (uint)flow % 4093, (ushort)(40000 + flow / 4093), 0x0A200001 + (uint)flow % 5, ServicePort);

    private void Send(int flow, bool fromInitiator, TcpFlags flags, ReadOnlySpan<byte> payload) =>
        Send(Peers(flow), ref _flows[flow], fromInitiator, flags, payload);

    private void Send(in TcpPeers peers, ref TcpNumbers next, bool fromInitiator, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        _time += 1 + Below(20);
        if (payload.Length == 0 || !Chance(_shape.LossPercent / 100))
        {
            var (own, other) = fromInitiator ? (next.Initiator, next.Acceptor) : (next.Acceptor, next.Initiator);
            _template.Fill(_file.Next(_time, TcpTemplate.Headers + payload.Length), peers, fromInitiator, own,
                (flags & TcpFlags.Ack) == 0 ? 0 : other, flags, payload);
        }
        Advance(ref next, fromInitiator, payload.Length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) == 0 ? 0 : 1));
    }

    private static void Advance(ref TcpNumbers next, bool fromInitiator, int length)
    {
        ref var own = ref fromInitiator ? ref next.Initiator : ref next.Acceptor;
        own += (uint)length;
    }

    private bool Chance(double probability) => probability > 0 && Random() >> 11 < probability * (1L << 53);

    private int Below(int limit) => (int)((Random() >> 32) * (uint)limit >> 32);

    /// <summary>SplitMix64, because System.Random may change its sequence between .NET releases.</summary>
    private ulong Random()
    {
        var mixed = _random += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return mixed ^ mixed >> 31;
    }
}
