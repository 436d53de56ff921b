using System.Buffers.Binary;
using System.Collections;
using Google.Protobuf;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>
/// Handshakes as bytes in large arrays, by number: no object each, so that a million are nothing to the garbage collector.
/// </summary>
public sealed class PackedHandshakes : IReadOnlyCollection<Handshake>
{
    private const int ChunkLength = 1 << 20;

    /// <summary>By how much the facts of a connection usually grow until it is over.</summary>
    private const int Growth = 48;

    /// <summary>Where the length of a message stands, and the message behind it.</summary>
    private readonly record struct Place(int Chunk, int At, int Room);

    private readonly FactBytes _bytes;
    private readonly List<byte[]> _chunks = [];

    /// <summary>By number: what never changes, and what the connection does meanwhile. No room where there is no handshake.</summary>
    private readonly List<(Place Handshake, Place Connection)> _places = [];

    private int _used;

    internal PackedHandshakes(FactBytes bytes) => _bytes = bytes;

    public int Count { get; private set; }

    /// <summary>Bytes that all of them take.</summary>
    public long Size { get; private set; }

    /// <summary>The highest number of a handshake; 0 where there is none.</summary>
    public int LastNumber => Math.Max(0, _places.Count - 1);

    /// <summary>The numbers that have a handshake, in order.</summary>
    public IEnumerable<int> Numbers => Enumerable.Range(1, LastNumber).Where(Contains);

    public bool Contains(int number) => number > 0 && number < _places.Count && _places[number].Handshake.Room > 0;

    public Handshake this[int number]
    {
        get
        {
            var (handshake, connection) = _places[number];
            return _bytes.Read(Wire.Handshake.Parser.ParseFrom(Open(handshake)),
                Wire.Connection.Parser.ParseFrom(Open(connection)))! with
            { Number = number };
        }
    }

    public IEnumerator<Handshake> GetEnumerator() => Numbers.Select(number => this[number]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(Handshake handshake)
    {
        while (_places.Count <= handshake.Number) _places.Add(default);
        if (!Contains(handshake.Number)) Count++;
        _places[handshake.Number] = (
            Store(_places[handshake.Number].Handshake, HandshakeBytes.ToWire(handshake), 0),
            Store(_places[handshake.Number].Connection, HandshakeBytes.ToWire(handshake.Connection, handshake.Started), Growth));
    }

    /// <returns>False when there is no such handshake.</returns>
    internal bool Update(ConnectionUpdate update)
    {
        if (!Contains(update.Number)) return false;
        var place = _places[update.Number];
        _places[update.Number] = place with
        {
            Connection = Store(place.Connection,
            HandshakeBytes.ToWire(update.Connection, update.Started), Growth)
        };
        return true;
    }

    private ReadOnlySpan<byte> Open(Place place)
    {
        var bytes = _chunks[place.Chunk].AsSpan(place.At, place.Room);
        return bytes.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(bytes));
    }

    /// <summary>Writes where the old bytes were, if there is room, else at the end.</summary>
    private Place Store(Place old, IMessage message, int growth)
    {
        var length = message.CalculateSize();
        var place = old.Room >= sizeof(int) + length ? old : Reserve(sizeof(int) + length + growth);
        var bytes = _chunks[place.Chunk].AsSpan(place.At);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        message.WriteTo(bytes.Slice(sizeof(int), length));
        return place;
    }

    private Place Reserve(int room)
    {
        if (_chunks.Count == 0 || _used + room > _chunks[^1].Length)
        {
            _chunks.Add(new byte[Math.Max(ChunkLength, room)]);
            _used = 0;
        }
        _used += room;
        Size += room;
        return new Place(_chunks.Count - 1, _used - room, room);
    }
}
