using PcapAnalyzer.Capture;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>A capture file that is read without waiting.</summary>
internal sealed class FileOnDisk(string path) : ICaptureInput
{
    public string Title => "bench.pcap";

    public bool IsLive => false;

    public bool IsKept => true;

    public int Count => 1;

    public CaptureCounters Counters => default;

    public CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop)
    {
        using var source = new CaptureFileSource(path);
        return source.Read(handler, stop);
    }

    public void Dispose()
    {
    }
}
