using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>The captures of one run, opened before any is read, so that a wrong name is told at once.</summary>
internal sealed class SourceList : IDisposable
{
    private readonly List<IFrameSource> _sources = [];
    private readonly List<string> _names = [];
    private readonly string? _filter;

    /// <param name="files">Their names; <c>-</c> for standard input.</param>
    /// <param name="withOwnReader">Our reader, or libpcap's.</param>
    /// <param name="filter">A pcap-filter(7) expression, or null for all packets.</param>
    /// <param name="progress">Is told how far reading has come.</param>
    /// <exception cref="CaptureException">The only file, or every one of them, cannot be opened.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal SourceList(IReadOnlyList<string> files, bool withOwnReader, string? filter, Progress progress)
    {
        _filter = filter;
        if (filter != null) new PacketFilter(filter).Dispose(); // says at once what is wrong with it
        foreach (var file in files)
        {
            try
            {
                _sources.Add(withOwnReader ? Open(file, progress.Add()) : new LibpcapFileSource(file));
                _names.Add(file == "-" ? "standard input" : file);
            }
            catch (CaptureException problem) when (files.Count > 1)
            {
                Say(problem.Message);
                HasFailed = true;
            }
        }
        if (_sources.Count == 0) throw new CaptureException("no file is left to report on");
    }

    internal int Count => _sources.Count;

    /// <summary>Where the packets of their handshakes are written; null where they are not.</summary>
    internal HandshakesFile? Handshakes { get; init; }

    /// <summary>One of several files could not be read, which was said; the others are reported.</summary>
    internal bool HasFailed { get; private set; }

    /// <summary>Reads all captures: one after the other where their packets go to one file.</summary>
    internal List<AnalyzedCapture> ReadAll(Func<CaptureAnalysis> newAnalyzer, CancellationToken stop) =>
        [.. (Handshakes == null ? new AllCores() : new AllCores(most: 1)).Select(Count, index => Read(index, newAnalyzer(), stop))];

    /// <summary>Reads one capture to its end.</summary>
    internal AnalyzedCapture Read(int index, CaptureAnalysis analyzer, CancellationToken stop)
    {
        Handshakes?.Begin(analyzer, _ => _names[index]);
        using var filter = _filter == null ? null : new PacketFilter(_filter);
        if (analyzer.HandshakeKnown != null && _sources[index] is CaptureFileSource source) source.OnTick = analyzer.Advance;
        var read = _sources[index].Read(filter == null ? analyzer.Accept : filter.Before(analyzer.Accept), stop);
        foreach (var problem in read.Problems) Say(problem.Detail);
        analyzer.Dropped = read.Dropped;
        analyzer.Finish();
        Handshakes?.End();
        return new AnalyzedCapture(analyzer.Cluster, read);
    }

    public void Dispose()
    {
        foreach (var source in _sources) source.Dispose();
        Handshakes?.Dispose();
    }

    private static CaptureFileSource Open(string file, Progress.Part part)
    {
        var source = new CaptureFileSource(file, part.Report);
        part.Total = source.Length;
        return source;
    }

    private static void Say(string what) => Console.Error.WriteLine($"pcap-analyzer: {ReportText.Safe(what, 500)}");
}
