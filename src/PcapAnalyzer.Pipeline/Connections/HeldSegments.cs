using System.Buffers;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Bytes held early by all streams together, against their common limit.</summary>
internal sealed class HeldBudget(long limit)
{
    internal long Used { get; set; }

    internal bool Exceeded => Used > limit;
}

/// <summary>Bytes that came early, until what stands before them has come.</summary>
/// <param name="Offset">Stream offset of the first byte.</param>
/// <param name="At">Where it stands among the bytes that are held.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Acknowledges">The peer's offset that its sender had received.</param>
/// <param name="Frame">Number of the frame that brought it.</param>
/// <param name="Time">Its capture time.</param>
/// <param name="InSyn">TCP Fast Open data: counts only once it is acknowledged (RFC 7413).</param>
internal readonly record struct HeldSegment(long Offset, int At, int Length, long Acknowledges, long Frame, long Time, bool InSyn)
{
    internal long End => Offset + Length;
}

/// <summary>The early segments of one stream, by offset and without overlaps. Owns pooled memory.</summary>
/// <remarks>
/// All bytes stand in one array, as they came: an object for each segment would keep the garbage collector busy with
/// millions that live just long enough to be moved.
/// </remarks>
internal sealed class HeldSegments(HeldBudget budget, CopyConflicts conflicts)
{
    private readonly List<HeldSegment> _held = [];
    private byte[] _bytes = [];
    private int _used;

    internal int Count => _held.Count;

    internal int Bytes { get; private set; }

    internal HeldSegment First => _held[0];

    /// <summary>Valid until the next segment is added or removed.</summary>
    internal ReadOnlySpan<byte> BytesOf(in HeldSegment held) => _bytes.AsSpan(held.At, held.Length);

    /// <summary>Offset 0 moved by so many bytes.</summary>
    internal void Shift(long by)
    {
        for (var i = 0; i < _held.Count; i++) _held[i] = _held[i] with { Offset = _held[i].Offset + by };
    }

    /// <summary>The peer's offset 0, which the segments acknowledge, moved by so many bytes.</summary>
    internal void ShiftPeer(long by)
    {
        for (var i = 0; i < _held.Count; i++) _held[i] = _held[i] with { Acknowledges = _held[i].Acknowledges + by };
    }

    /// <summary>The first one waits for nothing of the peer any more.</summary>
    internal void ReleaseFirst() => _held[0] = _held[0] with { Acknowledges = long.MinValue, InSyn = false };

    /// <summary>The latest capture time among those that hold bytes of [from, to).</summary>
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

    /// <summary>Inserts the parts of the bytes that are not held yet. Returns false when there were none.</summary>
    /// <param name="frame">The frame that brought them.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="offset">Stream offset of the first one.</param>
    /// <param name="acknowledges">The peer's offset that their sender had received.</param>
    /// <param name="inSyn">They stood in a SYN.</param>
    /// <param name="isNext">They are the next to deliver: what was held behind a hole, or for bytes of the peer, gives way where it differs, as in Linux.</param>
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
            if (conflicts.Compare(BytesOf(held).Slice((int)(offset - held.Offset), shared), offset, bytes[..shared], offset) && isNext && (held.Offset > segment.Offset || held.Acknowledges > acknowledges))
            {
                // One that answers what its sender cannot have read yet is not his, with all its bytes.
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

    /// <summary>Of data in a SYN, what was sent again counts: its copy of [from, to) goes.</summary>
    private void GiveWay(int at, long from, long to)
    {
        var held = _held[at];
        var bytes = BytesOf(held).ToArray();
        Remove(at);
        if (held.End > to) Insert(at, held with { Offset = to }, bytes.AsSpan((int)(to - held.Offset)));
        if (held.Offset < from) Insert(at, held, bytes.AsSpan(0, (int)(from - held.Offset)));
    }

    /// <param name="at">Its place.</param>
    /// <param name="segment">What it is but for its bytes.</param>
    /// <param name="bytes">Copied.</param>
    private void Insert(int at, in HeldSegment segment, ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _used < bytes.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_used));
        _held.Insert(at, segment with { At = _used, Length = bytes.Length });
        _used += bytes.Length;
        Add(bytes.Length);
    }

    /// <summary>Moves what is still held to where there is room for half as much again: at most three bytes are moved for one that comes.</summary>
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
