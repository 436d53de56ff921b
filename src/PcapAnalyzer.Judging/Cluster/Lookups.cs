using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>Which hosts asked EPMD for which nodes, and the handshakes that followed.</summary>
internal sealed class Lookups
{
    /// <summary>A node that dials because of its lookup dials within this time (ns).</summary>
    private const long DialTime = 10_000_000_000;

    private readonly Dictionary<(Endpoint Client, Endpoint Told), Queue<EpmdExchange>> _open = [];
    private readonly Dictionary<int, EpmdExchange> _byHandshake = [];
    private readonly Dictionary<(Endpoint Client, string Alive), Siblings> _asked = [];
    private readonly HashSet<int> _known = [];

    /// <summary>Takes an exchange. One that is told again is known already.</summary>
    internal void Add(EpmdExchange exchange)
    {
        if (exchange is not { Request: EpmdRequest.Lookup, Name: { } alive } || !_known.Add(exchange.Number)) return;
        var key = (exchange.Client.Host, alive);
        if (!_asked.TryGetValue(key, out var asked)) _asked[key] = asked = new Siblings();
        asked.Add(new Sibling(exchange.Number, exchange.Time, exchange.LastTime, 0));
    }

    /// <summary>A lookup was answered with an endpoint: the next handshake of its host there belongs to it.</summary>
    internal void Open(EpmdExchange lookup, Endpoint told)
    {
        var key = (lookup.Client.Host, told);
        if (!_open.TryGetValue(key, out var list)) _open[key] = list = [];
        list.Enqueue(lookup);
    }

    /// <summary>Each lookup leads to one connection: the next one. A connection belongs to the last lookup before it.</summary>
    internal void Dial(int handshake, Endpoint host, Endpoint acceptor, long started)
    {
        if (!_open.TryGetValue((host, acceptor), out var lookups)) return;
        while (lookups.TryPeek(out var lookup) && lookup.Time <= started)
        {
            lookups.Dequeue();
            if (started - lookup.Time <= DialTime) _byHandshake[handshake] = lookup;
        }
    }

    /// <summary>Forgets which handshake belongs to which lookup.</summary>
    internal void Unlink()
    {
        _open.Clear();
        _byHandshake.Clear();
    }

    internal bool IsOpen(Endpoint host, Endpoint acceptor) => _open.ContainsKey((host, acceptor));

    internal EpmdExchange? Of(int handshake) => _byHandshake.GetValueOrDefault(handshake);

    /// <summary>Numbers of the lookups by which a host asked for a node, under way within a time (ns).</summary>
    internal IEnumerable<int> Asked(Endpoint host, string alive, long from, long to) =>
        _asked.TryGetValue((host, alive), out var asked)
            ? asked.Overlapping(new Sibling(Number: 0, from, to, 0)).Select(one => one.Number) : [];
}
