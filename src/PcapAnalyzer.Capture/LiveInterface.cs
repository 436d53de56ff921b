using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>A captured interface and a snapshot of its counters.</summary>
/// <param name="Name">The interface's name when it was opened.</param>
/// <param name="Link">Link-layer type of its packets.</param>
/// <param name="SnapLength">Most bytes captured of a packet.</param>
/// <param name="Packets">Packets delivered to the handler.</param>
/// <param name="DroppedByKernel">Packets that passed the filter and were dropped because the kernel's buffer was full: the reader
/// was too slow.</param>
/// <param name="DroppedByInterface">Packets that never reached the kernel. Linux drivers count them while the interface is
/// promiscuous.</param>
public sealed record LiveInterface(string Name, LinkLayer Link, int SnapLength, long Packets, long DroppedByKernel, long DroppedByInterface)
{
    public long Dropped => DroppedByKernel + DroppedByInterface;
}
