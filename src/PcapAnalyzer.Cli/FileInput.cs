using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Files, or a pipe, for the screen. They are opened when their turn comes: a pipe's first bytes may be long in coming.</summary>
internal sealed class FileInput : ICaptureInput
{
    private readonly IReadOnlyList<string> _files;
    private readonly long[] _read;
    private readonly long _length;
    private readonly string? _filter;

    /// <exception cref="CaptureException">One of them is not there.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal FileInput(IReadOnlyList<string> files, string? filter)
    {
        _files = files;
        _filter = filter;
        _read = new long[files.Count];
        if (filter != null) new PacketFilter(filter).Dispose(); // says at once what is wrong with it
        foreach (var file in files) CaptureFileSource.Check(file);
        _length = files.Where(file => file != "-").Sum(file => new FileInfo(file).Length);
        IsLive = files is ["-"];
        Title = IsLive ? "standard input" : files.Count == 1 ? Path.GetFileName(files[0]) : $"{Path.GetFileName(files[0])} and {files.Count - 1} more";
    }

    public string Title { get; }

    public bool IsLive { get; }

    public int Count => _files.Count;

    public CaptureCounters Counters => new(0, _read.Sum(), _length);

    public CaptureSource Read(int index, FrameHandler handler, Action<long> tick, CancellationToken stop)
    {
        using var source = Open(index, stop);
        source.OnTick = tick;
        using var filter = _filter == null ? null : new PacketFilter(_filter);
        return source.Read(filter == null ? handler : filter.Before(handler), stop);
    }

    public void Dispose()
    {
    }

    private CaptureFileSource Open(int index, CancellationToken stop)
    {
        try
        {
            return Task.Run(() => new CaptureFileSource(_files[index], position => Volatile.Write(ref _read[index], position)), CancellationToken.None).WaitAsync(stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new CaptureException($"{(_files[index] == "-" ? "standard input" : _files[index])}: stopped before anything came");
        }
    }
}
