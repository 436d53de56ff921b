using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>
/// Plays segments of a known conversation in any order, number and form, and checks the result against the bytes that both
/// sides sent.
/// </summary>
/// <remarks>
/// The first byte: bits 0 and 1 select the content, bit 2 selects whose address is lower, bit 3 makes sequence numbers wrap,
/// bit 4 sends SYNs first. Then come four bytes per segment: flags (bit 0 the sender, bits 1 to 3 the <see cref="Kind"/>,
/// bit 4 no ACK), offset, length, and the acknowledged offset of the other side.
/// </remarks>
internal static class StreamTarget
{
    private enum Kind
    {
        Data,
        DataOnTime,

        /// <summary>Offset and length in units of 256 bytes.</summary>
        Large,

        /// <summary>Bytes that differ from the stream.</summary>
        Other,

        /// <summary>A snapshot length cut the payload to half.</summary>
        Cut,

        /// <summary>The length byte holds TCP flags.</summary>
        Flags,

        /// <summary>The SYN of another connection, whose sequence number differs by the offset.</summary>
        Reused,

        /// <summary>Time passes, in units of 0.1 s.</summary>
        Wait,
    }

    private const int ContentLength = 2 * 256 * 256;
    private const long Start = 1_700_000_000_000_000_000;

    private static readonly byte[][][] Contents = [.. Enumerable.Range(0, 4).Select(number => ContentOf(number))];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var script = new Script(input[0]);
        for (var rest = input[1..]; rest.Length >= 4; rest = rest[4..]) script.Play(rest);
        script.Finish();
    }

    /// <summary>The bytes that initiator and acceptor send, followed by noise without repetition.</summary>
    private static byte[][] ContentOf(int number)
    {
        byte[][] said = number switch
        {
            0 => [[.. ErlangBytes.Name("b@h"), .. ErlangBytes.Reply(7, 42, "right")],
                [.. ErlangBytes.Status(), .. ErlangBytes.Challenge("a@h", 42), .. ErlangBytes.Ack(7, "right")]],
            1 => [[.. RactorBytes.Name("b@h"), .. RactorBytes.Reply(7, 42, "wrong")],
                [.. RactorBytes.Status(), .. RactorBytes.Challenge("a@h", 42), .. RactorBytes.Ack(7, "right")]],
            2 => [ErlangBytes.Lookup("hare"), ErlangBytes.Found("hare", 9100)],
            _ => [[], []],
        };
        var random = new Random(number);
        foreach (ref var bytes in said.AsSpan())
        {
            var noise = new byte[ContentLength - bytes.Length];
            random.NextBytes(noise);
            bytes = [.. bytes, .. noise];
        }
        return said;
    }

    private sealed class Script
    {
        private readonly byte[][] _content;
        private readonly bool _startsWithSyns;
        private readonly Endpoint[] _ends;
        private readonly uint[] _origins;
        private readonly ReportCheck _check = new();
        private readonly Recorder _recorder;
        private readonly WatchedConnection _conversation;
        private readonly HeldBudget _budget = new(1 << 20);
        private readonly FlowKey _key;
        private readonly bool _initiatorIsLow;
        private long _number;
        private long _time = Start;

        /// <summary>Time passed after both FINs were acknowledged. Later segments belong to another connection with new offsets.</summary>
        private bool _isAnother;

        /// <summary>A segment had bytes outside the content, or claimed another start of the stream.</summary>
        private bool _isForged;

        internal Script(byte head)
        {
            _content = Contents[head & 3];
            _initiatorIsLow = (head & 4) == 0;
            _startsWithSyns = (head & 16) != 0;
            _ends = [Endpoint.FromIpv4(_initiatorIsLow ? 0x0A000001u : 0x0A000009, 50000),
                Endpoint.FromIpv4(0x0A000005, (ushort)((head & 3) == 2 ? 4369 : 4400))];
            _origins = (head & 8) != 0 ? [0xFFFF_FFE0, 0xFFFF_FFFF] : [1000, 9000];
            _key = FlowKey.Of(_ends[0], _ends[1], out _);
            _recorder = new Recorder(_content, _initiatorIsLow);
            var table = new ConnectionTable(Analysis.Options.Connections, (ref _, _) => { });
            _conversation = table.Watch(table.Add(_key, _time));
            _conversation.Reassembly = new Reassembly(_conversation, _recorder, Analysis.Options.Connections, _budget);
            if (!_startsWithSyns) return;
            Send(0, TcpFlags.Syn, -1, default, 0, 0);
            Send(1, TcpFlags.Syn | TcpFlags.Ack, -1, default, 0, 0);
        }

        internal void Play(ReadOnlySpan<byte> line)
        {
            var (sender, kind, flags) = (line[0] & 1, (Kind)(line[0] >> 1 & 7), (line[0] & 16) == 0 ? TcpFlags.Ack : 0);
            int offset = line[1], length = line[2], acknowledged = line[3];
            _time += 100_000;
            switch (kind)
            {
                case Kind.Large:
                    Send(sender, flags, offset * 256, _content[sender].AsSpan(offset * 256, length * 256), length * 256, acknowledged);
                    break;
                case Kind.Other:
                    _isForged = true;
                    var other = _content[sender].AsSpan(offset, length).ToArray();
                    if (length > 0) other[length / 2] ^= 0x55;
                    Send(sender, flags, offset, other, length, acknowledged);
                    break;
                case Kind.Cut:
                    Send(sender, flags, offset, _content[sender].AsSpan(offset, length / 2), length, acknowledged);
                    break;
                case Kind.Flags:
                    var given = (TcpFlags)(length & 0x17); // FIN, SYN, RST, ACK
                    Send(sender, given, (given & TcpFlags.Syn) != 0 ? -1 : offset, default, 0, acknowledged);
                    break;
                case Kind.Reused:
                    _isForged = true;
                    Send(sender, TcpFlags.Syn | flags, offset, default, 0, acknowledged);
                    break;
                case Kind.Wait:
                    _time += line[1] * 100_000_000L;
                    _isAnother |= _conversation.Headers.IsFinished;
                    break;
                default:
                    Send(sender, flags, offset, _content[sender].AsSpan(offset, length), length, acknowledged);
                    break;
            }
        }

        internal void Finish()
        {
            _conversation.Reassembly?.Finish();
            _conversation.Reassembly?.Dispose();
            FuzzFailure.Unless(_budget.Used == 0, $"{_budget.Used} bytes are held for ever");
            _check.Finish();
            if (_isForged || !_startsWithSyns) return;
            foreach (var handshake in _check.Cluster.Handshakes)
                foreach (var message in handshake.Messages)
                    CheckMessage(message);
        }

        /// <summary>The message's bytes are in its stream, at the offset that the message claims.</summary>
        private void CheckMessage(HandshakeMessage message)
        {
            var content = _content[message.From == Role.Initiator ? 0 : 1];
            FuzzFailure.Unless(!message.IsConflicting, $"{message} is said to be sent with different contents");
            var from = message.StreamFrom + message.Header;
            var isThere = _isAnother ? content.AsSpan().IndexOf(message.Body) >= 0 : from >= 0 && from
                + message.Body.Length <= content.Length && content.AsSpan((int)from, message.Body.Length).SequenceEqual(message.Body);
            FuzzFailure.Unless(message.IsCut || (isThere && message.Body.Length == message.Length),
                $"nobody sent {message} {Convert.ToHexStringLower(message.Body)}");
        }

        /// <param name="sender">0 for the initiator, 1 for the acceptor.</param>
        /// <param name="flags">The segment's flags.</param>
        /// <param name="offset">Stream offset of the first byte; -1 for a SYN.</param>
        /// <param name="payload">The captured bytes.</param>
        /// <param name="wire">The payload's length on the wire.</param>
        /// <param name="acknowledged">The acknowledged offset of the peer, when ACK is set.</param>
        private void Send(int sender, TcpFlags flags, long offset, ReadOnlySpan<byte> payload, int wire, int acknowledged)
        {
            var segment = new TcpSegment
            {
                Flow = _key,
                FromLow = sender == 0 == _initiatorIsLow,
                Sequence = unchecked(_origins[sender] + (uint)offset),
                Acknowledgment = (flags & TcpFlags.Ack) == 0 ? 0 : unchecked(_origins[1 - sender] + (uint)acknowledged),
                Flags = flags,
                Payload = payload,
                Length = wire,
            };
            var datagram = FrameBuilder.Ipv4(_ends[sender], _ends[1 - sender],
                FrameBuilder.Tcp(_ends[sender].Port, _ends[1 - sender].Port, segment.Sequence, segment.Acknowledgment, flags, payload));
            var missing = wire - payload.Length;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)(datagram.Length + missing));
            _check.AcceptDatagram(_time, datagram, datagram.Length + missing);
            _recorder.IsChecking = _startsWithSyns && !_isForged;
            if ((flags & TcpFlags.Rst) == 0) _recorder.NoteCaptured(sender, offset, payload.Length);
            if (offset > _conversation.FinAt(segment.FromLow) || offset > _recorder.Next(sender)) _recorder.Early += payload.Length;
            _conversation.Headers.Follow(new Frame(++_number, _time, LinkLayer.Raw, default, 0), segment, _conversation);
        }
    }

    /// <summary>Checks the bytes and gaps that a stream reader receives against what was sent and captured.</summary>
    private sealed class Recorder(byte[][] content, bool initiatorIsLow) : IStreamReader
    {
        private readonly System.Collections.BitArray[] _captured = [new(ContentLength), new(ContentLength)];
        private readonly long[] _next = new long[2];

        internal bool IsChecking { get; set; }

        /// <summary>
        /// Bytes that arrived beyond a FIN or a hole. The reassembler may drop those over its limit when the peer acknowledges past
        /// the hole, even if they later prove to be part of the stream.
        /// </summary>
        internal long Early { get; set; }

        internal long Next(int sender) => _next[sender];

        public bool IsFollowing => false;

        internal void NoteCaptured(int sender, long offset, int length)
        {
            for (var at = offset; at < offset + length; at++) _captured[sender][(int)at] = true;
        }

        public void OnBytes(DirectionReassembler stream)
        {
            var bytes = stream.Buffer.Unread;
            if (IsChecking)
            {
                var side = Expect(stream);
                FuzzFailure.Unless(content[side].AsSpan((int)_next[side]).StartsWith(bytes),
                    $"the {bytes.Length} bytes at {_next[side]} of side {side} were not sent");
                _next[side] += bytes.Length;
            }
            stream.Buffer.Advance(bytes.Length);
        }

        public void OnGap(DirectionReassembler stream, long length)
        {
            if (!IsChecking) return;
            var side = Expect(stream);
            for (var at = _next[side]; at < _next[side] + length && at < ContentLength; at++)
                FuzzFailure.Unless(!_captured[side][(int)at] || Early > Analysis.Options.Connections.MaxHeldBytes,
                    $"byte {at} of side {side} was captured, and is said to be missing");
            _next[side] += length;
        }

        public void OnEnd()
        {
        }

        private int Expect(DirectionReassembler stream)
        {
            var side = stream.FromLow == initiatorIsLow ? 0 : 1;
            FuzzFailure.Unless(stream.Buffer.Position == _next[side],
                $"side {side} goes on at {stream.Buffer.Position} instead of {_next[side]}");
            return side;
        }
    }
}
