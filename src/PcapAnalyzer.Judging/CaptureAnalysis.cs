using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Judging;

/// <summary>One capture under analysis: an analyzer, and the cluster that its facts draw. One thread at a time.</summary>
public sealed class CaptureAnalysis : IFactSink
{
    private readonly Analyzer _analyzer;
    private readonly SortedDictionary<int, Handshake> _open = [];

    /// <param name="parser">The parser that every frame goes to first.</param>
    /// <param name="general">Takes what the first does not know; null when there is no other.</param>
    /// <param name="pseudonyms">What reports call nodes and hosts instead of by their names; null where they tell those.</param>
    public CaptureAnalysis(AnalyzerOptions options, CookieRing ring, IFrameParser parser, IFrameParser? general,
        Pseudonyms? pseudonyms = null)
    {
        Cluster = new ClusterView(ring, options.Protocols, options.Facts) { Pseudonyms = pseudonyms };
        _analyzer = new Analyzer(options, parser, general, this);
    }

    /// <summary>What was found so far; whole once <see cref="Finish"/> was called.</summary>
    public ClusterView Cluster { get; }

    /// <inheritdoc cref="Analyzer.Evidence"/>
    public EvidenceStore? Evidence => _analyzer.Evidence;

    /// <summary>
    /// Takes each handshake when its outcome is decided, and again when its connection is over. <see cref="Advance"/> also passes a
    /// handshake in which a side has waited for longer than usual.
    /// </summary>
    public Action<Handshake>? HandshakeKnown { get; set; }

    /// <summary>Handshakes that are still going on, as they were when <see cref="Advance"/> last told the time.</summary>
    public IReadOnlyCollection<Handshake> OpenHandshakes => _open.Values;

    /// <inheritdoc cref="Analyzer.LastTime"/>
    public long LastTime => _analyzer.LastTime;

    /// <inheritdoc cref="Analyzer.OpenConversations"/>
    public int OpenConversations => _analyzer.OpenConversations;

    /// <inheritdoc cref="Analyzer.Dropped"/>
    public long Dropped
    {
        get => _analyzer.Dropped;
        set => _analyzer.Dropped = value;
    }

    /// <inheritdoc cref="Analyzer.Accept(in Frame)"/>
    public void Accept(in Frame frame) => _analyzer.Accept(frame);

    /// <inheritdoc cref="Analyzer.Advance"/>
    public void Advance(long now) => _analyzer.Advance(now);

    /// <summary>The capture is over: every open handshake ends as it stands.</summary>
    /// <returns>All its facts.</returns>
    public FactStore Finish()
    {
        _analyzer.Finish();
        Cluster.Complete();
        return Cluster.Facts;
    }

    void IFactSink.Tell(Fact fact)
    {
        switch (fact)
        {
            case Handshake { Stage: HandshakeStage.UnderWay or HandshakeStage.Stalled } open:
                _open[open.Number] = open;
                if (open.Stage == HandshakeStage.Stalled) HandshakeKnown?.Invoke(open);
                break;
            case Handshake handshake:
                _open.Remove(handshake.Number);
                if (handshake.Stage == HandshakeStage.Decided && Cluster.Tell(handshake))
                    HandshakeKnown?.Invoke(Cluster.Handshakes[handshake.Number]);
                break;
            case ConnectionUpdate update:
                if (Cluster.Tell(update)) HandshakeKnown?.Invoke(Cluster.Handshakes[update.Number]);
                break;
            default:
                Cluster.Tell(fact);
                break;
        }
    }
}
