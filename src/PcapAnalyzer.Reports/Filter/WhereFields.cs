using static PcapAnalyzer.Reports.Filter.FieldType;

namespace PcapAnalyzer.Reports.Filter;

/// <summary>Every field of the filter language: short names, then each path of a handshake's JSON.</summary>
public static class WhereFields
{
    private static readonly WhereWord[] Flags = [new("true", "yes"), new("false", "no")];

    private static readonly WhereWord[] Roles = [new("initiator", "who dialled"), new("acceptor", "who was dialled")];

    private static readonly WhereWord[] Protocols = [new("ractor", "ractor_cluster"), new("erlang", "Erlang distribution")];

    private static readonly WhereWord[] Outcomes =
    [
        new("established", "the acknowledgement was seen, or traffic behind it"), new("authentication-failed", "a digest is proven wrong"),
        new("rejected", "a side said no"), new("closed", "ended for another reason"), new("incomplete", "the capture does not show the end"),
        new("protocol-violation", "a side sent what the protocol forbids"), new("encrypted", "a TLS session of a node"),
    ];

    private static readonly WhereWord[] Verdicts =
    [
        new("verified", "a given cookie fits"), new("mismatch", "no given cookie fits"), new("no-cookie", "no cookie was given"),
        new("no-challenge", "its challenge is not in the capture"), new("not-verifiable", "partly missing, or sent twice with different content"),
    ];

    private static readonly WhereWord[] Schemes = [new("md5-erlang", "Erlang"), new("md5-ractor", "early ractor"), new("sha256-ractor", "ractor")];

    private static readonly WhereWord[] Messages =
    [
        new("name", "the initiator introduces itself"), new("status", "the acceptor's answer to it"), new("client-status", "the initiator's answer to alive"),
        new("challenge", "the acceptor introduces itself and asks for a proof"), new("complement", "what the name left out"),
        new("challenge-reply", "the initiator's proof, and its challenge"), new("challenge-ack", "the acceptor's proof"),
    ];

    private static readonly WhereWord[] Transfers = [new("missing-bytes", "not in the capture"), new("retransmission", "sent again"), new("out-of-order", "came late")];

    private static readonly WhereWord[] Anomalies =
    [
        new("out-of-order-message", "not allowed at its place"), new("malformed-message", "bytes that are no message"), new("frame-too-large", "a length that no node accepts"),
        new("tls-record", "TLS where a message was due"), new("too-many-messages", "more than one handshake can have"),
    ];

    private static readonly WhereWord[] Codes = [.. Explanation.All.Select(one => new WhereWord(one.Code, one.Title.TrimEnd('.')))];

    /// <summary>In the order in which they are offered.</summary>
    public static IReadOnlyList<WhereField> All { get; } =
    [
        Flag("problem", "neither established nor a normal end", handshake => handshake.IsProblem()),
        Text("node", "name of either side", Both(peer => peer.Node)),
        Word("outcome", "how it ended", Outcomes, One(handshake => handshake.Outcome)),
        Word("code", "the diagnosis", Codes, One(handshake => handshake.Diagnosis.Code)),
        Address("ip", "address of either side", OfHosts),
        Number("port", "TCP port of either side", OfPorts),
        Text("pair", "both sides: rabbit@web1 → rabbit@db1", One(handshake => $"{Called(handshake.Initiator)} → {Called(handshake.Acceptor)}")),
        Duration("duration", "to the acknowledgement, else to the first FIN or RST, else to the last packet", handshake => handshake.Duration),
        Time("started", "the connection's first packet", (handshake, context, test) => test(handshake.StartedAt, context)),
        Word("proof", "what the cookies say of either digest", Verdicts, Each(handshake => handshake.Digests, digest => digest.Verdict)),
        Word("initiator.proof", "of the initiator's digest", Verdicts, Each(handshake => handshake.Digests, digest => digest.By == "initiator" ? digest.Verdict : null)),
        Word("acceptor.proof", "of the acceptor's digest", Verdicts, Each(handshake => handshake.Digests, digest => digest.By == "acceptor" ? digest.Verdict : null)),
        Text("cookie", "label of a cookie that verified", Each(handshake => handshake.Digests, digest => digest.Cookie)),
        Word("protocol", "what they speak", Protocols, One(handshake => handshake.Protocol)),
        Text("release", "releases that either side may be", Both(peer => peer.Release)),
        Number("frame", "packet of a message, the lookup, an anomaly or the diagnosis", OfFrames),
        Flag("marked", "marked by the user", (handshake, context, test) => test(context.Marked.Contains(handshake.Id) ? 1 : 0, context)),
        Flag("open", "still going", (handshake, context, test) => test(context.IsOpen(handshake) ? 1 : 0, context)),
        Number("id", "number of the handshake", handshake => handshake.Id),
        Number("revision", "how often it was told", handshake => handshake.Revision),
        Number("source", "which of several captures", handshake => handshake.Source),
        Number("protocolVersion", "of the name or the challenge", handshake => handshake.ProtocolVersion),
        Text("status", "the acceptor's answer to the name", One(handshake => handshake.Status)),
        .. Peer("initiator", handshake => handshake.Initiator),
        .. Peer("acceptor", handshake => handshake.Acceptor),
        Flag("lookup", "EPMD was asked before", handshake => handshake.Lookup != null),
        Text("lookup.name", "the name asked for", One(handshake => handshake.Lookup?.Name)),
        Address("lookup.epmd", "who was asked", One(handshake => handshake.Lookup?.Epmd)),
        Time("lookup.time", "the question", Times(One(handshake => handshake.Lookup?.Time))),
        Duration("lookup.sinceStart", "before the connection, so below zero", handshake => handshake.Lookup?.SinceStart),
        Number("lookup.frame", "packet with the question", handshake => handshake.Lookup?.Frame),
        Word("messages.type", "which message", Messages, Each(handshake => handshake.Messages, message => message.Type)),
        Word("messages.from", "who sent it", Roles, Each(handshake => handshake.Messages, message => message.From)),
        Time("messages.time", "its first byte", Times(Each(handshake => handshake.Messages, message => message.Time))),
        Duration("messages.sinceStart", "the same, since the start", Each(handshake => handshake.Messages, message => Nanoseconds(message.SinceStart))),
        Number("messages.frames", "packets with its bytes", EachOf(handshake => handshake.Messages, message => message.Frames)),
        Number("messages.length", "bytes of it, header not counted", Each(handshake => handshake.Messages, message => message.Length)),
        Flag("messages.cut", "a part is not in the capture", Each(handshake => handshake.Messages, message => Bit(message.Cut))),
        Flag("messages.conflict", "bytes were sent twice with different content", Each(handshake => handshake.Messages, message => Bit(message.Conflict))),
        Text("messages.fields", "any decoded field; messages.fields.NAME is one of them", OfMessageFields(null)),
        Word("digests.by", "whose proof", Roles, Each(handshake => handshake.Digests, digest => digest.By)),
        Number("digests.challenge", "what it answers", Each(handshake => handshake.Digests, digest => (long?)digest.Challenge)),
        Text("digests.value", "the digest in hex", Each(handshake => handshake.Digests, digest => digest.Value)),
        Word("digests.scheme", "how it is made", Schemes, Each(handshake => handshake.Digests, digest => digest.Scheme)),
        Word("digests.verdict", "what the cookies say of it", Verdicts, Each(handshake => handshake.Digests, digest => digest.Verdict)),
        Text("digests.cookie", "label of the cookie that verified", Each(handshake => handshake.Digests, digest => digest.Cookie)),
        Flag("nearMiss", "a cookie fits but for a usual mistake", handshake => handshake.NearMiss != null),
        Word("nearMiss.by", "whose digest", Roles, One(handshake => handshake.NearMiss?.By)),
        Text("nearMiss.cookie", "label of that cookie", One(handshake => handshake.NearMiss?.Cookie)),
        Text("nearMiss.how", "the mistake, like trailing-newline", One(handshake => handshake.NearMiss?.How)),
        Flag("anomalies", "something should not have been sent", handshake => handshake.Anomalies != null),
        Word("anomalies.kind", "what is odd", Anomalies, Each(handshake => handshake.Anomalies, odd => odd.Kind)),
        Word("anomalies.by", "whose bytes", Roles, Each(handshake => handshake.Anomalies, odd => odd.By)),
        Duration("anomalies.sinceStart", "when it came, since the start", Each(handshake => handshake.Anomalies, odd => Nanoseconds(odd.SinceStart))),
        Text("anomalies.expected", "what was due", Each(handshake => handshake.Anomalies, odd => odd.Expected)),
        Text("anomalies.seen", "what came", Each(handshake => handshake.Anomalies, odd => odd.Seen)),
        Number("anomalies.frame", "its packet", Each(handshake => handshake.Anomalies, odd => (long?)odd.Frame)),
        Word("diagnosis.code", "the cause", Codes, One(handshake => handshake.Diagnosis.Code)),
        Text("diagnosis.summary", "what happened", One(handshake => handshake.Diagnosis.Summary)),
        Text("diagnosis.remedy", "what to do", One(handshake => handshake.Diagnosis.Remedy)),
        Word("diagnosis.certainty", "proven or likely", [new("proven", "the bytes show it"), new("inferred", "likely, not shown")], One(handshake => handshake.Diagnosis.Certainty)),
        Number("diagnosis.frames", "packets that prove it", (handshake, context, test) => Any(handshake.Diagnosis.Frames, context, test)),
        Text("diagnosis.logs", "what the nodes' logs may say", (handshake, _, test) => Any(handshake.Diagnosis.Logs ?? [], test)),
        Flag("connection.syn", "the initiator's SYN was seen", handshake => handshake.Connection.Syn),
        Duration("connection.opened.syn", "the first SYN, since the start", handshake => handshake.Connection.Opened?.Syn),
        Duration("connection.opened.synAck", "its answer, since the start", handshake => handshake.Connection.Opened?.SynAck),
        Number("connection.opened.syns", "how often the SYN was seen, copies apart", handshake => handshake.Connection.Opened?.Syns),
        Word("connection.notCaptured", "the side of which nothing was seen", Roles, One(handshake => handshake.Connection.NotCaptured)),
        Number("connection.retransmissions", "segments sent again", handshake => handshake.Connection.Retransmissions),
        Number("connection.copies", "segments captured more than once", handshake => handshake.Connection.Copies),
        Number("connection.outOfOrder", "segments out of order", handshake => handshake.Connection.OutOfOrder),
        Number("connection.overlaps", "segments that overlap", handshake => handshake.Connection.Overlaps),
        Number("connection.missingBytes", "bytes that are not in the capture", handshake => handshake.Connection.MissingBytes),
        Number("connection.strayResets", "RSTs out of window", handshake => handshake.Connection.StrayResets),
        Word("connection.transfer.kind", "what happened to bytes on the way", Transfers, Each(handshake => handshake.Connection.Transfer, one => one.Kind)),
        Word("connection.transfer.by", "who sent them", Roles, Each(handshake => handshake.Connection.Transfer, one => one.By)),
        Number("connection.transfer.count", "bytes that are missing, else segments", Each(handshake => handshake.Connection.Transfer, one => (long?)one.Count)),
        Number("connection.transfer.before", "of missing bytes, the index of the message behind them", Each(handshake => handshake.Connection.Transfer, one => (long?)one.Before)),
        Duration("connection.transfer.sinceStart", "the first segment", Each(handshake => handshake.Connection.Transfer, one => Nanoseconds(one.SinceStart))),
        Duration("connection.transfer.until", "the last segment", Each(handshake => handshake.Connection.Transfer, one => Nanoseconds(one.Until))),
        Number("connection.transfer.frame", "the first packet", Each(handshake => handshake.Connection.Transfer, one => one.Frame)),
        Word("connection.closedBy", "who closed first", Roles, One(handshake => handshake.Connection.ClosedBy)),
        Word("connection.close", "how", [new("fin", "in order"), new("rst", "reset"), new("open", "not at all")], One(handshake => handshake.Connection.Close)),
        Word("connection.left.by", "who closed", Roles, Each(handshake => handshake.Connection.Left, left => left.By)),
        Word("connection.left.how", "how each side closed", [new("fin", "in order"), new("rst", "reset")], Each(handshake => handshake.Connection.Left, left => left.How)),
        Duration("connection.left.sinceStart", "when, since the start", Each(handshake => handshake.Connection.Left, left => Nanoseconds(left.SinceStart))),
        Number("connection.left.frame", "packet of a FIN or RST", Each(handshake => handshake.Connection.Left, left => (long?)left.Frame)),
        Number("connection.bytesAfter.fromInitiator", "bytes behind its last message", handshake => handshake.Connection.BytesAfter.FromInitiator),
        Number("connection.bytesAfter.fromAcceptor", "bytes behind its last message", handshake => handshake.Connection.BytesAfter.FromAcceptor),
        Time("connection.lastByte.fromInitiator", "its last byte", Times(One(handshake => handshake.Connection.LastByte.FromInitiator))),
        Time("connection.lastByte.fromAcceptor", "its last byte", Times(One(handshake => handshake.Connection.LastByte.FromAcceptor))),
        Time("connection.ended", "the first FIN or RST", Times(One(handshake => handshake.Connection.Ended))),
        Duration("connection.endedSinceStart", "the same, since the start", handshake => handshake.Connection.EndedSinceStart),
        Time("connection.lastPacket", "the last packet", Times(One(handshake => handshake.Connection.LastPacket))),
    ];

    private const string FieldOfMessage = "messages.fields.";

    private static readonly Dictionary<string, WhereField> ByName = All.ToDictionary(field => field.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>By its name, whatever the case; null when there is none.</summary>
    public static WhereField? Find(string name) =>
        ByName.GetValueOrDefault(name)
        ?? (name.StartsWith(FieldOfMessage, StringComparison.OrdinalIgnoreCase) && name.Length > FieldOfMessage.Length ? Text(name, "a decoded field", OfMessageFields(name[FieldOfMessage.Length..])) : null);

    private static WhereField[] Peer(string role, Func<HandshakeReport, PeerReport> of) =>
    [
        Address($"{role}.endpoint", "address and port", One(handshake => of(handshake).Endpoint)),
        Text($"{role}.node", "its name as it was sent", One(handshake => of(handshake).Node)),
        Text($"{role}.connectionString", "where it says it accepts connections", One(handshake => of(handshake).ConnectionString)),
        Text($"{role}.release", "releases that it may be", One(handshake => of(handshake).Release)),
        Text($"{role}.flags", "distribution flags", (handshake, _, test) => Any(of(handshake).Flags?.Names ?? [], test)),
        Flag($"{role}.hidden", "it does not want to be listed", (handshake, context, test) => of(handshake).Hidden is { } hidden && test(hidden ? 1 : 0, context)),
        Number($"{role}.creation", "its incarnation", handshake => of(handshake).Creation),
    ];

    private static WhereField Text(string name, string meaning, AnyText texts) => new() { Name = name, Type = FieldType.Text, Meaning = meaning, Texts = texts };

    private static WhereField Word(string name, string meaning, WhereWord[] values, AnyText texts) => new() { Name = name, Type = Enumeration, Meaning = meaning, Values = values, Texts = texts };

    private static WhereField Address(string name, string meaning, AnyText texts) => new() { Name = name, Type = FieldType.Address, Meaning = meaning, Texts = texts };

    private static WhereField Number(string name, string meaning, AnyNumber numbers) => new() { Name = name, Type = FieldType.Number, Meaning = meaning, Numbers = numbers };

    private static WhereField Number(string name, string meaning, Func<HandshakeReport, long?> get) => Number(name, meaning, One(get));

    private static WhereField Duration(string name, string meaning, AnyNumber numbers) => new() { Name = name, Type = FieldType.Duration, Meaning = meaning, Numbers = numbers };

    private static WhereField Duration(string name, string meaning, Func<HandshakeReport, decimal?> seconds) => Duration(name, meaning, One(handshake => Nanoseconds(seconds(handshake))));

    private static WhereField Time(string name, string meaning, AnyNumber numbers) => new() { Name = name, Type = FieldType.Time, Meaning = meaning, Numbers = numbers };

    private static WhereField Flag(string name, string meaning, AnyNumber numbers) => new() { Name = name, Type = FieldType.Flag, Meaning = meaning, Values = Flags, Numbers = numbers };

    private static WhereField Flag(string name, string meaning, Func<HandshakeReport, bool> get) => Flag(name, meaning, (handshake, context, test) => test(get(handshake) ? 1 : 0, context));

    private static long? Nanoseconds(decimal? seconds) => (long?)(seconds * 1_000_000_000m);

    private static long? Bit(bool? flag) => flag is { } known ? known ? 1 : 0 : null;

    private static string Called(PeerReport peer) => peer.Node is { Length: > 0 } node ? node : peer.Endpoint;

    private static AnyText One(Func<HandshakeReport, string?> get) => (handshake, _, test) => get(handshake) is { } value && test(value);

    private static AnyNumber One(Func<HandshakeReport, long?> get) => (handshake, context, test) => get(handshake) is { } value && test(value, context);

    private static AnyText Both(Func<PeerReport, string?> get) =>
        (handshake, _, test) => (get(handshake.Initiator) is { } initiator && test(initiator)) || (get(handshake.Acceptor) is { } acceptor && test(acceptor));

    private static AnyText Each<T>(Func<HandshakeReport, IReadOnlyList<T>?> list, Func<T, string?> get) => (handshake, _, test) =>
    {
        if (list(handshake) is { } all)
            for (var i = 0; i < all.Count; i++)
                if (get(all[i]) is { } value && test(value)) return true;
        return false;
    };

    private static AnyNumber Each<T>(Func<HandshakeReport, IReadOnlyList<T>?> list, Func<T, long?> get) => (handshake, context, test) =>
    {
        if (list(handshake) is { } all)
            for (var i = 0; i < all.Count; i++)
                if (get(all[i]) is { } value && test(value, context)) return true;
        return false;
    };

    private static AnyNumber EachOf<T>(Func<HandshakeReport, IReadOnlyList<T>?> list, Func<T, IReadOnlyList<long>> get) => (handshake, context, test) =>
        list(handshake) is { } all && all.Any(one => Any(get(one), context, test));

    private static AnyNumber Times(AnyText texts) => (handshake, context, test) => texts(handshake, context, text => WhereTime.TryParseRfc3339(text, out var time) && test(time, context));

    private static bool Any(IReadOnlyList<string> values, TextTest test) => values.Any(value => test(value));

    private static bool Any(IReadOnlyList<long> values, WhereContext context, NumberTest test) => values.Any(value => test(value, context));

    private static bool OfHosts(HandshakeReport handshake, WhereContext context, TextTest test) =>
        test(AddressPrefix.HostOf(handshake.Initiator.Endpoint)) || test(AddressPrefix.HostOf(handshake.Acceptor.Endpoint));

    private static bool OfPorts(HandshakeReport handshake, WhereContext context, NumberTest test) =>
        (AddressPrefix.TryParsePort(handshake.Initiator.Endpoint, out var initiator) && test(initiator, context))
        || (AddressPrefix.TryParsePort(handshake.Acceptor.Endpoint, out var acceptor) && test(acceptor, context));

    private static bool OfFrames(HandshakeReport handshake, WhereContext context, NumberTest test) =>
        handshake.Messages.Any(message => Any(message.Frames, context, test)) || Any(handshake.Diagnosis.Frames, context, test)
        || (handshake.Lookup is { } lookup && test(lookup.Frame, context)) || (handshake.Anomalies?.Any(odd => test(odd.Frame, context)) ?? false);

    private static AnyText OfMessageFields(string? name) => (handshake, _, test) =>
        handshake.Messages.Any(message => message.Fields.Texts.Any(field => (name == null || string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase)) && test(field.Text)));
}
