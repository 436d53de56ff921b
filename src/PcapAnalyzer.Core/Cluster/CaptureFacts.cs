using PcapAnalyzer.Core.Cluster.Epmd;
using PcapAnalyzer.Core.Handshakes;
using PcapAnalyzer.Core.Packets;

namespace PcapAnalyzer.Core.Cluster;

/// <summary>What the pipeline saw beside handshakes, before anything is concluded from it.</summary>
public sealed record CaptureFacts
{
    /// <summary>Connections that begin with TLS, between whomever.</summary>
    public IReadOnlyList<Handshake> TlsSessions { get; init; } = [];

    /// <summary>Requests to EPMD and their answers.</summary>
    public IReadOnlyList<EpmdExchange> Epmd { get; init; } = [];

    public IReadOnlyList<ConnectionAttempt> Attempts { get; init; } = [];

    /// <summary>Time of the last packet of all.</summary>
    public long LastTime { get; init; }

    /// <summary>Packets that the capture lost, nobody knows whose.</summary>
    public long Dropped { get; init; }

    public long TcpSegments { get; init; }

    public long Conversations { get; init; }

    /// <summary>Conversations forgotten early because there were too many.</summary>
    public long ConversationsDropped { get; init; }

    /// <summary>Handshakes and TLS sessions beyond what is kept.</summary>
    public long HandshakesDropped { get; init; }

    /// <summary>Frames that could not be taken apart, by reason.</summary>
    public IReadOnlyDictionary<FrameKind, long> Undecoded { get; init; } = new Dictionary<FrameKind, long>();
}
