using System.Buffers;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>The bytes of one direction since the last gap, and the frames that brought them. Owns pooled memory.</summary>
/// <remarks>Bytes that were read stay until room is needed, so that a retransmission can be compared with them.</remarks>
internal sealed class StreamBuffer(int capacity) : IDisposable
{
    /// <summary>The frame that brought the bytes up to <paramref name="End"/>.</summary>
    private readonly record struct Mark(long End, long Frame, long Time);

    /// <summary>Room for a short message: a flood sends nothing but names.</summary>
    private const int FirstLength = 64;

    private readonly List<Mark> _marks = [];
    private byte[] _bytes = [];
    private int _count;
    private int _read;

    /// <summary>Stream offset of the first byte held.</summary>
    internal long Start { get; private set; }

    internal long End => Start + _count;

    /// <summary>Stream offset of the first byte not yet read.</summary>
    internal long Position => Start + _read;

    internal ReadOnlySpan<byte> Unread => _bytes.AsSpan(_read, _count - _read);

    internal int Room => capacity - (_count - _read);

    internal void Advance(int bytes) => _read += bytes;

    /// <summary>Forgets all bytes. The next byte to come has stream offset <paramref name="offset"/>.</summary>
    internal void Restart(long offset)
    {
        Start = offset;
        _count = _read = 0;
        _marks.Clear();
    }

    /// <summary>Appends at most <see cref="Room"/> bytes.</summary>
    internal void Append(ReadOnlySpan<byte> bytes, long frame, long time)
    {
        if (_count + bytes.Length > capacity) DropRead();
        if (_count + bytes.Length > _bytes.Length) Grow(_count + bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
        _marks.Add(new Mark(End, frame, time));
    }

    /// <summary>The bytes of [offset, offset + length) that the buffer still holds; perhaps none.</summary>
    internal ReadOnlySpan<byte> At(long offset, long length)
    {
        var from = Math.Max(offset, Start);
        var to = Math.Min(offset + length, End);
        return from < to ? _bytes.AsSpan((int)(from - Start), (int)(to - from)) : default;
    }

    /// <summary>The frames that brought the bytes [from, to), in stream order, and the latest capture time among them.</summary>
    internal (long[] Frames, long Time) Brought(long from, long to, int most)
    {
        long[] frames = [];
        var time = long.MinValue;
        for (var at = MarkBehind(from); at < _marks.Count; at++)
        {
            var mark = _marks[at];
            if (frames.Length < most && (frames.Length == 0 || frames[^1] != mark.Frame)) frames = [.. frames, mark.Frame];
            time = Math.Max(time, mark.Time);
            if (mark.End >= to) break;
        }
        return (frames, time);
    }

    /// <summary>The pieces that the bytes held came in: where each ends, and which frame brought it.</summary>
    internal IEnumerable<(long End, long Frame, long Time)> Pieces => _marks.Select(mark => (mark.End, mark.Frame, mark.Time));

    /// <summary>Index of the first mark whose bytes reach beyond an offset, by binary search.</summary>
    private int MarkBehind(long offset)
    {
        var (low, high) = (0, _marks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_marks[middle].End <= offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _count = _read = 0;
        _marks.Clear();
    }

    private void DropRead()
    {
        _bytes.AsSpan(_read, _count - _read).CopyTo(_bytes);
        Start += _read;
        _count -= _read;
        _read = 0;
        _marks.RemoveAll(mark => mark.End <= Start);
    }

    private void Grow(int wanted)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(wanted, FirstLength));
        _bytes.AsSpan(0, _count).CopyTo(larger);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
