using System.Collections;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>Sessions as bytes, by number.</summary>
public sealed class PackedSessions : IReadOnlyCollection<Session>
{
    /// <summary>By how much a session's facts usually grow until it is over.</summary>
    private const int Growth = 64;

    private readonly FactBytes _bytes;
    private readonly PackedBytes _packed = new();
    private readonly List<PackedPlace> _places = [];

    internal PackedSessions(FactBytes bytes) => _bytes = bytes;

    public int Count { get; private set; }

    /// <summary>The highest number; 0 while there is none.</summary>
    public int LastNumber => Math.Max(0, _places.Count - 1);

    /// <summary>Bytes that all of them take.</summary>
    public long Size => _packed.Size;

    public Session this[int number] => _bytes.Read(Wire.Session.Parser.ParseFrom(_packed.Open(_places[number])))! with { Number = number };

    public IEnumerator<Session> GetEnumerator() => Enumerable.Range(1, LastNumber).Where(Contains).Select(number => this[number])
        .GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool Contains(int number) => number < _places.Count && _places[number].Room > 0;

    internal void Add(Session session)
    {
        while (_places.Count <= session.Number) _places.Add(default);
        if (_places[session.Number].Room == 0) Count++;
        _places[session.Number] = _packed.Store(_places[session.Number], SessionBytes.ToWire(session), Growth);
    }
}
