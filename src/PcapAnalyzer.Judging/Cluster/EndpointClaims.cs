using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.InteropServices;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Judging.Cluster;

/// <summary>A node's listening endpoint, as far as the capture shows it.</summary>
/// <param name="Node">Its name, where it is known.</param>
/// <param name="IsAnswering">It was seen to answer a handshake there; else only an advertisement says so.</param>
public sealed record NodeEndpoint(string? Node, string Protocol, bool IsAnswering)
{
    /// <summary>Its name without the host, by EPMD.</summary>
    public string? Alive { get; init; }

    /// <summary>The name as far as it is known, for words.</summary>
    public string? Called => Node ?? Alive;
}

/// <summary>What facts claim about endpoints. The same claim wins in whatever order facts come.</summary>
/// <remarks>A node that answers knows its name better than an advertisement. Else the fact with the lowest number wins.</remarks>
internal sealed class EndpointClaims
{
    private readonly Dictionary<Endpoint, NodeEndpoint> _all = [];
    private readonly Dictionary<Endpoint, (Rank Protocol, Rank Node, Rank Alive)> _ranks = [];

    private readonly record struct Rank(bool IsAnswering, bool OfHandshake, int Number)
    {
        internal bool IsBetterThan(Rank other)
        {
            if (other.Number == 0) return true;
            if (IsAnswering != other.IsAnswering) return IsAnswering;
            return OfHandshake != other.OfHandshake ? OfHandshake : Number <= other.Number;
        }
    }

    internal IReadOnlyDictionary<Endpoint, NodeEndpoint> All => _all;

    /// <summary>Notes where the nodes of a handshake listen.</summary>
    internal void Note(Handshake handshake)
    {
        var protocol = handshake.Protocol.Name;
        void Note(Endpoint endpoint, NodeEndpoint node) => this.Note(endpoint, node, ofHandshake: true, handshake.Number);
        if (handshake.First(MessageKind.Status) is { From: Role.Acceptor }
            || handshake.First(MessageKind.Challenge) is { From: Role.Acceptor })
            Note(handshake.Acceptor, new NodeEndpoint(handshake.NodeOf(Role.Acceptor), protocol, true));
        // A node tells where it listens: at an address that it names, else at the one that it was seen with.
        foreach (var role in (ReadOnlySpan<Role>)[Role.Initiator, Role.Acceptor])
        {
            if (handshake.ConnectionStringOf(role) is not { } advertised || !TryPort(advertised, out var host, out var port)) continue;
            var node = new NodeEndpoint(handshake.NodeOf(role), protocol, false);
            Note(handshake.EndpointOf(role) with { Port = port }, node);
            if (IPAddress.TryParse(host, out var address)) Note(Endpoint.From(address, port), node);
        }
    }

    /// <param name="ofHandshake">By a handshake, else by EPMD.</param>
    internal void Note(Endpoint endpoint, NodeEndpoint node, bool ofHandshake, int number)
    {
        var rank = new Rank(node.IsAnswering, ofHandshake, number);
        ref var ranks = ref CollectionsMarshal.GetValueRefOrAddDefault(_ranks, endpoint, out var isKnown);
        var (isProtocol, isNode, isAlive) = (
            rank.IsBetterThan(ranks.Protocol), node.Node != null && rank.IsBetterThan(ranks.Node), node.Alive != null
                && rank.IsBetterThan(ranks.Alive));
        if (!isProtocol && !isNode && !isAlive) return; // usual: a million handshakes claim the same few things
        var known = isKnown ? _all[endpoint] : node;
        if (isProtocol) ranks.Protocol = rank;
        if (isNode) ranks.Node = rank;
        if (isAlive) ranks.Alive = rank;
        _all[endpoint] = new NodeEndpoint(isNode ? node.Node : known.Node, isProtocol ? node.Protocol : known.Protocol,
            ranks.Protocol.IsAnswering)
        {
            Alive = isAlive ? node.Alive : known.Alive,
        };
    }

    private static bool TryPort(string advertised, out string host, out ushort port)
    {
        var colon = advertised.LastIndexOf(':');
        host = colon < 0 ? "" : advertised[..colon].Trim('[', ']');
        return ushort.TryParse(advertised.AsSpan(colon + 1), out port) && colon >= 0 && port != 0;
    }
}

/// <summary>Keeps for each key the value from the fact with the lowest number, in whatever order facts come.</summary>
/// <param name="most">How many keys are kept.</param>
internal sealed class Earliest<TKey, TValue>(int most)
    where TKey : notnull
{
    private readonly Dictionary<TKey, (int Number, TValue Value)> _values = [];

    internal void Add(TKey key, TValue value, int number)
    {
        if (_values.TryGetValue(key, out var known) ? number < known.Number : _values.Count < most) _values[key] = (number, value);
    }

    internal bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var isKnown = _values.TryGetValue(key, out var known);
        value = known.Value;
        return isKnown;
    }
}
