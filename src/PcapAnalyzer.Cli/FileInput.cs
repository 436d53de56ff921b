using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Reads capture files and pipes.</summary>
/// <remarks>
/// A report opens all files before it reads any, so that a wrong name is reported at once. The screen opens each file when its
/// turn comes, because a pipe may send its first bytes late and the screen must not wait for them.
/// </remarks>
internal sealed class FileInput : IRunInput
{
    private readonly List<string> _files = [];
    private readonly IFrameSource?[] _sources;
    private readonly long[] _read;
    private readonly string? _filter;
    private readonly Messages? _messages;
    private readonly Progress? _progress;
    private long _length;

    private FileInput(IReadOnlyList<string> files, string? filter, Messages? messages)
    {
        IsLive = files is ["-"];
        _filter = filter;
        _messages = messages;
        _progress = messages == null ? null : new Progress(messages, TimeProvider.System);
        _sources = new IFrameSource?[files.Count];
        _read = new long[files.Count];
        if (filter != null) new PacketFilter(filter).Dispose(); // a wrong filter is reported before anything is opened
    }

    public string Title => IsLive ? "standard input" : _files.Count == 1 ? Path.GetFileName(_files[0])
        : $"{Path.GetFileName(_files[0])} and {_files.Count - 1} more";

    public bool IsLive { get; }

    public bool IsKept => !IsLive;

    public int Count => _files.Count;

    public CaptureCounters Counters => new(0, _read.Sum(), _length);

    public bool HasFailed { get; private set; }

    /// <summary>Opens all files, for a report.</summary>
    /// <param name="files">Their names; <c>-</c> for standard input.</param>
    /// <param name="filter">A pcap-filter(7) expression, or null for all packets.</param>
    /// <param name="withLibpcap">True to read the files with libpcap instead of our own reader.</param>
    /// <param name="messages">Receives problems and progress.</param>
    /// <exception cref="CaptureException">The only file, or every one of them, cannot be opened.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal static FileInput Open(IReadOnlyList<string> files, string? filter, bool withLibpcap, Messages messages)
    {
        var input = new FileInput(files, filter, messages);
        foreach (var file in files)
        {
            try
            {
                input._sources[input.Count] = withLibpcap ? new LibpcapFileSource(file) : input.Open(file, input.Count);
                input._files.Add(file);
            }
            catch (CaptureException problem) when (files.Count > 1)
            {
                messages.Say(problem.Message);
                input.HasFailed = true;
            }
        }
        input._length = input._sources.OfType<CaptureFileSource>().Sum(source => source.Length ?? 0);
        return input.Count > 0 ? input : throw new CaptureException("no file is left to report on");
    }

    /// <summary>Checks that all files exist, for the screen, which tells problems itself.</summary>
    /// <exception cref="CaptureException">One of them does not exist.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal static FileInput Check(IReadOnlyList<string> files, string? filter)
    {
        var input = new FileInput(files, filter, null);
        foreach (var file in files) CaptureFileSource.Check(file);
        input._files.AddRange(files);
        input._length = files.Where(file => file != "-").Sum(file => new FileInfo(file).Length);
        return input;
    }

    public string NameOf(int capture, int @interface) => _files[capture] == "-" ? "standard input" : _files[capture];

    public CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop)
    {
        using var source = _sources[index] ?? OpenUnless(stop, index);
        if (source is CaptureFileSource own) own.OnTick = tick;
        using var filter = _filter == null ? null : new PacketFilter(_filter);
        var read = source.Read(filter == null ? handler : filter.Before(handler), stop);
        foreach (var problem in read.Problems) _messages?.Say(problem.Detail);
        return read;
    }

    public void Dispose()
    {
        foreach (var source in _sources) source?.Dispose();
    }

    private CaptureFileSource Open(string file, int index) => new(file, position =>
    {
        Volatile.Write(ref _read[index], position);
        _progress?.ShowFiles(Counters);
    });

    /// <summary>Opens a file without blocking the user, who may leave before a pipe sends its first bytes.</summary>
    private CaptureFileSource OpenUnless(CancellationToken stop, int index)
    {
        try
        {
            return Task.Run(() => Open(_files[index], index), CancellationToken.None).WaitAsync(stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new CaptureException($"{NameOf(index, 0)}: stopped before anything came");
        }
    }
}
