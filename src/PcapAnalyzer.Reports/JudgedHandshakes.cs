using System.Collections;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>The reports of all handshakes, each judged when it is asked for: a million take no memory.</summary>
internal sealed class JudgedHandshakes : IReadOnlyList<HandshakeReport>
{
    /// <summary>Judged at one go: enough for handing them over to cost little, few enough to be garbage before the collector looks.</summary>
    private const int BlockLength = 16;

    private readonly IOrderedWork _work;
    private readonly List<Part> _parts = [];
    private ReportTotals? _totals;

    internal JudgedHandshakes(IReadOnlyList<AnalyzedCapture> captures, IOrderedWork work)
    {
        _work = work;
        foreach (var capture in captures)
        {
            var part = new Part(capture.Cluster, Count, LastId, captures.Count > 1 ? _parts.Count + 1 : null);
            _parts.Add(part);
            Count += part.Count;
            LastId += part.LastId;
        }
    }

    public int Count { get; }

    /// <summary>The highest number of a handshake.</summary>
    internal int LastId { get; }

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

    public HandshakeReport this[int index] => _parts[_parts.FindLastIndex(part => part.First <= index)].Report(index);

    public IEnumerator<HandshakeReport> GetEnumerator()
    {
        var totals = _totals == null ? new ReportTotals() : null;
        var blocks = (Count + BlockLength - 1) / BlockLength;
        foreach (var block in _work.Select(blocks, number => Enumerable.Range(number * BlockLength, Math.Min(BlockLength, Count - number * BlockLength)).Select(index => this[index]).ToList()))
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

    /// <summary>The handshakes of one capture. Those of TLS sessions stand behind the others, since only the whole of it tells whose they are.</summary>
    private sealed class Part
    {
        private readonly ClusterView _cluster;
        private readonly int _idsBefore;
        private readonly int? _source;
        private readonly List<int> _ids = [];
        private readonly List<TlsSession> _tls;

        /// <param name="cluster">What the capture shows.</param>
        /// <param name="first">The place of its first handshake among all.</param>
        /// <param name="idsBefore">The last number that the captures before it have taken.</param>
        /// <param name="source">The capture's place among several, from 1.</param>
        internal Part(ClusterView cluster, int first, int idsBefore, int? source)
        {
            _cluster = cluster;
            _idsBefore = idsBefore;
            _source = source;
            First = first;
            _ids.AddRange(cluster.Handshakes.Numbers);
            _tls = [.. Judge.TlsBetweenNodes(cluster).OrderBy(session => session.Started)];
            LastId = _ids.LastOrDefault() + _tls.Count;
        }

        internal int First { get; }

        internal int Count => _ids.Count + _tls.Count;

        internal int LastId { get; }

        internal HandshakeReport Report(int index)
        {
            index -= First;
            var report = index < _ids.Count
                ? ReportBuilder.Of(_cluster.Handshakes[_ids[index]], _cluster)
                : ReportBuilder.Of(_tls[index - _ids.Count], _ids.LastOrDefault() + 1 + index - _ids.Count, _cluster);
            return _source == null ? report : report with { Id = _idsBefore + report.Id, Source = _source };
        }
    }
}
