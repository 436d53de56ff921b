using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>
/// The first segments of connections that began before the capture, while they look like no handshake's. Most never do; the segments
/// of one that does are followed again from the first.
/// </summary>
/// <remarks>
/// When a capture begins on a running system, nearly all connections are such. A reader costs each of them kilobytes and garbage; here
/// each has a chain of small blocks, in arrays without references.
/// </remarks>
/// <param name="limit">Memory of all blocks, in bytes.</param>
internal sealed class SegmentsAside(long limit)
{
    private const int BlockLength = 256;
    private const int BlockHeader = 16;
    private const int ChunkBits = 9;

    /// <summary>The first block of a chain tells of the whole chain.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Block
    {
        internal int Next;
        internal int Last;
        internal ushort UsedInLast;
        internal ushort Segments;
        internal int Bytes;
        internal Content Content;
    }

    [InlineArray(BlockLength - BlockHeader)]
    private struct Content
    {
        private byte _first;
    }

    /// <summary>What is kept of a segment besides its payload.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Record
    {
        internal long Number;
        internal long Time;
        internal uint Sequence;
        internal uint Acknowledgment;
        internal int Length;
        internal TcpFlags Flags;
        internal bool FromLow;
    }

    private Block[][] _chunks = [];
    private int _blocks;
    private int _free;

    private ref Block this[int block] => ref _chunks[(block - 1) >> ChunkBits][(block - 1) & ((1 << ChunkBits) - 1)];

    /// <summary>Payload bytes and segments of a chain.</summary>
    internal (int Bytes, int Segments) SizeOf(int chain) => chain == 0 ? default : (this[chain].Bytes, this[chain].Segments);

    /// <summary>Keeps a segment behind those of its connection.</summary>
    /// <param name="chain">The connection's chain; 0 while it has none.</param>
    /// <param name="frame">The segment's frame.</param>
    /// <param name="segment">The segment. Its payload was captured whole.</param>
    /// <returns>False when the limit is reached: nothing was kept, and the chain is gone.</returns>
    internal bool TryAdd(ref int chain, in Frame frame, in TcpSegment segment)
    {
        var record = new Record
        {
            Number = frame.Number,
            Time = frame.Time,
            Sequence = segment.Sequence,
            Acknowledgment = segment.Acknowledgment,
            Length = segment.Length,
            Flags = segment.Flags,
            FromLow = segment.FromLow,
        };
        if (chain == 0)
        {
            chain = NewBlock();
            if (chain == 0) return false;
            this[chain].Last = chain;
        }
        if (!Write(chain, MemoryMarshal.AsBytes(new ReadOnlySpan<Record>(in record))) || !Write(chain, segment.Payload))
        {
            Drop(ref chain);
            return false;
        }
        ref var head = ref this[chain];
        head.Segments++;
        head.Bytes += segment.Length;
        return true;
    }

    /// <summary>Forgets a chain.</summary>
    internal void Drop(ref int chain)
    {
        if (chain == 0) return;
        this[this[chain].Last].Next = _free;
        _free = chain;
        chain = 0;
    }

    /// <summary>Takes all segments out of a chain, for <see cref="TryNext"/>.</summary>
    internal ReadOnlySpan<byte> Take(ref int chain)
    {
        var segments = new byte[this[chain].Segments * Unsafe.SizeOf<Record>() + this[chain].Bytes];
        var left = segments.AsSpan();
        for (var block = chain; !left.IsEmpty; block = this[block].Next)
        {
            ReadOnlySpan<byte> content = this[block].Content;
            content = content[..Math.Min(content.Length, left.Length)];
            content.CopyTo(left);
            left = left[content.Length..];
        }
        Drop(ref chain);
        return segments;
    }

    /// <summary>Reads the next of the segments that <see cref="Take"/> returned. Of its frame only number and time are known.</summary>
    /// <returns>False when there are no more.</returns>
    internal static bool TryNext(ref ReadOnlySpan<byte> segments, in FlowKey flow, out Frame frame, out TcpSegment segment)
    {
        frame = default;
        segment = default;
        if (segments.IsEmpty) return false;
        var record = MemoryMarshal.Read<Record>(segments);
        segments = segments[Unsafe.SizeOf<Record>()..];
        frame = new Frame(record.Number, record.Time, LinkLayer.Raw, default, 0);
        segment = new TcpSegment
        {
            Flow = flow,
            FromLow = record.FromLow,
            Flags = record.Flags,
            Sequence = record.Sequence,
            Acknowledgment = record.Acknowledgment,
            Length = record.Length,
            Payload = segments[..record.Length],
        };
        segments = segments[record.Length..];
        return true;
    }

    private bool Write(int chain, ReadOnlySpan<byte> bytes)
    {
        ref var head = ref this[chain];
        while (!bytes.IsEmpty)
        {
            if (head.UsedInLast == BlockLength - BlockHeader)
            {
                var block = NewBlock();
                if (block == 0) return false;
                this[head.Last].Next = block;
                head.Last = block;
                head.UsedInLast = 0;
            }
            Span<byte> room = this[head.Last].Content;
            room = room[head.UsedInLast..];
            var part = bytes[..Math.Min(bytes.Length, room.Length)];
            part.CopyTo(room);
            head.UsedInLast += (ushort)part.Length;
            bytes = bytes[part.Length..];
        }
        return true;
    }

    /// <returns>From 1; 0 when the limit is reached.</returns>
    private int NewBlock()
    {
        var block = _free;
        if (block != 0) _free = this[block].Next;
        else if ((_blocks + 1L) * BlockLength > limit) return 0;
        else
        {
            if (_blocks == _chunks.Length << ChunkBits) _chunks = [.. _chunks, new Block[1 << ChunkBits]];
            block = ++_blocks;
        }
        ref var taken = ref this[block];
        (taken.Next, taken.Last, taken.UsedInLast, taken.Segments, taken.Bytes) = (0, 0, 0, 0, 0);
        return block;
    }
}
