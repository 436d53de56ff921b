using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols.Epmd;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Ports that EPMD told and that the asking host has not dialled yet; bounded: the oldest is forgotten first.</summary>
internal sealed class OpenLookups(int limit, IFactSink sink)
{
    private readonly Dictionary<(Endpoint Client, Endpoint Told), EpmdExchange> _open = [];
    private readonly Queue<(Endpoint Client, Endpoint Told)> _order = [];

    internal bool Any => _open.Count > 0;

    internal void Add(EpmdExchange exchange)
    {
        if (exchange is not { Request: EpmdRequest.Lookup, IsSuccess: true, Port: { } port }) return;
        var key = (exchange.Client.Host, exchange.Server with { Port = port });
        if (!_open.ContainsKey(key)) _order.Enqueue(key);
        _open[key] = exchange;
        if (_order.Count > limit) _open.Remove(_order.Dequeue());
    }

    /// <summary>A connection begins: the lookup that led to it is told again.</summary>
    internal void NoteDial(Endpoint from, Endpoint to)
    {
        if (_open.Remove((from.Host, to), out var exchange)) sink.Tell(exchange with { IsDialled = true });
    }
}
