using PcapAnalyzer.Capture;
using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Reports;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Files, or a pipe, for the screen.</summary>
internal sealed class FileInput : ICaptureInput
{
    private readonly List<CaptureFileSource> _sources = [];
    private readonly long[] _read;
    private readonly string? _filter;

    /// <exception cref="CaptureException">One of them cannot be opened.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal FileInput(IReadOnlyList<string> files, string? filter)
    {
        _filter = filter;
        _read = new long[files.Count];
        if (filter != null) new PacketFilter(filter).Dispose(); // says at once what is wrong with it
        for (var index = 0; index < files.Count; index++)
        {
            var number = index;
            _sources.Add(new CaptureFileSource(files[index], position => Volatile.Write(ref _read[number], position)));
        }
        IsLive = files is ["-"];
        Title = IsLive ? "standard input" : files.Count == 1 ? Path.GetFileName(files[0]) : $"{Path.GetFileName(files[0])} and {files.Count - 1} more";
    }

    public string Title { get; }

    public bool IsLive { get; }

    public int Count => _sources.Count;

    public CaptureCounters Counters => new(0, _read.Sum(), _sources.Sum(source => source.Length ?? 0));

    public SourceReport Read(int index, FrameHandler handler, Action<long> tick, CancellationToken stop)
    {
        using var filter = _filter == null ? null : new PacketFilter(_filter);
        return _sources[index].Read(filter == null ? handler : filter.Before(handler), stop);
    }

    public void Dispose()
    {
        foreach (var source in _sources) source.Dispose();
    }
}
