using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Pipeline;

/// <summary>What a capture held besides handshakes: why nobody spoke one, and what could not be read.</summary>
internal sealed class CaptureCounts(AnalyzerOptions options)
{
    private readonly Dictionary<FrameKind, long> _undecoded = [];
    private readonly Dictionary<Unopened, long> _unopened = [];
    private readonly Dictionary<ushort, long> _otherPorts = [];
    private long _fromSyn;

    internal void AddUndecoded(FrameKind kind, long count)
    {
        if (count > 0) _undecoded[kind] = _undecoded.GetValueOrDefault(kind) + count;
    }

    internal void AddUnopened(Unopened what)
    {
        if (_unopened.Count >= options.Packets.MaxUnopenedKinds && !_unopened.ContainsKey(what)) what = default;
        _unopened[what] = _unopened.GetValueOrDefault(what) + 1;
    }

    /// <summary>Counts a conversation by its first segment: whether its start was captured, and a port of something else.</summary>
    internal void AddConversation(in TcpSegment first)
    {
        if (first.Has(TcpFlags.Syn)) _fromSyn++;
        foreach (var protocol in options.Protocols)
            foreach (var port in (ReadOnlySpan<ushort>)[first.Source.Port, first.Destination.Port])
                if (protocol.OtherPorts.ContainsKey(port)) _otherPorts[port] = _otherPorts.GetValueOrDefault(port) + 1;
    }

    /// <summary>Adds what was counted.</summary>
    internal CaptureTotals AddTo(CaptureTotals totals) => totals with
    {
        ConversationsFromSyn = _fromSyn,
        OtherPorts = new Dictionary<ushort, long>(_otherPorts),
        Undecoded = new Dictionary<FrameKind, long>(_undecoded),
        Unopened = _unopened.GroupBy(pair => pair.Key.ToString(), pair => pair.Value)
            .ToDictionary(group => group.Key, group => group.Sum()),
    };
}
