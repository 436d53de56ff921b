using System.Buffers;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Early bytes that all streams hold together, and their common limit.</summary>
internal sealed class HeldBudget(long limit)
{
    internal long Used { get; set; }

    internal bool Exceeded => Used > limit;
}

/// <summary>Bytes that came early, held until the bytes before them come.</summary>
/// <param name="Offset">Stream offset of the first byte.</param>
/// <param name="At">Index of the first byte in the array of held bytes.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Acknowledges">The peer's stream offset that the segment acknowledges.</param>
/// <param name="Frame">Number of its frame.</param>
/// <param name="Time">Capture time of its frame.</param>
/// <param name="InSyn">TCP Fast Open data, which counts only once it is acknowledged (RFC 7413).</param>
internal readonly record struct HeldSegment(long Offset, int At, int Length, long Acknowledges, long Frame, long Time, bool InSyn)
{
    internal long End => Offset + Length;
}

/// <summary>The early segments of one stream, by offset and without overlaps. Owns pooled memory.</summary>
/// <remarks>
/// All bytes are in one array in the order in which they came. One object a segment would give the garbage collector millions
/// of objects that live just long enough to be moved.
/// </remarks>
internal sealed class HeldSegments(HeldBudget budget, CopyConflicts conflicts)
{
    private readonly List<HeldSegment> _held = [];
    private byte[] _bytes = [];
    private int _used;

    internal int Count => _held.Count;

    internal int Bytes { get; private set; }

    internal HeldSegment First => _held[0];

    internal HeldSegment this[int index] => _held[index];

    /// <summary>Valid until the next segment is added or removed.</summary>
    internal ReadOnlySpan<byte> BytesOf(in HeldSegment held) => _bytes.AsSpan(held.At, held.Length);

    /// <summary>Offset 0 moved by <paramref name="by"/> bytes.</summary>
    internal void Shift(long by)
    {
        for (var i = 0; i < _held.Count; i++) _held[i] = _held[i] with { Offset = _held[i].Offset + by };
    }

    /// <summary>The peer's offset 0 moved by <paramref name="by"/> bytes.</summary>
    internal void ShiftPeer(long by)
    {
        for (var i = 0; i < _held.Count; i++) _held[i] = _held[i] with { Acknowledges = _held[i].Acknowledges + by };
    }

    /// <summary>The first segment no longer waits for bytes of the peer.</summary>
    internal void ReleaseFirst() => _held[0] = _held[0] with { Acknowledges = long.MinValue, InSyn = false };

    /// <summary>The latest capture time among the segments with bytes of [from, to).</summary>
    internal long LatestTime(long from, long to)
    {
        var time = long.MinValue;
        foreach (var held in _held)
            if (held.Offset < to && held.End > from) time = Math.Max(time, held.Time);
        return time;
    }

    internal void RemoveFirst() => Remove(0);

    internal void Clear()
    {
        while (_held.Count > 0) Remove(_held.Count - 1);
    }

    /// <summary>Inserts the parts of the bytes that are not held yet.</summary>
    /// <param name="frame">The frame that brought them.</param>
    /// <param name="bytes">The bytes; copied.</param>
    /// <param name="offset">Stream offset of the first one.</param>
    /// <param name="acknowledges">The peer's stream offset that the segment acknowledges.</param>
    /// <param name="inSyn">The segment has the SYN flag.</param>
    /// <param name="isNext">The bytes are the next to deliver. Held bytes that waited and differ give way to them, as in Linux.</param>
    /// <returns>False when all of them were held already.</returns>
    internal bool Add(in Frame frame, ReadOnlySpan<byte> bytes, long offset, long acknowledges, bool inSyn, bool isNext)
    {
        var isNew = false;
        var i = 0;
        var segment = new HeldSegment(offset, 0, 0, acknowledges, frame.Number, frame.Time, inSyn);
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
                GiveWay(i, offset, offset + bytes.Length);
                continue;
            }
            if (held.Offset > offset)
            {
                var before = (int)(held.Offset - offset);
                Insert(i++, segment with { Offset = offset }, bytes[..before]);
                isNew = true;
                bytes = bytes[before..];
                offset += before;
                continue;
            }
            var shared = (int)Math.Min(held.End - offset, bytes.Length);
            if (conflicts.Compare(BytesOf(held).Slice((int)(offset - held.Offset), shared), offset, bytes[..shared], offset) && isNext
                && (held.Offset > segment.Offset || held.Acknowledges > acknowledges))
            {
                // A segment that answers what its sender cannot have read yet was forged: all of it goes.
                if (held.Acknowledges > acknowledges) Remove(i);
                else GiveWay(i, offset, offset + bytes.Length);
                continue;
            }
            bytes = bytes[shared..];
            offset += shared;
            i++;
        }
        if (bytes.IsEmpty) return isNew;
        Insert(i, segment with { Offset = offset }, bytes);
        return true;
    }

    /// <summary>Removes the bytes of [from, to) from a held segment.</summary>
    private void GiveWay(int at, long from, long to)
    {
        var held = _held[at];
        var bytes = BytesOf(held).ToArray();
        Remove(at);
        if (held.End > to) Insert(at, held with { Offset = to }, bytes.AsSpan((int)(to - held.Offset)));
        if (held.Offset < from) Insert(at, held, bytes.AsSpan(0, (int)(from - held.Offset)));
    }

    private void Insert(int at, in HeldSegment segment, ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _used < bytes.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_used));
        _held.Insert(at, segment with { At = _used, Length = bytes.Length });
        _used += bytes.Length;
        Add(bytes.Length);
    }

    /// <summary>Moves the held bytes into a larger array. At most three bytes are moved for each byte that comes.</summary>
    private void MakeRoom(int length)
    {
        var old = _bytes;
        _bytes = ArrayPool<byte>.Shared.Rent(Bytes * 3 / 2 + length);
        _used = 0;
        for (var i = 0; i < _held.Count; i++)
        {
            old.AsSpan(_held[i].At, _held[i].Length).CopyTo(_bytes.AsSpan(_used));
            _held[i] = _held[i] with { At = _used };
            _used += _held[i].Length;
        }
        ArrayPool<byte>.Shared.Return(old);
    }

    private void Remove(int at)
    {
        Add(-_held[at].Length);
        _held.RemoveAt(at);
        if (_held.Count > 0) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _used = 0;
    }

    private void Add(int bytes)
    {
        Bytes += bytes;
        budget.Used += bytes;
    }
}
