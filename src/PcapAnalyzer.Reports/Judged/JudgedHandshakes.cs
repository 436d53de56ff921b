using System.Collections;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>All handshakes, each judged on access. A million of them take no memory for reports.</summary>
internal sealed class JudgedHandshakes : IReadOnlyList<JudgedHandshake>
{
    private readonly IOrderedWork _work;
    private readonly List<Part> _parts = [];
    private ReportTotals? _totals;

    internal JudgedHandshakes(IReadOnlyList<AnalyzedCapture> captures, IOrderedWork work)
    {
        _work = work;
        foreach (var capture in captures)
        {
            var before = captures.Take(_parts.Count).Select(one => one.Cluster).ToList();
            var part = new Part(capture.Cluster, Count, ReportNumbers.After(before, captures.Count > 1));
            _parts.Add(part);
            Count += part.Count;
        }
    }

    public int Count { get; }

    /// <summary>Totals over all handshakes. The first complete enumeration computes them.</summary>
    internal ReportTotals Totals
    {
        get
        {
            if (_totals == null)
                foreach (var _ in this) ;
            return _totals!;
        }
    }

    public JudgedHandshake this[int index] => _parts[_parts.FindLastIndex(part => part.First <= index)].Report(index);

    public IEnumerator<JudgedHandshake> GetEnumerator()
    {
        var totals = _totals == null ? new ReportTotals() : null;
        foreach (var report in _work.InBlocks(Count, index => this[index]))
        {
            totals?.Add(report);
            yield return report;
        }
        _totals ??= totals;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The handshakes of one capture, followed by its TLS sessions.</summary>
    /// <param name="cluster">The capture.</param>
    /// <param name="first">Index of its first handshake in the whole list.</param>
    /// <param name="numbers">The report numbers of the capture.</param>
    private sealed class Part(ClusterView cluster, int first, ReportNumbers numbers)
    {
        private readonly List<int> _handshakes = [.. cluster.Handshakes.Numbers];
        private readonly IReadOnlyList<TlsSession> _tls = ReportNumbers.TlsOf(cluster);

        internal int First => first;

        internal int Count => _handshakes.Count + _tls.Count;

        internal JudgedHandshake Report(int index)
        {
            index -= first;
            if (index < _handshakes.Count) return ReportBuilder.Of(cluster.Handshakes[_handshakes[index]], cluster, numbers);
            index -= _handshakes.Count;
            return ReportBuilder.Of(_tls[index], numbers.OfTls(cluster, index), numbers.Source, cluster);
        }
    }
}
