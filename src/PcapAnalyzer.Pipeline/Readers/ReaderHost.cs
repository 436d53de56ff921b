using System.Buffers;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Pipeline.Readers.Sessions;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>What all readers of one capture share: limits, protocols, where facts go, and the numbers that facts get.</summary>
internal sealed class ReaderHost(AnalyzerOptions options, HeldBudget budget, IFactSink sink)
{
    private int _handshakes;
    private int _tlsSessions;
    private int _epmdExchanges;
    private int _sessions;
    private readonly List<(IHandshakeProtocol Protocol, ISessionProtocol Sessions)> _sessionProtocols =
        [.. options.Protocols.Select(protocol => (protocol, protocol.OpenSessions())).Where(pair => pair.Item2 != null)
            .Select(pair => (pair.protocol, pair.Item2!))];

    internal AnalyzerOptions Options => options;

    internal ReaderLimits Limits => options.Readers;

    /// <summary>What EPMD told, and nobody has dialled yet.</summary>
    internal OpenLookups Lookups { get; } = new(options.Readers.MaxOpenLookups, sink);

    /// <summary>A handshake was recognised: its number, though it may yet prove to be another protocol.</summary>
    internal int NextHandshake() => ++_handshakes;

    internal int NextTlsSession() => ++_tlsSessions;

    internal int NextEpmdExchange() => ++_epmdExchanges;

    internal int NextSession() => ++_sessions;

    /// <summary>Memory of early segments, of all connections together.</summary>
    internal HeldBudget Budget => budget;

    /// <summary>Sessions that have not ended.</summary>
    internal HashSet<SessionReader> OpenSessions { get; } = [];

    /// <summary>The protocols that are known behind the handshake, too.</summary>
    internal IReadOnlyList<(IHandshakeProtocol Protocol, ISessionProtocol Sessions)> SessionProtocols => _sessionProtocols;

    internal ISessionProtocol? SessionsOf(IHandshakeProtocol protocol) => _sessionProtocols.Find(one => one.Protocol == protocol).Sessions;

    /// <summary>A connection that began before the capture begins here with a message between nodes.</summary>
    internal bool IsSession(ReadOnlySpan<byte> start)
    {
        foreach (var (_, sessions) in _sessionProtocols)
            if (sessions.Probe(start) == OperationStatus.Done) return true;
        return false;
    }

    internal void Tell(Fact fact) => sink.Tell(fact);
}
