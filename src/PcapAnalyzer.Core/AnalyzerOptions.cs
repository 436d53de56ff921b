using PcapAnalyzer.Core.Cluster;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core;

/// <summary>Everything that input can make grow has its limit here. Times are in nanoseconds of frame time.</summary>
public sealed record AnalyzerOptions
{
    private const long Second = 1_000_000_000;

    /// <summary>Protocols to look for.</summary>
    public required IReadOnlyList<IHandshakeProtocol> Protocols { get; init; }

    /// <summary>When not empty, only conversations with one of these TCP ports are looked at.</summary>
    public IReadOnlySet<ushort> Ports { get; init; } = new HashSet<ushort>();

    /// <summary>What reports call nodes and hosts instead of by their names; null where they tell those.</summary>
    public Pseudonyms? Pseudonyms { get; init; }

    /// <summary>Conversations followed at once; beyond it the one least recently looked at goes.</summary>
    public int MaxConversations { get; init; } = 1_000_000;

    /// <summary>Conversations whose bytes are read at once, some 5 KB each; at twice that the oldest are given up, as if the capture ended for them.</summary>
    public int MaxConversationsRead { get; init; } = 20_000;

    /// <summary>A conversation without a handshake is forgotten after this long without a packet.</summary>
    public long IdleTimeout { get; init; } = 300 * Second;

    /// <summary>A conversation that was reset, or whose end is not all there, is kept this long for what may still come.</summary>
    public long ClosedTimeout { get; init; } = 60 * Second;

    /// <summary>A conversation that both sides have closed and acknowledged is kept this long for late copies of its packets.</summary>
    public long DoneTimeout { get; init; } = 2 * Second;

    /// <summary>SYNs into connections that are up, kept until an acknowledgement tells that they were not forged.</summary>
    public int MaxSynsAside { get; init; } = 1024;

    /// <summary>Early bytes held for one stream while a hole before them may still fill.</summary>
    public int MaxHeldBytes { get; init; } = 64 * 1024;

    /// <summary>Early segments held for one stream.</summary>
    public int MaxHeldSegments { get; init; } = 256;

    /// <summary>Places where a stream's segments were not the next ones; more of them are counted only.</summary>
    public int MaxSegmentEvents { get; init; } = 32;

    /// <summary>Early bytes held for all streams together.</summary>
    public long MaxHeldBytesInAll { get; init; } = 256L * 1024 * 1024;

    /// <summary>A hole is waited for this long, or for <see cref="HoleSegments"/> more segments of its conversation.</summary>
    public long HoleTimeout { get; init; } = 3 * Second;

    /// <summary>See <see cref="HoleTimeout"/>.</summary>
    public int HoleSegments { get; init; } = 64;

    /// <summary>Where a protocol has no limit of its own, a silence in a handshake that is told of while it lasts.</summary>
    public long LongSilence { get; init; } = Judge.LongSilence;

    /// <summary>A direction whose SYN was not seen waits this many segments for earlier ones before it starts.</summary>
    public int StartSegments { get; init; } = 8;

    /// <summary>Bytes of one handshake message kept; a longer one is decoded as far as they go and its rest is skipped.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>First bytes of a direction looked at to tell the protocol.</summary>
    public int MaxProbeBytes { get; init; } = 1024;

    /// <summary>Messages of one handshake; more of them are counted only.</summary>
    public int MaxMessages { get; init; } = 64;

    /// <summary>Frame numbers kept for one message.</summary>
    public int MaxFramesPerMessage { get; init; } = 1024;

    /// <summary>Bytes looked through, after framing was lost, for a place to take it up again.</summary>
    public long MaxResyncBytes { get; init; } = 1024 * 1024;

    /// <summary>The frames of handshakes are kept, for who shows or saves them: see <see cref="Analyzer.Evidence"/>.</summary>
    public bool KeepsEvidence { get; init; }

    /// <summary>Frames kept of one handshake, besides the first FIN or RST of each side; more of them are counted only.</summary>
    public int MaxEvidenceFrames { get; init; } = 1024;

    /// <summary>How many of them may have come after the handshake.</summary>
    public int MaxEvidenceFramesAfter { get; init; } = 8;

    /// <summary>Bytes kept of a frame.</summary>
    public int MaxEvidenceFrameBytes { get; init; } = 128 * 1024;

    /// <summary>Memory for frames in all; beyond it the oldest handshake's go, first of those whose connection is over. A quarter is for what may yet prove to be a handshake.</summary>
    public long MaxEvidenceBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes that finished handshakes take, some 300 each; beyond it new ones are counted only.</summary>
    public long MaxHandshakeBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>TLS sessions and failed connection attempts kept, each, until the capture tells whose endpoints they concern.</summary>
    public int MaxSightings { get; init; } = 10_000;

    /// <summary>IP datagrams in fragments put together at once; beyond it the oldest goes.</summary>
    public int MaxFragmentedDatagrams { get; init; } = 4096;

    /// <summary>Bytes of fragments held.</summary>
    public long MaxFragmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The rest of a datagram is waited for this long.</summary>
    public long FragmentTimeout { get; init; } = 30 * Second;

    /// <summary>Datagrams in fragments inside each other, through tunnels.</summary>
    public int MaxFragmentDepth { get; init; } = 3;
}
