using System.Collections;
using PcapAnalyzer.Core.Cluster;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Reports;

/// <summary>The reports of a cluster's handshakes, each judged when it is asked for: a million take no memory.</summary>
/// <remarks>Those of TLS sessions stand behind the others, since only the whole capture tells whose they are.</remarks>
internal sealed class JudgedHandshakes : IReadOnlyList<HandshakeReport>
{
    private readonly ClusterView _cluster;
    private readonly List<int> _ids = [];
    private readonly List<Handshake> _tls;
    private ReportTotals? _totals;

    internal JudgedHandshakes(ClusterView cluster)
    {
        _cluster = cluster;
        for (var id = 1; id <= cluster.Handshakes.LastId; id++)
            if (cluster.Handshakes.Contains(id)) _ids.Add(id);
        var lastId = _ids.LastOrDefault();
        _tls = [.. Judge.TlsBetweenNodes(cluster).OrderBy(session => session.Started).Select(session => session with { Id = ++lastId })];
    }

    public int Count => _ids.Count + _tls.Count;

    /// <summary>What all of them together say; a by-product of the first walk over them.</summary>
    internal ReportTotals Totals
    {
        get
        {
            if (_totals == null)
                foreach (var _ in this) ;
            return _totals!;
        }
    }

    public HandshakeReport this[int index] => ReportBuilder.Of(index < _ids.Count ? _cluster.Handshakes[_ids[index]] : _tls[index - _ids.Count], _cluster);

    public IEnumerator<HandshakeReport> GetEnumerator()
    {
        var totals = _totals == null ? new ReportTotals() : null;
        for (var index = 0; index < Count; index++)
        {
            var report = this[index];
            totals?.Add(report);
            yield return report;
        }
        _totals ??= totals;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
