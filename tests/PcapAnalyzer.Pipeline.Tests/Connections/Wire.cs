using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>One conversation, driven segment by segment, whose bytes a recorder writes down.</summary>
internal sealed class Wire
{
    internal const uint Isn = 5000;
    private const uint PeerIsn = 100;
    private static readonly Endpoint Low = Endpoint.FromIpv4(0x0A000001, 1000);
    private static readonly Endpoint High = Endpoint.FromIpv4(0x0A000002, 2000);

    private readonly Recorder _recorder = new();
    private readonly uint _move;
    private long _number;

    /// <param name="options">Limits.</param>
    /// <param name="isn">
    /// Low's initial sequence number, which all others are moved with; High's stands <see cref="PeerIsn"/> before the wrap when this does.
    /// </param>
    internal Wire(AnalyzerOptions? options = null, uint isn = Isn)
    {
        _move = unchecked(isn - Isn);
        Budget = new HeldBudget(long.MaxValue);
        var table = new ConnectionTable(Analysis.Options.Connections, (ref _, _) => { });
        WatchedConnection = table.Watch(table.Add(FlowKey.Of(Low, High, out _), 0));
        WatchedConnection.Reassembly = new Reassembly(WatchedConnection, _recorder, (options ?? Analysis.Options).Connections, Budget);
    }

    internal HeldBudget Budget { get; }

    internal WatchedConnection WatchedConnection { get; }

    internal DirectionReassembler Stream => WatchedConnection.Reassembly!.Of(true);

    internal string Text => _recorder.Text;

    internal long Time { get; set; }

    internal Wire Open() => Send(true, Isn, 0, TcpFlags.Syn).Send(false, PeerIsn, Isn + 1, TcpFlags.Syn | TcpFlags.Ack);

    /// <summary>Low sends text at an offset, with the peer's byte <paramref name="acknowledges"/> as the next expected.</summary>
    internal Wire Data(long at, string text, uint acknowledges = 0, int wire = 0) =>
        Send(true, unchecked(Isn + 1 + (uint)at), PeerIsn + 1 + acknowledges, TcpFlags.Ack, text, wire);

    internal Wire Answer(long at, string text, uint acknowledges = 0) =>
        Send(false, PeerIsn + 1 + (uint)at, Isn + 1 + acknowledges, TcpFlags.Ack, text);

    internal Wire Send(bool fromLow, uint sequence, uint acknowledgment, TcpFlags flags, string text = "", int wire = 0)
    {
        var payload = System.Text.Encoding.ASCII.GetBytes(text);
        var segment = new TcpSegment
        {
            Flow = FlowKey.Of(Low, High, out _),
            FromLow = fromLow,
            Sequence = unchecked(sequence + _move),
            Acknowledgment = (flags & TcpFlags.Ack) == 0 ? 0 : unchecked(acknowledgment + _move),
            Flags = flags,
            Payload = payload,
            Length = Math.Max(payload.Length, wire),
        };
        WatchedConnection.Headers.Follow(new Frame(++_number, Time, LinkLayer.Raw, default, 0), segment, WatchedConnection);
        return this;
    }

    internal Wire Wait(long nanoseconds)
    {
        Time += nanoseconds;
        return this;
    }

    internal string End()
    {
        WatchedConnection.Reassembly?.Finish();
        return Text;
    }

    /// <summary>What a reader sees: bytes of both directions as text, High's in upper case, gaps as [n].</summary>
    private sealed class Recorder : IStreamReader
    {
        internal string Text { get; private set; } = "";

        public bool IsFollowing => false;

        public void OnBytes(DirectionReassembler stream)
        {
            Text += string.Concat(stream.Buffer.Unread.ToArray()
                .Select(letter => stream.FromLow ? (char)letter : char.ToUpperInvariant((char)letter)));
            stream.Buffer.Advance(stream.Buffer.Unread.Length);
        }

        public void OnGap(DirectionReassembler stream, long length) => Text += $"[{length}]";

        public void OnEnd()
        {
        }
    }
}
