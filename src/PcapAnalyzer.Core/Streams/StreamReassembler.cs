using System.Buffers;
using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Streams;

/// <summary>Bytes held early by all streams together, against their common limit.</summary>
internal sealed class HeldBudget(long limit)
{
    internal long Used { get; set; }

    internal bool Exceeded => Used > limit;
}

/// <summary>Puts one direction's segments into order: the first copy of a byte wins, other copies are compared with it.</summary>
internal sealed class StreamReassembler(bool fromLow, AnalyzerOptions options, HeldBudget budget) : IDisposable
{
    /// <param name="Offset">Stream offset of the first byte.</param>
    /// <param name="Bytes">Pooled.</param>
    /// <param name="Length">Bytes used of it.</param>
    /// <param name="Acknowledges">The peer's offset that its sender had received.</param>
    /// <param name="Frame">Number of the frame that brought it.</param>
    /// <param name="Time">Its capture time.</param>
    /// <param name="InSyn">TCP Fast Open data: counts only once it is acknowledged (RFC 7413).</param>
    private readonly record struct Held(long Offset, byte[] Bytes, int Length, long Acknowledges, long Frame, long Time, bool InSyn)
    {
        internal long End => Offset + Length;

        internal ReadOnlySpan<byte> Span => Bytes.AsSpan(0, Length);
    }

    private readonly List<Held> _held = [];
    private readonly List<(long From, long To)> _cut = [];
    private long _highest;
    private int _heldBytes;

    /// <summary>True for the direction that the lower endpoint of the flow key sends.</summary>
    internal bool FromLow => fromLow;

    internal StreamBuffer Buffer { get; } = new(options.MaxMessageBytes);

    /// <summary>Offset of the next byte to deliver.</summary>
    internal long Next { get; private set; }

    /// <summary>What a segment of the peer may acknowledge and be delivered: while the start is awaited, nothing that is held.</summary>
    private long Reached => Started || _held.Count == 0 ? Next : Math.Min(Next, _held[0].Offset);

    /// <summary>False until the first byte's place is known: by its SYN, or by giving up on one.</summary>
    internal bool Started { get; private set; }

    /// <summary>The bytes before the first one delivered were not captured, as far as one can tell.</summary>
    internal bool StartMissing { get; private set; }

    internal int Retransmissions { get; private set; }

    internal int OutOfOrder { get; private set; }

    internal int Overlaps { get; private set; }

    internal long MissingBytes { get; private set; }

    /// <summary>Ranges that were sent twice with different content.</summary>
    internal List<(long From, long To)> Conflicts { get; } = [];

    internal bool IsHolding => _held.Count > 0;

    internal bool IsOverLimit => _heldBytes > options.MaxHeldBytes || _held.Count > options.MaxHeldSegments || budget.Exceeded;

    /// <summary>The SYN was seen: the stream starts at offset 0.</summary>
    internal void Start()
    {
        if (Started) return;
        Started = true;
        Buffer.Restart(0);
    }

    /// <summary>Offset 0 was a guess; the SYN now says that it was <paramref name="by"/> bytes off.</summary>
    internal void Shift(long by)
    {
        for (var i = 0; i < _held.Count; i++) _held[i] = _held[i] with { Offset = _held[i].Offset + by };
        for (var i = 0; i < _cut.Count; i++) _cut[i] = (_cut[i].From + by, _cut[i].To + by);
        _highest += by;
    }

    /// <summary>The same was said of the peer's offset 0, which the held segments acknowledge.</summary>
    internal void ShiftPeer(long by)
    {
        for (var i = 0; i < _held.Count; i++) _held[i] = _held[i] with { Acknowledges = _held[i].Acknowledges + by };
    }

    /// <summary>Takes a segment's payload.</summary>
    /// <param name="frame">The frame that carries it.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="offset">Stream offset of its first byte.</param>
    /// <param name="acknowledges">The peer's stream offset that its acknowledgment number stands for.</param>
    /// <param name="acknowledged">How far the peer has acknowledged this stream.</param>
    internal void Add(in Frame frame, in TcpSegment segment, long offset, long acknowledges, long acknowledged)
    {
        var bytes = segment.Payload;
        var end = offset + segment.Length;
        if (bytes.Length < segment.Length) AddCut(offset + bytes.Length, end);
        var isLate = offset < _highest;
        _highest = Math.Max(_highest, end);
        if (Started && offset < Next)
        {
            // A keep-alive resends the last byte, or garbage in its place (RFC 9293, 3.8.4): not data.
            if (segment.Length == 1 && end == Next && end <= acknowledged) return;
            Compare(Buffer.At(offset, segment.Length), Math.Max(offset, Buffer.Start), bytes, offset);
            if (end <= Next)
            {
                Retransmissions++;
                return;
            }
            Overlaps++;
            bytes = bytes.Length > Next - offset ? bytes[(int)(Next - offset)..] : default;
            offset = Next;
        }
        if (bytes.IsEmpty) return;
        var isNew = Hold(frame, bytes, offset, acknowledges, segment.Has(TcpFlags.Syn));
        if (!isNew) Retransmissions++;
        else if (isLate) OutOfOrder++;
    }

    /// <summary>Delivers what is in order and whose cause is known: the peer's bytes that its sender had received.</summary>
    /// <returns>False when nothing could be delivered.</returns>
    internal bool Deliver(IStreamReader reader, StreamReassembler peer, long acknowledged)
    {
        var any = false;
        while (Started)
        {
            if (_cut.Count > 0 && CutAtNext() is var cut and > 0)
            {
                Skip(reader, cut);
                any = true;
                continue;
            }
            if (_held.Count == 0 || _held[0].Offset > Next) break;
            var head = _held[0];
            if (head.Acknowledges > peer.Reached || (head.InSyn && acknowledged <= head.Offset)) break;
            Take(reader, head);
            any = true;
        }
        return any;
    }

    /// <summary>Gives up on a SYN that was not seen: the stream starts with what is held.</summary>
    /// <returns>False when that was not what it waits for.</returns>
    internal bool GiveUpStart()
    {
        if (Started || _held.Count == 0) return false;
        StartAt(_held[0].Offset);
        return true;
    }

    /// <summary>Gives up on the hole in front of the held bytes.</summary>
    /// <returns>False when there is none.</returns>
    internal bool GiveUpHole(IStreamReader reader)
    {
        if (_held.Count == 0 || _held[0].Offset <= Next) return false;
        Skip(reader, _held[0].Offset - Next);
        return true;
    }

    /// <summary>Gives up on the peer's bytes that the head answers, or on data in a SYN that nobody acknowledged.</summary>
    /// <returns>The peer's offset up to which bytes will not come.</returns>
    internal long GiveUpPeer()
    {
        if (_held.Count == 0) return long.MinValue;
        var head = _held[0];
        if (head.InSyn) Release(0);
        else _held[0] = head with { Acknowledges = long.MinValue };
        return head.Acknowledges;
    }

    /// <summary>Reports the bytes up to <paramref name="offset"/> as missing: the peer acknowledged them and they were not captured.</summary>
    internal void SkipTo(IStreamReader reader, long offset)
    {
        if (_held.Count > 0) offset = Math.Min(offset, _held[0].Offset);
        if (!Started) StartAt(Next);
        if (offset > Next) Skip(reader, offset - Next);
    }

    public void Dispose()
    {
        while (_held.Count > 0) Release(_held.Count - 1);
        Buffer.Dispose();
    }

    private void StartAt(long offset)
    {
        Started = StartMissing = true;
        Next = offset;
        Buffer.Restart(offset);
    }

    private void Skip(IStreamReader reader, long length)
    {
        MissingBytes += length;
        reader.OnGap(this, length);
        Next += length;
        Buffer.Restart(Next);
    }

    private void Take(IStreamReader reader, Held head)
    {
        var bytes = head.Span[(int)Math.Min(Next - head.Offset, head.Length)..];
        while (!bytes.IsEmpty)
        {
            if (Buffer.Room == 0) Buffer.Restart(Next); // a reader that takes nothing loses the oldest, not the memory
            var part = bytes[..Math.Min(bytes.Length, Buffer.Room)];
            Buffer.Append(part, head.Frame, head.Time);
            Next += part.Length;
            bytes = bytes[part.Length..];
            reader.OnBytes(this);
        }
        Release(0);
    }

    /// <summary>Inserts the parts of the bytes that are not held yet. Returns false when there were none.</summary>
    private bool Hold(in Frame frame, ReadOnlySpan<byte> bytes, long offset, long acknowledges, bool inSyn)
    {
        var isNew = false;
        var i = 0;
        while (i < _held.Count && !bytes.IsEmpty)
        {
            var held = _held[i];
            if (held.End <= offset)
            {
                i++;
                continue;
            }
            if (held.Offset >= offset + bytes.Length) break;
            if (held.InSyn && !inSyn)
            {
                Release(i); // resent after the peer ignored it: this copy is the one that counts
                continue;
            }
            if (held.Offset > offset)
            {
                var before = (int)(held.Offset - offset);
                Insert(i++, frame, bytes[..before], offset, acknowledges, inSyn);
                isNew = true;
                bytes = bytes[before..];
                offset += before;
            }
            var shared = (int)Math.Min(held.End - offset, bytes.Length);
            Compare(held.Span.Slice((int)(offset - held.Offset), shared), offset, bytes[..shared], offset);
            bytes = bytes[shared..];
            offset += shared;
            i++;
        }
        if (bytes.IsEmpty) return isNew;
        Insert(i, frame, bytes, offset, acknowledges, inSyn);
        return true;
    }

    private void Insert(int at, in Frame frame, ReadOnlySpan<byte> bytes, long offset, long acknowledges, bool inSyn)
    {
        var copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(copy);
        _held.Insert(at, new Held(offset, copy, bytes.Length, acknowledges, frame.Number, frame.Time, inSyn));
        _heldBytes += bytes.Length;
        budget.Used += bytes.Length;
    }

    private void Release(int at)
    {
        var held = _held[at];
        _held.RemoveAt(at);
        _heldBytes -= held.Length;
        budget.Used -= held.Length;
        ArrayPool<byte>.Shared.Return(held.Bytes);
    }

    private void Compare(ReadOnlySpan<byte> first, long firstAt, ReadOnlySpan<byte> second, long secondAt)
    {
        var from = Math.Max(firstAt, secondAt);
        var to = Math.Min(firstAt + first.Length, secondAt + second.Length);
        if (from >= to) return;
        var length = (int)(to - from);
        if (first.Slice((int)(from - firstAt), length).SequenceEqual(second.Slice((int)(from - secondAt), length))) return;
        if (Conflicts.Count < options.MaxHeldSegments) Conflicts.Add((from, to));
    }

    private void AddCut(long from, long to)
    {
        if (_cut.Count < options.MaxHeldSegments) _cut.Add((from, to));
    }

    /// <summary>How many bytes from here a snapshot length cut off, as far as no other copy brought them.</summary>
    private long CutAtNext()
    {
        _cut.RemoveAll(cut => cut.To <= Next);
        var to = Next;
        foreach (var cut in _cut)
            if (cut.From <= Next) to = Math.Max(to, cut.To);
        if (_held.Count > 0) to = Math.Min(to, Math.Max(Next, _held[0].Offset));
        return to - Next;
    }
}
