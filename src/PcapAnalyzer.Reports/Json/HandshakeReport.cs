using System.Text.Json.Serialization;
using PcapAnalyzer.Pipeline.Connections;

namespace PcapAnalyzer.Reports;

/// <summary>One handshake as the JSON report shows it. The shapes are described in <c>report.schema.json</c>.</summary>
public sealed record HandshakeReport
{
    public required int Id { get; init; }

    public required int Revision { get; init; }

    /// <summary>Which of several captures shows it, from 1, in the order of the report's sources; absent where there is one.</summary>
    public int? Source { get; init; }

    public required string Protocol { get; init; }

    public int? ProtocolVersion { get; init; }

    public required string Outcome { get; init; }

    public required PeerReport Initiator { get; init; }

    public required PeerReport Acceptor { get; init; }

    /// <summary>RFC 3339, UTC: the connection's first packet.</summary>
    public required string Started { get; init; }

    /// <summary>The same in nanoseconds since 1970, for reckoning.</summary>
    [JsonIgnore]
    public long StartedAt { get; init; }

    /// <summary>For <see cref="EvidenceStore.Of"/>, in its own capture.</summary>
    [JsonIgnore]
    public EvidenceKey EvidenceKey { get; init; }

    /// <summary>Up to when the capture goes, as far as it was read (ns since 1970).</summary>
    [JsonIgnore]
    public long SeenUntil { get; init; }

    /// <summary>How long the protocol waits where this handshake stands; null when it waits for ever.</summary>
    [JsonIgnore]
    public WaitLimit? WaitLimit { get; init; }

    /// <summary>The same before names were left out, to select by; never to be written. Null where nothing is left out.</summary>
    [JsonIgnore]
    internal HandshakeReport? Unredacted { get; init; }

    /// <summary>Seconds to the acknowledgement, else to the first FIN or RST, else to the last packet.</summary>
    public required decimal Duration { get; init; }

    /// <summary>The question to EPMD that this connection followed.</summary>
    public LookupReport? Lookup { get; init; }

    public string? Status { get; init; }

    public required IReadOnlyList<MessageReport> Messages { get; init; }

    public required IReadOnlyList<DigestReport> Digests { get; init; }

    /// <summary>A given cookie that would have fitted but for a usual mistake.</summary>
    public NearMissReport? NearMiss { get; init; }

    public IReadOnlyList<AnomalyReport>? Anomalies { get; init; }

    public required DiagnosisReport Diagnosis { get; init; }

    public required ConnectionReport Connection { get; init; }
}

public sealed record PeerReport
{
    public required string Endpoint { get; init; }

    public string? Node { get; init; }

    public string? ConnectionString { get; init; }

    /// <summary>Releases that speak its wire form or send its flags, an estimate.</summary>
    public string? Release { get; init; }

    public FlagNames? Flags { get; init; }

    /// <summary>True for a node that does not want to be listed; absent otherwise.</summary>
    public bool? Hidden { get; init; }

    public uint? Creation { get; init; }
}

/// <param name="Name">The name asked for, without its host.</param>
/// <param name="Epmd">Who was asked.</param>
/// <param name="Time">RFC 3339, UTC: the question.</param>
/// <param name="SinceStart">Seconds; negative, as it came before the connection.</param>
/// <param name="Frame">The packet with the question.</param>
public sealed record LookupReport(string Name, string Epmd, string Time, decimal SinceStart, long Frame);

public sealed record MessageReport
{
    public required string Type { get; init; }

    public required string From { get; init; }

    public required string Time { get; init; }

    public required decimal SinceStart { get; init; }

    public required IReadOnlyList<long> Frames { get; init; }

    public required long Length { get; init; }

    /// <summary>A part of the message is not in the capture.</summary>
    public bool? Cut { get; init; }

    /// <summary>Some of its bytes were sent twice with different content.</summary>
    public bool? Conflict { get; init; }

    public required MessageFields Fields { get; init; }
}

public sealed record DigestReport
{
    public required string By { get; init; }

    public uint? Challenge { get; init; }

    public string? Value { get; init; }

    public string? Scheme { get; init; }

    public required string Verdict { get; init; }

    public string? Cookie { get; init; }

    /// <summary>How many cookies were given.</summary>
    [JsonIgnore]
    public int Tried { get; init; }
}

/// <param name="By">Whose digest it explains.</param>
/// <param name="Cookie">Label of the given cookie.</param>
/// <param name="How">What was done to it, like <c>trailing-newline</c>.</param>
public sealed record NearMissReport(string By, string Cookie, string How);

public sealed record AnomalyReport(string Kind, string By, string Expected, string Seen, long Frame, decimal SinceStart);

/// <param name="Nanoseconds">How long it waits.</param>
/// <param name="Words">What it is, before the number.</param>
public sealed record WaitLimit(long Nanoseconds, string Words);

public sealed record DiagnosisReport
{
    public required string Code { get; init; }

    public required string Summary { get; init; }

    public string? Remedy { get; init; }

    public required string Certainty { get; init; }

    public required IReadOnlyList<long> Frames { get; init; }

    /// <summary>What the logs of such nodes may say of it, but for names.</summary>
    public IReadOnlyList<string>? Logs { get; init; }
}

public sealed record ConnectionReport
{
    public required bool Syn { get; init; }

    /// <summary>The first SYN and its answer; absent where neither was seen.</summary>
    public OpenedReport? Opened { get; init; }

    /// <summary>The side of which no packet was seen; absent where both were.</summary>
    public string? NotCaptured { get; init; }

    public required int Retransmissions { get; init; }

    /// <summary>Segments that the capture holds more than once; absent where none.</summary>
    public int? Copies { get; init; }

    public required int OutOfOrder { get; init; }

    public required int Overlaps { get; init; }

    public required long MissingBytes { get; init; }

    public int? StrayResets { get; init; }

    /// <summary>Where bytes are missing, came again or came late, while the handshake was followed.</summary>
    public IReadOnlyList<TransferReport>? Transfer { get; init; }

    public string? ClosedBy { get; init; }

    public required string Close { get; init; }

    /// <summary>The first FIN or RST of each side that left, in the order of the capture.</summary>
    public IReadOnlyList<DepartureReport>? Left { get; init; }

    public required BytesAfterReport BytesAfter { get; init; }

    /// <summary>When each side sent its last byte: who fell silent.</summary>
    public required LastByteReport LastByte { get; init; }

    /// <summary>RFC 3339, UTC: the first FIN or RST.</summary>
    public string? Ended { get; init; }

    /// <summary>The same in seconds since the connection's first packet.</summary>
    public decimal? EndedSinceStart { get; init; }

    /// <summary>RFC 3339, UTC: the last packet of the connection.</summary>
    public required string LastPacket { get; init; }
}

/// <param name="Syn">Seconds since the connection's first packet; absent where it was not seen.</param>
/// <param name="SynAck">The same of the answer.</param>
/// <param name="Syns">How often the initiator's SYN was seen, copies apart.</param>
public sealed record OpenedReport(decimal? Syn, decimal? SynAck, int Syns);

/// <param name="By">Who left.</param>
/// <param name="How"><c>fin</c> or <c>rst</c>.</param>
/// <param name="SinceStart">Seconds since the connection's first packet.</param>
/// <param name="Frame">The packet.</param>
public sealed record DepartureReport(string By, string How, decimal SinceStart, long Frame);

/// <param name="Kind"><c>missing-bytes</c>, <c>retransmission</c> or <c>out-of-order</c>.</param>
/// <param name="By">Who sent the bytes.</param>
/// <param name="Count">Bytes that are missing, else segments.</param>
/// <param name="Before">Of missing bytes: the index of the message before which they were sent; absent for the others.</param>
/// <param name="SinceStart">Seconds since the connection's first packet to the first segment; absent where bytes are missing.</param>
/// <param name="Until">The same to the last segment.</param>
/// <param name="Frame">The first packet.</param>
public sealed record TransferReport(string Kind, string By, long Count, int? Before, decimal? SinceStart, decimal? Until, long? Frame);

/// <param name="FromInitiator">RFC 3339, UTC; absent where it sent none.</param>
/// <param name="FromAcceptor">The same of the acceptor.</param>
public sealed record LastByteReport(string? FromInitiator, string? FromAcceptor)
{
    /// <summary>The same in nanoseconds since 1970; 0 where it sent none.</summary>
    [JsonIgnore]
    public long InitiatorTime { get; init; }

    [JsonIgnore]
    public long AcceptorTime { get; init; }
}

public sealed record BytesAfterReport(long FromInitiator, long FromAcceptor);
