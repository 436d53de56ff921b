namespace PcapAnalyzer.Testing;

public enum HandshakeKind { Erlang, Ractor }

/// <summary>What a generated capture holds; equal shapes give equal bytes.</summary>
/// <remarks>Flows are background: TCP that is no handshake, all of it open until the end.</remarks>
public sealed record CaptureShape
{
    /// <summary>The cookie of every node, but for <see cref="WrongCookieShare"/>.</summary>
    public const string Cookie = "secret";

    /// <summary>Where every Erlang node of the capture listens.</summary>
    public const ushort ErlangPort = 25672;

    public const ushort RactorPort = 4697;

    private const int EmptyRecord = PcapFile.RecordHeader + TcpTemplate.Headers;

    public ulong Seed { get; init; } = 1;

    public int Flows { get; init; }

    /// <summary>Data segments of all flows together.</summary>
    public long Segments { get; init; }

    /// <summary>Data bytes of each segment.</summary>
    public int PayloadBytes { get; init; } = 1400;

    /// <summary>Each data segment is followed, a round trip later, by a bare ACK.</summary>
    public bool Acknowledgements { get; init; } = true;

    /// <summary>
    /// How often SYN, SYN-ACK and ACK are sent. What exceeds <see cref="Flows"/> becomes three bare ACKs of an open flow,
    /// so that captures of few and of many flows have the same number of packets of the same sizes in the same order.
    /// </summary>
    public int Openings { get => Math.Max(field, Flows); init; }

    /// <summary>Data segments that the capture lost, their acknowledgements seen.</summary>
    public double LossPercent { get; init; }

    /// <summary>Data segments of flows that arrive behind the next one of theirs.</summary>
    public double ReorderPercent { get; init; }

    public int Handshakes { get; init; }

    public HandshakeKind HandshakeKind { get; init; }

    /// <summary>The part of the handshakes, 0 to 1, whose initiator has another cookie than <see cref="Cookie"/>.</summary>
    public double WrongCookieShare { get; init; }

    /// <summary>Nodes of the cluster, each on a host of its own, that the handshakes are between.</summary>
    public int Nodes { get; init; } = 50;

    /// <summary>As many segments as make a file of about this size, handshakes apart.</summary>
    public CaptureShape OfBytes(long bytes) => this with
    {
        Segments = (bytes - PcapFile.FileHeader - 3L * EmptyRecord * Openings) / (EmptyRecord + PayloadBytes + (Acknowledgements ? EmptyRecord : 0)),
    };

    /// <summary>The inputs of <c>make bench</c>, and of <c>make bench-live</c>: mixed.</summary>
    public static IReadOnlyDictionary<string, CaptureShape> Presets { get; } = new Dictionary<string, CaptureShape>
    {
        ["large"] = new CaptureShape { Flows = 1000, PayloadBytes = 1400, Handshakes = 20 }.OfBytes(1_000_000_000),
        ["small"] = new CaptureShape { Flows = 1000, PayloadBytes = 64, Handshakes = 20 }.OfBytes(500_000_000),
        ["small-10th"] = new CaptureShape { Flows = 1000, PayloadBytes = 64, Handshakes = 20 }.OfBytes(50_000_000),
        ["handshakes"] = new CaptureShape { Handshakes = 200_000 },
        ["handshakes-10th"] = new CaptureShape { Handshakes = 20_000 },
        ["flows-1m"] = OfFlows(1_000_000),
        ["flows-10k"] = OfFlows(10_000),
        ["flows-1k"] = OfFlows(1000),
        ["mixed"] = new CaptureShape { Flows = 500, PayloadBytes = 600, Handshakes = 2000, WrongCookieShare = 0.1 }.OfBytes(400_000_000),
        ["tiny"] = new CaptureShape { Flows = 10, PayloadBytes = 400, Handshakes = 4, WrongCookieShare = 0.5 }.OfBytes(14_000),
    };

    /// <summary>Five million packets, whatever the number of flows: as many as a million of them need.</summary>
    private static CaptureShape OfFlows(int flows) =>
        new() { Flows = flows, Openings = 1_000_000, Segments = 2_000_000, PayloadBytes = 64, Acknowledgements = false };
}
