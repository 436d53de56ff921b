using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>An interface that is captured, with its counters at one moment.</summary>
/// <param name="Name">As it was called when it was opened.</param>
/// <param name="Link">What its packets begin with.</param>
/// <param name="SnapLength">Bytes kept of a packet.</param>
/// <param name="Packets">Delivered.</param>
/// <param name="DroppedByKernel">Passed the filter and found the kernel's buffer full: the reader was too slow.</param>
/// <param name="DroppedByInterface">Never reached the kernel; counted by Linux drivers where the interface is promiscuous.</param>
public sealed record LiveInterface(string Name, LinkLayer Link, int SnapLength, long Packets, long DroppedByKernel, long DroppedByInterface)
{
    public long Dropped => DroppedByKernel + DroppedByInterface;
}
