using System.Collections;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>The handshakes of a capture as packed facts, by number: a few hundred bytes each, unpacked when asked for.</summary>
public sealed class HandshakeArchive(HandshakePacker packer) : IReadOnlyCollection<Handshake>
{
    private const int ChunkLength = 1 << 20;

    private readonly record struct Place(int Chunk, int At, int Length);

    private readonly List<byte[]> _chunks = [];

    /// <summary>By handshake number; a length of 0 where there is none.</summary>
    private readonly List<Place> _places = [];

    private int _used;

    public int Count { get; private set; }

    internal HandshakePacker Packer => packer;

    /// <summary>Bytes that all of them take.</summary>
    public long Size { get; private set; }

    /// <summary>The highest number; not every one up to it need be there.</summary>
    public int LastId => _places.Count - 1;

    public bool Contains(int id) => id > 0 && id < _places.Count && _places[id].Length > 0;

    public Handshake this[int id] => packer.Unpack(_chunks[_places[id].Chunk], _places[id].At, _places[id].Length);

    /// <summary>Puts a handshake in; a later one of the same number takes its place.</summary>
    internal void Put(Handshake handshake)
    {
        while (_places.Count <= handshake.Id) _places.Add(default);
        var packed = packer.Pack(handshake);
        var place = _places[handshake.Id];
        if (place.Length == 0) Count++;
        if (place.Length < packed.Length) place = Reserve(packed.Length);
        _places[handshake.Id] = place with { Length = packed.Length };
        packed.CopyTo(_chunks[place.Chunk].AsSpan(place.At));
    }

    public IEnumerator<Handshake> GetEnumerator()
    {
        for (var id = 1; id < _places.Count; id++)
            if (Contains(id)) yield return this[id];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

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
