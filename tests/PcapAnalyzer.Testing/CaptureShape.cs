namespace PcapAnalyzer.Testing;

public enum HandshakeKind { Erlang, Ractor }

/// <summary>The content of a generated capture. Equal shapes give equal bytes.</summary>
/// <remarks>Flows are background TCP traffic without a handshake. All of them stay open until the end.</remarks>
public sealed record CaptureShape
{
    /// <summary>The cookie of every node, except for <see cref="WrongCookieShare"/>.</summary>
    public const string Cookie = "secret";

    /// <summary>The port on which every Erlang node of the capture listens.</summary>
    public const ushort ErlangPort = 25672;

    public const ushort RactorPort = 4697;

    private const int EmptyRecord = PcapFile.RecordHeader + TcpTemplate.Headers;

    public ulong Seed { get; init; } = 1;

    public int Flows { get; init; }

    /// <summary>Total data segments of all flows.</summary>
    public long Segments { get; init; }

    public int PayloadBytes { get; init; } = 1400;

    /// <summary>Whether a bare ACK follows each data segment after one round trip.</summary>
    public bool Acknowledgements { get; init; } = true;

    /// <summary>
    /// How many times SYN, SYN-ACK and ACK are sent. Openings beyond <see cref="Flows"/> become three bare ACKs of an open flow.
    /// So captures with few and with many flows have the same number of packets, of the same sizes, in the same order.
    /// </summary>
    public int Openings { get => Math.Max(field, Flows); init; }

    /// <summary>Percentage of data segments that the capture lost although they were acknowledged.</summary>
    public double LossPercent { get; init; }

    /// <summary>Percentage of data segments that arrive after the next segment of their flow.</summary>
    public double ReorderPercent { get; init; }

    public int Handshakes { get; init; }

    public HandshakeKind HandshakeKind { get; init; }

    /// <summary>Share of handshakes, 0 to 1, whose initiator has another cookie than <see cref="Cookie"/>.</summary>
    public double WrongCookieShare { get; init; }

    /// <summary>Number of nodes in the cluster, each on its own host.</summary>
    public int Nodes { get; init; } = 50;

    /// <summary>Sets the number of segments for a file of about this size, not counting handshakes.</summary>
    public CaptureShape OfBytes(long bytes) => this with
    {
        Segments = (bytes - PcapFile.FileHeader - 3L * EmptyRecord * Openings) / (EmptyRecord + PayloadBytes
            + (Acknowledgements ? EmptyRecord : 0)),
    };

    /// <summary>The inputs of <c>make bench</c>; <c>make bench-live</c> uses <c>mixed</c>.</summary>
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

    /// <summary>Five million packets for any number of flows: as many as a million flows need.</summary>
    private static CaptureShape OfFlows(int flows) =>
        new() { Flows = flows, Openings = 1_000_000, Segments = 2_000_000, PayloadBytes = 64, Acknowledgements = false };
}
