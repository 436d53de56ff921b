using System.Collections;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>The handshakes of a capture as packed facts, by number: a few hundred bytes each, unpacked when asked for.</summary>
public sealed class HandshakeArchive(HandshakePacker packer) : IReadOnlyCollection<Handshake>
{
    private const int ChunkLength = 1 << 20;

    /// <summary>What the facts of a connection grow by until it is over, as a rule.</summary>
    private const int Growth = 16;

    private readonly record struct Place(int Chunk, int At, int Room);

    private readonly List<byte[]> _chunks = [];

    /// <summary>By handshake number, what never changes and what the rest of the connection does; no room where there is none.</summary>
    private readonly List<(Place Handshake, Place Connection)> _places = [];

    private int _used;

    public int Count { get; private set; }

    /// <summary>Bytes that all of them take.</summary>
    public long Size { get; private set; }

    /// <summary>The highest number; not every one up to it need be there.</summary>
    public int LastId => _places.Count - 1;

    public bool Contains(int id) => id > 0 && id < _places.Count && _places[id].Handshake.Room > 0;

    public Handshake this[int id] => packer.Unpack(Open(_places[id].Handshake), Open(_places[id].Connection));

    /// <summary>A handshake as it will be when it comes back from here: with the fields of its messages.</summary>
    internal Handshake Whole(Handshake handshake)
    {
        var bytes = packer.Pack(handshake).ToArray();
        return packer.Unpack(new PackedReader(bytes, 0), new PackedReader(packer.Pack(handshake.Connection, handshake.Started).ToArray(), 0));
    }

    internal void Add(Handshake handshake)
    {
        while (_places.Count <= handshake.Id) _places.Add(default);
        Count++;
        _places[handshake.Id] = (Store(default, packer.Pack(handshake), 0), Store(default, packer.Pack(handshake.Connection, handshake.Started), Growth));
    }

    /// <summary>Tells what has become of a handshake's connection.</summary>
    internal void Update(int id, ConnectionFacts connection, long started) =>
        _places[id] = _places[id] with { Connection = Store(_places[id].Connection, packer.Pack(connection, started), Growth) };

    public IEnumerator<Handshake> GetEnumerator()
    {
        for (var id = 1; id <= LastId; id++)
            if (Contains(id)) yield return this[id];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private PackedReader Open(Place place) => new(_chunks[place.Chunk], place.At);

    /// <summary>Where the bytes are now: in the old place, if they fit there.</summary>
    private Place Store(Place old, ReadOnlySpan<byte> bytes, int growth)
    {
        var place = old.Room >= bytes.Length ? old : Reserve(bytes.Length + growth);
        bytes.CopyTo(_chunks[place.Chunk].AsSpan(place.At));
        return place;
    }

    private Place Reserve(int length)
    {
        if (_chunks.Count == 0 || _used + length > _chunks[^1].Length)
        {
            _chunks.Add(new byte[Math.Max(ChunkLength, length)]);
            _used = 0;
        }
        _used += length;
        Size += length;
        return new Place(_chunks.Count - 1, _used - length, length);
    }
}
