using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Pipeline.Facts;

/// <summary>What two nodes said to each other on one connection after the handshake, and what TCP did meanwhile. No conclusions.</summary>
/// <remarks>Told again under its number as it goes on. Times are in nanoseconds since 1970; 0 where there is none.</remarks>
public sealed record Session : Fact
{
    /// <summary>Notices that are kept.</summary>
    public const int MostNotices = 64;

    public required IHandshakeProtocol Protocol { get; init; }

    /// <summary>Number of the handshake before it; 0 where the capture does not have that.</summary>
    public int Handshake { get; init; }

    /// <summary>The handshake's acknowledgement is in the capture; else only the traffic tells that there is a session.</summary>
    public bool IsAcknowledged { get; init; }

    /// <summary>A message was read that no other protocol has. Without one, only ticks or gaps were seen.</summary>
    public bool IsRecognized { get; init; }

    /// <summary>It is known who dialled; else the initiator is the side with the higher port.</summary>
    public bool IsDialKnown { get; init; }

    public required Endpoint Initiator { get; init; }

    public required Endpoint Acceptor { get; init; }

    /// <summary>Time of the acknowledgement, or of the connection's first packet where that is missing.</summary>
    public required long Started { get; init; }

    /// <summary>Time of the last packet.</summary>
    public long LastTime { get; init; }

    public required SessionSide FromInitiator { get; init; }

    public required SessionSide FromAcceptor { get; init; }

    /// <summary>What its messages tell of the cluster or of their senders, in order; bounded.</summary>
    public IReadOnlyList<SessionNotice> Notices { get; init; } = [];

    /// <summary>It was not followed to its end: there were more connections than are followed at once.</summary>
    public bool IsGivenUp { get; init; }

    /// <summary>Since when bytes of a side were sent again and again without an acknowledgement; null where none are.</summary>
    public long? Unacknowledged => FromInitiator.Transport is { Resends: > 1, UnacknowledgedSince: > 0 and var a } ? a
        : FromAcceptor.Transport is { Resends: > 1, UnacknowledgedSince: > 0 and var b } ? b : null;

    public SessionSide Of(Role role) => role == Role.Initiator ? FromInitiator : FromAcceptor;

    public Endpoint EndpointOf(Role role) => role == Role.Initiator ? Initiator : Acceptor;

    /// <summary>The first FIN or RST of either side in the order of the file; null while there is none.</summary>
    public SessionEnd? FirstEnd => FromInitiator.End is { } a && FromAcceptor.End is { } b ? (a.Frame <= b.Frame ? a : b)
        : FromInitiator.End ?? FromAcceptor.End;
}

/// <summary>One direction of a session.</summary>
public sealed record SessionSide
{
    /// <summary>The sender's node, as process identifiers in its messages name it; null while none did.</summary>
    public string? Node { get; init; }

    /// <summary>Messages without content that keep a session alive.</summary>
    public long Ticks { get; init; }

    /// <summary>Whole messages; one in many fragments once, ticks not.</summary>
    public long Messages { get; init; }

    /// <summary>Bytes of the stream behind the last handshake message.</summary>
    public long Bytes { get; init; }

    /// <summary>The longest frame with its length prefix, in bytes.</summary>
    public long Largest { get; init; }

    public IReadOnlyDictionary<string, long> Operations { get; init; } = new Dictionary<string, long>();

    /// <summary>Messages by the registered name that they are for; bounded.</summary>
    public IReadOnlyDictionary<string, long> Destinations { get; init; } = new Dictionary<string, long>();

    /// <summary>The spacing (ns) that ticks next to each other show most often, and how often.</summary>
    public long TickSpacing { get; init; }

    public int TickSpacings { get; init; }

    /// <summary>Time of the first whole frame (for ractor: message), and of the last with its packet.</summary>
    public long FirstFrameTime { get; init; }

    public long LastFrameTime { get; init; }

    public long LastFrame { get; init; }

    /// <summary>
    /// The last sign of life before a side left: a whole frame, or bytes that could not be followed because others are missing.
    /// </summary>
    public long LastLifeTime { get; init; }

    /// <summary>The longest silences between whole frames, in order of time; bounded.</summary>
    public IReadOnlyList<Silence> Silences { get; init; } = [];

    /// <summary>The last frame is not whole, and nothing of it is missing in the capture.</summary>
    public bool IsCut { get; init; }

    /// <summary>Bytes of the stream that the capture lacks though the peer acknowledged later ones.</summary>
    public long Missing { get; init; }

    /// <summary>The most fragments that one message came in, and how long (ns) it took.</summary>
    public long MostFragments { get; init; }

    public long LargestTook { get; init; }

    /// <summary>Time of the first request for a sign of life that has no answer; 0 where there is none.</summary>
    public long UnansweredPing { get; init; }

    public SegmentTrace Transport { get; init; } = new();

    public SessionEnd? End { get; init; }

    /// <summary>Requests for a sign of life, and answers to them.</summary>
    public long Pings => Operations.GetValueOrDefault("ping");

    public long Pongs => Operations.GetValueOrDefault("pong");

    /// <summary>The longest silence between whole frames, in ns.</summary>
    public long LongestSilence => Silences.Count == 0 ? 0 : Silences.Max(silence => silence.To - silence.From);
}

/// <summary>No whole frame came from a side between two frames.</summary>
public readonly record struct Silence(long From, long To);

/// <summary>What TCP did with one direction's segments until a side left.</summary>
public sealed record SegmentTrace
{
    /// <summary>Segments that came again, copies of the capture apart.</summary>
    public int Retransmissions { get; init; }

    /// <summary>Those of them that were sent because no acknowledgement came in time.</summary>
    public int Timeouts { get; init; }

    /// <summary>
    /// Bytes that the peer has not acknowledged, the time when the first of them was sent, and how often it was sent again.
    /// </summary>
    public long Unacknowledged { get; init; }

    public long UnacknowledgedSince { get; init; }

    public int Resends { get; init; }

    /// <summary>Length of the segment with that first byte.</summary>
    public int ResentLength { get; init; }

    /// <summary>The most resends that were followed by an acknowledgement: a path that was dead, and healed.</summary>
    public int HealedResends { get; init; }

    /// <summary>The peer sent data, and this side acknowledged it, after this side's data had been sent again.</summary>
    public int PeerDataMeanwhile { get; init; }

    /// <summary>The peer reported (SACK) that it has later bytes, and never got the first.</summary>
    public bool HasLaterBytes { get; init; }

    /// <summary>Time (ns) during which this side's window was 0, and the time since when it still is.</summary>
    public long ZeroWindow { get; init; }

    public long ZeroWindowSince { get; init; }

    /// <summary>Time of the last segment of any kind but RST.</summary>
    public long LastTime { get; init; }

    /// <summary>Lowest and highest time to live (hop limit) of its segments, resets apart; 0 where it is not known.</summary>
    public int LowestTtl { get; init; }

    public int HighestTtl { get; init; }
}

/// <summary>How a side left: its first FIN or RST.</summary>
public sealed record SessionEnd(Role By, bool IsReset, long Frame, long Time)
{
    /// <summary>Of an RST: its time to live, and whether it acknowledges and has TCP options, as one of a living kernel does.</summary>
    public int Ttl { get; init; }

    public bool HasAck { get; init; }

    public bool HasOptions { get; init; }

    /// <summary>An RST of the same side followed its FIN: its process left bytes unread.</summary>
    public bool IsResetLater { get; init; }

    /// <summary>The sender went on with other segments afterwards.</summary>
    public bool WentOn { get; init; }

    /// <summary>The peer acknowledged the FIN at this time.</summary>
    public long AcknowledgedAt { get; init; }
}

/// <summary>Something that one message tells.</summary>
public sealed record SessionNotice(SessionNoticeKind Kind, Role By, long Time, long Frame, string? Name = null, string? Other = null,
    long Value = 0);
