namespace PcapAnalyzer.Capture;

/// <summary>Settings of a live capture, named as in tcpdump.</summary>
public sealed record LiveOptions
{
    /// <summary>A pcap-filter(7) expression, run by the kernel; null captures every packet.</summary>
    public string? Filter { get; init; }

    /// <summary>Most bytes captured of a packet. The default is more than any packet has.</summary>
    public int SnapLength { get; init; } = 262_144;

    /// <summary>Captures packets for other machines too, if the interface receives them.</summary>
    public bool IsPromiscuous { get; init; } = true;

    /// <summary>Size in bytes of the kernel's buffer for each interface; tcpdump uses 2 MiB.</summary>
    public int BufferSize { get; init; } = 32 * 1024 * 1024;
}
