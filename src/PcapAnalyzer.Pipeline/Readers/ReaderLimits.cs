namespace PcapAnalyzer.Pipeline.Readers;

/// <summary>Limits of what is made of a connection's bytes.</summary>
public sealed record ReaderLimits
{
    /// <summary>First bytes of a direction looked at to tell the protocol.</summary>
    public int MaxProbeBytes { get; init; } = 1024;

    /// <summary>
    /// Bytes of a connection that are no protocol's before it is left alone, where its first bytes may be missing: more than what
    /// is left of a message that the capture begins in.
    /// </summary>
    public long MaxMidstreamBytes { get; init; } = 512;

    /// <summary>Bytes of a TLS session before it is left alone.</summary>
    public long MaxRejectedBytes { get; init; } = 64 * 1024;

    /// <summary>Encrypted records of a TLS session whose sizes are kept: more than any handshake of nodes has.</summary>
    public int MaxSealedRecords { get; init; } = 24;

    /// <summary>Messages of one handshake; more of them are counted only.</summary>
    public int MaxMessages { get; init; } = 64;

    /// <summary>Frame numbers kept for one message.</summary>
    public int MaxFramesPerMessage { get; init; } = 1024;

    /// <summary>Bytes looked through, after framing was lost, for a place to take it up again.</summary>
    public long MaxResyncBytes { get; init; } = 1024 * 1024;

    /// <summary>Where a protocol has no limit of its own, a silence this long (ns) in a handshake is told while it lasts.</summary>
    public long LongSilence { get; init; } = 5_000_000_000;

    /// <summary>Answers of EPMD that are remembered until the client's host dials.</summary>
    public int MaxOpenLookups { get; init; } = 1000;

    /// <summary>Hosts that are asked for by ARP and have not answered.</summary>
    public int MaxArpRequests { get; init; } = 10_000;

    /// <summary>Failed connection attempts kept, one a host, target and way of failing.</summary>
    public int MaxAttempts { get; init; } = 10_000;

    /// <summary>Connections without a byte that are told.</summary>
    public int MaxSilent { get; init; } = 10_000;
}
