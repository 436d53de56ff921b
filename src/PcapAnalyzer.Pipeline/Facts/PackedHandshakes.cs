using System.Collections;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>
/// Handshakes as bytes in large arrays, by number: no object each, so that a million are nothing to the garbage collector.
/// </summary>
public sealed class PackedHandshakes : IReadOnlyCollection<Handshake>
{
    /// <summary>By how much the facts of a connection usually grow until it is over.</summary>
    private const int Growth = 48;

    private readonly FactBytes _bytes;
    private readonly PackedBytes _packed = new();

    /// <summary>By number: what never changes, and what the connection does meanwhile. No room where there is no handshake.</summary>
    private readonly List<(PackedPlace Handshake, PackedPlace Connection)> _places = [];

    internal PackedHandshakes(FactBytes bytes) => _bytes = bytes;

    public int Count { get; private set; }

    /// <summary>Bytes that all of them take.</summary>
    public long Size => _packed.Size;

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
            return _bytes.Read(Wire.Handshake.Parser.ParseFrom(_packed.Open(handshake)),
                Wire.Connection.Parser.ParseFrom(_packed.Open(connection)))! with
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
            _packed.Store(_places[handshake.Number].Handshake, HandshakeBytes.ToWire(handshake), 0),
            _packed.Store(_places[handshake.Number].Connection, HandshakeBytes.ToWire(handshake.Connection, handshake.Started),
                handshake.Connection.IsGivenUp ? 0 : Growth)); // nobody follows it any more
    }

    /// <returns>False when there is no such handshake.</returns>
    internal bool Update(ConnectionUpdate update)
    {
        if (!Contains(update.Number)) return false;
        var place = _places[update.Number];
        _places[update.Number] = place with
        {
            Connection = _packed.Store(place.Connection,
            HandshakeBytes.ToWire(update.Connection, update.Started), Growth)
        };
        return true;
    }
}
