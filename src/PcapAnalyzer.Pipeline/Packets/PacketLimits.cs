namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>Limits of IP reassembly. Beyond them the oldest datagram goes, counted as a fragment that was not decoded.</summary>
public sealed record PacketLimits
{
    /// <summary>IP datagrams in fragments put together at once.</summary>
    public int MaxFragmentedDatagrams { get; init; } = 4096;

    /// <summary>Bytes of fragments held.</summary>
    public long MaxFragmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The rest of a datagram is waited for this long, in nanoseconds of frame time.</summary>
    public long FragmentTimeout { get; init; } = 30_000_000_000;

    /// <summary>Datagrams in fragments inside each other, through tunnels.</summary>
    public int MaxFragmentDepth { get; init; } = 3;

    /// <summary>Kinds of headers that nobody here opens, counted each by itself; further ones are counted together.</summary>
    public int MaxUnopenedKinds { get; init; } = 32;
}
