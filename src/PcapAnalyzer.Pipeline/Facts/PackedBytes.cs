using System.Buffers.Binary;
using Google.Protobuf;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>The place of a packed message: its length, then its bytes. Room is 0 while there is none.</summary>
internal readonly record struct PackedPlace(int Chunk, int At, int Room);

/// <summary>Messages as bytes in large arrays: no object each, so that a million are nothing to the garbage collector.</summary>
internal sealed class PackedBytes
{
    private const int ChunkLength = 1 << 20;

    private readonly List<byte[]> _chunks = [];
    private int _used;

    /// <summary>Bytes that all of them take.</summary>
    internal long Size { get; private set; }

    internal ReadOnlySpan<byte> Open(PackedPlace place)
    {
        var bytes = _chunks[place.Chunk].AsSpan(place.At, place.Room);
        return bytes.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(bytes));
    }

    /// <summary>Writes where the old bytes were, if there is room, else at the end.</summary>
    internal PackedPlace Store(PackedPlace old, IMessage message, int growth)
    {
        var length = message.CalculateSize();
        var place = old.Room >= sizeof(int) + length ? old : Reserve(sizeof(int) + length + growth);
        var bytes = _chunks[place.Chunk].AsSpan(place.At);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        message.WriteTo(bytes.Slice(sizeof(int), length));
        return place;
    }

    private PackedPlace Reserve(int room)
    {
        if (_chunks.Count == 0 || _used + room > _chunks[^1].Length)
        {
            _chunks.Add(new byte[Math.Max(ChunkLength, room)]);
            _used = 0;
        }
        _used += room;
        Size += room;
        return new PackedPlace(_chunks.Count - 1, _used - room, room);
    }
}
