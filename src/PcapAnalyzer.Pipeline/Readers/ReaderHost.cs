using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>What all readers of one capture share: limits, protocols, where facts go, and the numbers that facts get.</summary>
internal sealed class ReaderHost(AnalyzerOptions options, IFactSink sink)
{
    private int _handshakes;
    private int _tlsSessions;
    private int _epmdExchanges;

    internal AnalyzerOptions Options => options;

    internal ReaderLimits Limits => options.Readers;

    /// <summary>What EPMD told, and nobody has dialled yet.</summary>
    internal OpenLookups Lookups { get; } = new(options.Readers.MaxOpenLookups, sink);

    /// <summary>A handshake was recognised: its number, though it may yet prove to be another protocol.</summary>
    internal int NextHandshake() => ++_handshakes;

    internal int NextTlsSession() => ++_tlsSessions;

    internal int NextEpmdExchange() => ++_epmdExchanges;

    internal void Tell(Fact fact) => sink.Tell(fact);
}
