using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>A segment as it was captured.</summary>
/// <param name="FromClient">Who sent it.</param>
/// <param name="At">Stream offset of its payload; of a SYN 0.</param>
/// <param name="Acknowledges">The peer's offset that it acknowledges.</param>
/// <param name="Flags">Control bits.</param>
/// <param name="Payload">What was sent.</param>
/// <param name="Kept">How much of that a snapshot length left.</param>
internal sealed record Segment(bool FromClient, int At, int Acknowledges, TcpFlags Flags, byte[] Payload, int Kept)
{
    internal int End => At + Payload.Length;

    internal bool IsKeepAlive => Payload is [0] && Flags == TcpFlags.Ack;

    internal bool Has(TcpFlags flag) => (Flags & flag) != 0;

    public override string ToString() =>
        $"{(FromClient ? "client" : "server")} {At} to {End}, {Kept} kept, acknowledges {Acknowledges}, {Flags}";
}

/// <summary>One conversation over a bad network, captured badly. Its number decides every byte.</summary>
internal sealed class BadNetwork
{
    private readonly Random _random;
    private readonly uint[] _isn = new uint[2];
    private readonly List<Segment> _sent = [];

    internal BadNetwork(int number)
    {
        Peers = new TcpPeers(0x0A000001 + (uint)number, (ushort)(20_000 + number), 0x0B000001, 4369);
        _random = new Random(number);
        Truth = [Bytes(_random.Next(1, 1500)), Bytes(_random.Next(1, 1500))];
        // One in three stands before a wrap, which may fall into its SYN, its data or its FIN.
        foreach (ref var isn in _isn.AsSpan()) isn = _random.Next(3) == 0 ? unchecked((uint)-_random.Next(1600))
            : (uint)_random.NextInt64(1L << 32);
        Converse();
        Captured = Capture();
    }

    internal TcpPeers Peers { get; }

    /// <summary>What the client sent, and what the server.</summary>
    internal byte[][] Truth { get; }

    /// <summary>What was captured, in that order.</summary>
    internal IReadOnlyList<Segment> Captured { get; }

    /// <summary>The sequence number of a segment.</summary>
    internal uint SequenceOf(Segment segment) =>
        unchecked(Isn(segment.FromClient) + (segment.Has(TcpFlags.Syn) ? 0u : 1u) + (uint)segment.At);

    /// <summary>Its acknowledgment number.</summary>
    internal uint AcknowledgmentOf(Segment segment) => segment.Has(TcpFlags.Ack)
        ? unchecked(Isn(!segment.FromClient) + 1 + (uint)segment.Acknowledges) : 0;

    /// <summary>The sequence number of offset 0.</summary>
    internal uint First(bool client) => Isn(client) + 1;

    private uint Isn(bool client) => _isn[client ? 0 : 1];

    private bool Chance(int percent) => _random.Next(100) < percent;

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>What both sides send when nothing happens on the way.</summary>
    private void Converse()
    {
        Span<int> sent = stackalloc int[2];
        var early = Chance(5) ? Math.Min(_random.Next(1, 200), Truth[0].Length) : 0; // TCP Fast Open
        var isTaken = Chance(50);
        Add(true, 0, 0, TcpFlags.Syn, Truth[0][..early]);
        if (isTaken) sent[0] = early;
        Add(false, 0, sent[0], TcpFlags.Syn | TcpFlags.Ack, []);
        Add(true, sent[0], 0, TcpFlags.Ack, []);
        for (var side = Chance(80) ? 0 : 1; sent[0] < Truth[0].Length || sent[1] < Truth[1].Length; side = 1 - side)
        {
            var until = Math.Min(Truth[side].Length, sent[side] + _random.Next(1, 600));
            while (sent[side] < until)
            {
                var length = Math.Min(until - sent[side], _random.Next(1, 200));
                Add(side == 0, sent[side], sent[1 - side], TcpFlags.Ack | TcpFlags.Psh, Truth[side].AsSpan(sent[side], length).ToArray());
                sent[side] += length;
                if (Chance(30)) Add(side != 0, sent[1 - side], sent[side], TcpFlags.Ack, []);
            }
            if (Chance(90)) Add(side != 0, sent[1 - side], sent[side], TcpFlags.Ack, []);
            if (!Chance(10)) continue;
            // A keep-alive with garbage, and its answer.
            Add(side != 0, sent[1 - side], sent[side], TcpFlags.Ack, []);
            Add(side == 0, sent[side] - 1, sent[1 - side], TcpFlags.Ack, [0]);
            Add(side != 0, sent[1 - side], sent[side], TcpFlags.Ack, []);
        }
        switch (_random.Next(3))
        {
            case 0:
                Add(true, sent[0], sent[1], TcpFlags.Fin | TcpFlags.Ack, []);
                Add(false, sent[1], sent[0] + 1, TcpFlags.Fin | TcpFlags.Ack, []);
                Add(true, sent[0] + 1, sent[1] + 1, TcpFlags.Ack, []);
                if (Chance(10)) Add(true, sent[0] + 1, sent[1] + 1, TcpFlags.Ack, Bytes(20));
                break;
            case 1:
                Add(false, sent[1], sent[0], TcpFlags.Rst | TcpFlags.Ack, []);
                break;
        }
    }

    private void Add(bool fromClient, int at, int acknowledges, TcpFlags flags, byte[] payload) =>
        _sent.Add(new Segment(fromClient, at, acknowledges, flags, payload, payload.Length));

    /// <summary>What happens to it: each conversation has its own troubles, and many have none of a kind.</summary>
    private List<Segment> Capture()
    {
        var (lost, again, window) = (OneOf(0, 0, 3, 20), OneOf(0, 70, 100), OneOf(0, 0, 2, 4));
        var (copied, overlapping, forged) = (OneOf(0, 10), OneOf(0, 0, 15), OneOf(0, 0, 0, 10));
        var snap = OneOf(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, _random.Next(0, 150));
        // what is cut is not told by tshark, so that nothing else can be compared
        if (snap < int.MaxValue) lost = overlapping = forged = window = 0;
        var isAcross = Chance(25);
        var captured = new List<Segment>();
        var late = new List<(int Wait, Segment Segment)>();
        foreach (var segment in _sent)
        {
            if (segment.IsKeepAlive && snap < int.MaxValue) continue; // its byte stands where nothing is
            var isData = segment.Payload.Length > 0 && !segment.Has(TcpFlags.Syn);
            if (isData && Chance(lost))
            {
                if (Chance(again)) late.Add((_random.Next(1, 8), segment));
            }
            else captured.Add(segment);
            if (isData && Chance(copied)) late.Add((_random.Next(4), segment));
            var hasBefore = isData && segment.At > 0 && segment.End <= Truth[segment.FromClient ? 0 : 1].Length;
            if (hasBefore && Chance(overlapping)) late.Add((_random.Next(4), Resegmented(segment)));
            if (hasBefore && Chance(forged)) late.Add((_random.Next(4), Forged(Resegmented(segment))));
            late = late.ConvertAll(one => (one.Wait - 1, one.Segment));
            captured.AddRange(late.Where(one => one.Wait < 0).Select(one => one.Segment));
            late.RemoveAll(one => one.Wait < 0);
        }
        captured.AddRange(late.Select(one => one.Segment));
        Shuffle(captured, window, isAcross);
        if (snap == int.MaxValue && Chance(4)) captured.RemoveRange(0, Math.Min(captured.Count - 1, _random.Next(1, 8))); // begun too late
        if (Chance(4) && captured.Exists(one => one.FromClient)) captured.RemoveAll(one => !one.FromClient); // one side only
        return captured.ConvertAll(one => one with { Kept = Math.Min(one.Payload.Length, snap) });
    }

    private int OneOf(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];

    /// <summary>The bytes of a segment with some before it, and perhaps not all of its own.</summary>
    private Segment Resegmented(Segment segment)
    {
        var from = Math.Max(0, segment.At - _random.Next(150));
        var to = segment.End - _random.Next(segment.Payload.Length);
        return segment with { At = from, Payload = Truth[segment.FromClient ? 0 : 1][from..to], Kept = to - from };
    }

    private Segment Forged(Segment segment)
    {
        var payload = segment.Payload.ToArray();
        for (var changes = 0; changes < 5; changes++) payload[_random.Next(payload.Length)] ^= (byte)_random.Next(1, 256);
        return segment with { Payload = payload };
    }

    /// <summary>Within one direction, or across both: then an answer may stand before its question. Openings and ends stay.</summary>
    private void Shuffle(List<Segment> captured, int window, bool isAcross)
    {
        for (var i = captured.Count - 1; i > 0 && window > 0; i--)
        {
            var j = Math.Max(0, i - _random.Next(window));
            var range = captured[j..(i + 1)];
            if (range.Exists(one => one.Has(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst))
                || (!isAcross && range.Exists(one => one.FromClient != captured[i].FromClient))) continue;
            (captured[i], captured[j]) = (captured[j], captured[i]);
        }
    }
}
