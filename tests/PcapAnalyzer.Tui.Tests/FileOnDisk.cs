using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>A capture file that is read without waiting.</summary>
internal sealed class FileOnDisk(string path) : ICaptureInput
{
    private volatile Thread? _reader;
    private volatile bool _isAtFrame;

    public string Title => "bench.pcap";

    public bool IsLive => false;

    public bool IsKept => true;

    public int Count => 1;

    public CaptureCounters Counters => default;

    /// <summary>The thread that reads waits for whoever takes its frames.</summary>
    internal bool IsHeldBack => _isAtFrame && (_reader?.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ?? false);

    public CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop)
    {
        _reader = Thread.CurrentThread;
        using var source = new CaptureFileSource(path);
        return source.Read((in frame) =>
        {
            _isAtFrame = true;
            handler(frame);
            _isAtFrame = false;
        }, stop);
    }

    public void Dispose()
    {
    }
}
