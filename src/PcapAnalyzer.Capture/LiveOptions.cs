namespace PcapAnalyzer.Capture;

/// <summary>How interfaces are captured; the names are tcpdump's.</summary>
public sealed record LiveOptions
{
    /// <summary>A pcap-filter(7) expression, run by the kernel; null lets everything through.</summary>
    public string? Filter { get; init; }

    /// <summary>Bytes kept of a packet: more than any has, by default.</summary>
    public int SnapLength { get; init; } = 262_144;

    /// <summary>Packets for other machines too, where the interface hears them.</summary>
    public bool IsPromiscuous { get; init; } = true;

    /// <summary>Bytes that the kernel holds for each interface while the reader is busy; tcpdump has 2 MiB.</summary>
    public int BufferSize { get; init; } = 32 * 1024 * 1024;
}
