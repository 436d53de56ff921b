using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using static PcapAnalyzer.Reports.Vocabularies;

namespace PcapAnalyzer.Reports;

/// <summary>Declares every field of a handshake once, in JSON order. To add a field, add a line here.</summary>
internal static class HandshakeFields
{
    /// <summary>A part of a handshake, paired with the handshake because its times count from the handshake's start.</summary>
    private readonly record struct Part<T>(JudgedHandshake Of, T It);

    private static readonly Shape<JudgedPeer> Peer = new(f =>
    [
        f.Address("endpoint", "address and port", peer => peer.Endpoint),
        f.OptionalText("node", "its name as it was sent", peer => peer.Node),
        f.OptionalText("connectionString", "where it says it accepts connections", peer => peer.ConnectionString),
        f.OptionalText("release", "releases that it may be", peer => peer.Release),
        f.Flags("flags", "distribution flags", peer => peer.Flags),
        f.FlagIfTrue("hidden", "it does not want to be listed", peer => peer.IsHidden),
        f.Number("creation", "its incarnation", peer => peer.Creation),
    ])
    { Definition = "peer" };

    private static readonly Shape<Part<EpmdExchange>> Lookup = new(f =>
    [
        f.Text("name", "the name asked for", lookup => lookup.It.Name!),
        f.Address("epmd", "who was asked", lookup => lookup.It.Server),
        f.Time("time", "the question", lookup => lookup.It.Time),
        f.Duration("sinceStart", "before the connection, so below zero", lookup => -lookup.Of.Before(lookup.It.Time)),
        f.Count("frame", "packet with the question", lookup => lookup.It.Frame),
    ]);

    private static readonly Shape<JudgedMessage> Message = new(f =>
    [
        f.Word("type", "which message", Messages, message => message.Kind),
        f.Word("from", "who sent it", Roles, message => message.From),
        f.Time("time", "its last byte", message => message.Message.Time),
        f.Duration("sinceStart", "the same, since the start", message => message.SinceStart),
        f.Numbers("frames", "packets with its bytes", message => message.Frames),
        f.Count("length", "bytes of it, header not counted", message => message.Message.Length),
        f.FlagIfTrue("cut", "a part is not in the capture", message => message.Message.IsCut),
        f.FlagIfTrue("conflict", "bytes were sent twice with different content", message => message.Message.IsConflicting),
        f.MessageFields("fields", "any decoded field; messages.fields.NAME is one of them", message => message.Fields),
    ])
    { Definition = "message" };

    private static readonly Shape<Proof> Digest = new(f =>
    [
        f.Word("by", "whose proof", Roles, proof => proof.By),
        f.Number("challenge", "what it answers", proof => proof.Challenge, least: 0),
        f.Hex("value", "the digest in hex", proof => proof.Digest),
        f.Word("scheme", "how it is made", Schemes, proof => proof.Scheme, isOptional: true),
        f.Word("verdict", "what the cookies say of it", Verdicts, proof => proof.Verdict),
        f.OptionalText("cookie", "label of the cookie that verified", proof => proof.Cookie),
    ])
    { Definition = "digest" };

    private static readonly Shape<Proof> NearMiss = new(f =>
    [
        f.Word("by", "whose digest", Roles, proof => proof.By),
        f.Text("cookie", "label of that cookie", proof => proof.Near!.Cookie),
        f.Text("how", "the mistake, like trailing-newline", proof => proof.Near!.How),
    ]);

    private static readonly Shape<Part<Anomaly>> Odd = new(f =>
    [
        f.Word("kind", "what is odd", Anomalies, odd => odd.It.Kind),
        f.Word("by", "whose bytes", Roles, odd => odd.It.By),
        f.Text("expected", "what was due", odd => odd.It.Expected),
        f.Text("seen", "what came", odd => odd.It.Seen),
        f.Count("frame", "its packet", odd => odd.It.Frame),
        f.Duration("sinceStart", "when it came, since the start", odd => odd.Of.Since(odd.It.Time)),
    ])
    { Definition = "anomaly" };

    private static readonly Shape<JudgedHandshake> Diagnosis = new(f =>
    [
        f.Word("code", "the cause", Codes, handshake => handshake.Diagnosis.Code),
        f.Text("summary", "what happened", handshake => handshake.Diagnosis.Summary),
        f.OptionalText("remedy", "what to do", handshake => handshake.Diagnosis.Remedy),
        f.Word("certainty", "proven or likely", Certainties, handshake => handshake.Diagnosis.Certainty),
        f.Numbers("frames", "packets that prove it", handshake => handshake.Diagnosis.Frames),
        f.Texts("logs", "what the nodes' logs may say", handshake => handshake.Logs, isOptional: true),
    ])
    { Definition = "diagnosis" };

    private static readonly Shape<JudgedHandshake> Opened = new(f =>
    [
        f.Duration("syn", "the first SYN, since the start", handshake => SinceOrNull(handshake, handshake.Connection.SynTime)),
        f.Duration("synAck", "its answer, since the start", handshake => SinceOrNull(handshake, handshake.Connection.SynAckTime)),
        f.Count("syns", "how often the SYN was seen, copies apart", handshake => handshake.Connection.Syns),
    ]);

    private static readonly Shape<Part<TransferEvent>> Transfer = new(f =>
    [
        f.Word("kind", "what happened to bytes on the way", Transfers, one => one.It.Kind),
        f.Word("by", "who sent them", Roles, one => one.It.By),
        f.Number("count", "bytes that are missing, else segments", one => one.It.Count, least: 1),
        f.Number("before", "of missing bytes, the index of the message behind them", one => IsMissing(one.It) ? one.It.Before : null,
            least: 0),
        f.Duration("sinceStart", "the first segment", one => IsMissing(one.It) ? null : one.Of.Since(one.It.Time)),
        f.Duration("until", "the last segment", one => IsMissing(one.It) ? null : one.Of.Since(one.It.LastTime)),
        f.Number("frame", "the first packet", one => IsMissing(one.It) ? null : one.It.Frame, least: 0),
    ]);

    private static readonly Shape<Part<Departure>> Departure = new(f =>
    [
        f.Word("by", "who closed", Roles, left => left.It.By),
        f.Word("how", "how each side closed", Leavings, left => left.It.How()),
        f.Duration("sinceStart", "when, since the start", left => left.Of.Since(left.It.Time)),
        f.Count("frame", "packet of a FIN or RST", left => left.It.Frame),
    ]);

    private static readonly Shape<ConnectionFacts> BytesAfter = new(f =>
    [
        f.Count("fromInitiator", "bytes behind its last message", connection => connection.AfterInitiator),
        f.Count("fromAcceptor", "bytes behind its last message", connection => connection.AfterAcceptor),
    ]);

    private static readonly Shape<ConnectionFacts> LastByte = new(f =>
    [
        f.Time("fromInitiator", "its last byte", connection => TimeOrNull(connection.LastByteFromInitiator)),
        f.Time("fromAcceptor", "its last byte", connection => TimeOrNull(connection.LastByteFromAcceptor)),
    ]);

    private static readonly Shape<JudgedHandshake> Connection = new(f =>
    [
        f.Flag("syn", "the initiator's SYN was seen", handshake => handshake.Connection.Syns > 0),
        f.Object("opened", "the first SYN and its answer", Opened, handshake => handshake, handshake => handshake.IsOpeningSeen),
        f.Word("notCaptured", "the side of which nothing was seen", Roles, handshake => handshake.NotCaptured),
        f.Count("retransmissions", "segments sent again", handshake => handshake.Connection.Retransmissions),
        f.CountIfAny("copies", "segments captured more than once", handshake => handshake.Connection.Copies),
        f.Count("outOfOrder", "segments out of order", handshake => handshake.Connection.OutOfOrder),
        f.Count("overlaps", "segments that overlap", handshake => handshake.Connection.Overlaps),
        f.Count("missingBytes", "bytes that are not in the capture", handshake => handshake.Connection.MissingBytes),
        f.CountIfAny("strayResets", "RSTs out of window", handshake => handshake.Connection.StrayResets),
        f.List("transfer", "where bytes are missing, came again or came late, while the handshake was followed", Transfer,
            handshake => handshake.Facts.Transfer.Count, (handshake, index) =>
                new(handshake, handshake.Facts.Transfer[index]), isOptional: true),
        f.Word("closedBy", "who closed first", Roles, handshake => handshake.Connection.FirstLeft?.By),
        f.Word("close", "how", Closes, handshake => handshake.Close),
        f.List("left", "the first FIN or RST of each side that left, in the order of the capture", Departure,
            handshake => handshake.Left.Count, (handshake, index) => new(handshake, handshake.Left[index]), isOptional: true),
        f.Object("bytesAfter", "bytes that each side sent after its last handshake message", BytesAfter, handshake => handshake.Connection),
        f.Object("lastByte", "when each side sent its last byte", LastByte, handshake => handshake.Connection),
        f.Time("ended", "the first FIN or RST", handshake => handshake.Connection.FirstLeft?.Time),
        f.Duration("endedSinceStart", "the same, since the start",
            handshake => handshake.Connection.FirstLeft is { } left ? handshake.Since(left.Time) : null),
        f.Time("lastPacket", "the last packet", handshake => handshake.Connection.LastTime),
    ])
    { Definition = "connection" };

    internal static readonly Shape<JudgedHandshake> Handshake = new(f =>
    [
        f.Number("id", "number of the handshake", handshake => handshake.Id, least: 1),
        f.Number("revision", "how often it was told", handshake => handshake.Revision, least: 1),
        f.Number("source", "which of several captures", handshake => handshake.Source, least: 1),
        f.Word("protocol", "what they speak", Protocols, handshake => handshake.Protocol.Name),
        f.Number("protocolVersion", "of the name or the challenge", handshake => handshake.ProtocolVersion),
        f.Word("outcome", "how it ended", Outcomes, handshake => handshake.Outcome),
        f.Object("initiator", "", Peer, handshake => handshake.Initiator),
        f.Object("acceptor", "", Peer, handshake => handshake.Acceptor),
        f.Time("started", "the connection's first packet", handshake => handshake.Started),
        f.Duration("duration", "to the acknowledgement, else to the first FIN or RST, else to the last packet",
            handshake => handshake.Duration),
        f.Object("lookup", "EPMD was asked before", Lookup, handshake => new(handshake, handshake.Lookup!),
            handshake => handshake.Lookup != null),
        f.OptionalText("status", "the acceptor's answer to the name", handshake => handshake.Status),
        f.List("messages", "", Message, handshake => handshake.Messages.Count, (handshake, index) => handshake.Messages[index]),
        f.List("digests", "", Digest, handshake => handshake.Proofs.Count, (handshake, index) => handshake.Proofs[index]),
        f.Object("nearMiss", "a cookie fits but for a usual mistake", NearMiss, handshake => handshake.NearMiss!,
            handshake => handshake.NearMiss != null),
        f.List("anomalies", "something should not have been sent", Odd,
            handshake => handshake.Facts.Anomalies.Count, (handshake, index) =>
                new(handshake, handshake.Facts.Anomalies[index]), isOptional: true),
        f.Object("diagnosis", "", Diagnosis, handshake => handshake),
        f.Object("connection", "the TCP connection; counters cover the time while the handshake was followed", Connection,
            handshake => handshake),
    ])
    { Definition = "handshake" };

    /// <summary>The named definitions of the schema.</summary>
    internal static IEnumerable<(string? Name, Action<System.Text.Json.Utf8JsonWriter> Write)> Definitions =>
    [
        (Handshake.Definition, Handshake.WriteSchema), (Peer.Definition, Peer.WriteSchema), (Message.Definition, Message.WriteSchema),
            (Digest.Definition, Digest.WriteSchema),
        (Odd.Definition, Odd.WriteSchema), (Diagnosis.Definition, Diagnosis.WriteSchema), (Connection.Definition, Connection.WriteSchema),
        (SessionFields.Session.Definition, SessionFields.Session.WriteSchema),
        (SessionFields.Split.Definition, SessionFields.Split.WriteSchema),
    ];

    private static bool IsMissing(TransferEvent one) => one.Kind == TransferEventKind.MissingBytes;

    private static long? SinceOrNull(JudgedHandshake handshake, long time) => time == 0 ? null : handshake.Since(time);

    private static long? TimeOrNull(long time) => time == 0 ? null : time;
}
