using System.Collections;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>The reports of all handshakes, each judged when it is asked for: a million take no memory.</summary>
internal sealed class JudgedHandshakes : IReadOnlyList<JudgedHandshake>
{
    /// <summary>Judged at one go: enough that handing over costs little, few enough to die young.</summary>
    private const int BlockLength = 16;

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

    public JudgedHandshake this[int index] => _parts[_parts.FindLastIndex(part => part.First <= index)].Report(index);

    public IEnumerator<JudgedHandshake> GetEnumerator()
    {
        var totals = _totals == null ? new ReportTotals() : null;
        var blocks = (Count + BlockLength - 1) / BlockLength;
        List<JudgedHandshake> Judged(int block) =>
            [.. Enumerable.Range(block * BlockLength, Math.Min(BlockLength, Count - block * BlockLength)).Select(index => this[index])];
        foreach (var block in _work.Select(blocks, Judged))
        {
            foreach (var report in block)
            {
                totals?.Add(report);
                yield return report;
            }
        }
        _totals ??= totals;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The handshakes of one capture, those of TLS sessions behind the others.</summary>
    /// <param name="first">The place of its first handshake among all.</param>
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
