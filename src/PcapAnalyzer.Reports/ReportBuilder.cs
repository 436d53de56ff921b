using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Facts and cookies in, report out: the judge is asked here, once for each handshake.</summary>
public static class ReportBuilder
{
    /// <param name="captures">The captures, each judged by itself.</param>
    /// <param name="ring">The cookies whose hashes to tell; null for none.</param>
    /// <param name="work">How many handshakes are judged at once; null for one after the other.</param>
    public static CaptureReport Build(IReadOnlyList<AnalyzedCapture> captures, CookieRing? ring = null, IOrderedWork? work = null)
    {
        var isRedacted = captures.Any(capture => capture.Cluster.Pseudonyms != null);
        // Pseudonyms are numbered as they are met: in the same order each time.
        if (work == null || isRedacted) work = new OneByOne();
        return new CaptureReport(new JudgedHandshakes(captures, work), [.. captures.Select(capture => capture.Cluster.Facts)])
        {
            IsRedacted = isRedacted,
            Sources = [.. captures.Select(capture => capture.Source).OfType<CaptureSource>().Select(SourceReport.Of).Select((source, index) => isRedacted ? Redaction.Of(source, index + 1) : source)],
            Cookies = ring == null ? null : [.. ring.Cookies.Select(cookie => new CookieReport(cookie.Label, cookie.RabbitHash()))],
            Findings = [.. captures.SelectMany((capture, index) => Findings.Of(capture.Cluster).Select(finding => Of(finding, captures.Count > 1 ? index + 1 : null)))],
        };
    }

    private static FindingReport Of(Finding finding, int? source) => new()
    {
        Code = finding.Code.Kebab(),
        Source = source,
        From = finding.From,
        AskedBy = finding.AskedBy,
        To = finding.To?.ToString(),
        Epmd = finding.Epmd?.ToString(),
        Node = finding.Node,
        How = finding.How,
        Times = finding.Times,
        Summary = finding.Summary,
        Remedy = finding.Remedy,
    };

    /// <summary>One handshake, judged by what is known so far; redacted where its capture is.</summary>
    public static HandshakeReport Of(Handshake handshake, ClusterView cluster)
    {
        var report = Whole(handshake, handshake.Number, handshake.Evidence, Judge.Of(handshake, cluster), cluster);
        return cluster.Pseudonyms is { } names ? Redaction.Of(report, handshake, names) : report;
    }

    /// <summary>The handshake that a TLS session hides.</summary>
    internal static HandshakeReport Of(TlsSession session, int id, ClusterView cluster)
    {
        var hidden = Judge.HiddenIn(session, cluster);
        var report = Whole(hidden, id, session.Evidence, Judge.Of(session, cluster), cluster);
        return cluster.Pseudonyms is { } names ? Redaction.Of(report, hidden, names) : report;
    }

    private static HandshakeReport Whole(Handshake handshake, int id, EvidenceKey evidence, Judgement judgement, ClusterView cluster)
    {
        var connection = handshake.Connection;
        var first = connection.FirstLeft;
        var ack = handshake.State == HandshakeState.Acknowledged ? handshake.First(MessageKind.ChallengeAck) : null;
        var protocol = handshake.Protocol;
        return new HandshakeReport
        {
            Id = id,
            Revision = 1,
            Protocol = protocol.Name,
            ProtocolVersion = handshake.First(MessageKind.Name)?.Content.Version ?? handshake.First(MessageKind.Challenge)?.Content.Version,
            Outcome = judgement.Outcome.Kebab(),
            Initiator = Peer(handshake, Role.Initiator),
            Acceptor = Peer(handshake, Role.Acceptor),
            Started = ReportText.Time(handshake.Started),
            StartedAt = handshake.Started,
            SeenUntil = cluster.Facts.Totals.LastTime,
            WaitLimit = protocol.WaitLimit(judgement.State) is { } limit ? new WaitLimit(limit, protocol.Words.Limit) : null,
            EvidenceKey = evidence,
            Duration = ReportText.Seconds(Math.Max(0, (ack?.Time ?? first?.Time ?? connection.LastTime) - handshake.Started)),
            Lookup = cluster.LookupOf(handshake) is { } lookup
                ? new LookupReport(lookup.Name!, lookup.Server.ToString(), ReportText.Time(lookup.Time), ReportText.Seconds(lookup.Time - handshake.Started), lookup.Frame)
                : null,
            Status = handshake.First(MessageKind.Status)?.Content.Status,
            Messages = Messages(handshake),
            Digests = [.. judgement.Proofs.Select(proof => Digest(proof, cluster.CookieCount))],
            NearMiss = judgement.Proofs.Where(proof => proof.Near != null).Select(proof => new NearMissReport(proof.By.Word(), proof.Near!.Cookie, proof.Near.How)).FirstOrDefault(),
            Anomalies = handshake.Anomalies.Count == 0 ? null
                : [.. handshake.Anomalies.Select(odd => new AnomalyReport(odd.Kind.Kebab(), odd.By.Word(), odd.Expected, odd.Seen, odd.Frame, ReportText.Seconds(odd.Time - handshake.Started)))],
            Diagnosis = new DiagnosisReport
            {
                Code = judgement.Diagnosis.Code.Kebab(),
                Summary = judgement.Diagnosis.Summary,
                Remedy = judgement.Diagnosis.Remedy,
                Certainty = judgement.Diagnosis.Certainty.Kebab(),
                Frames = judgement.Diagnosis.Frames,
                Logs = Explanation.LogsOf(judgement.Diagnosis.Code.Kebab(), protocol.Name),
            },
            Connection = Connection(handshake),
        };
    }

    private static ConnectionReport Connection(Handshake handshake)
    {
        var connection = handshake.Connection;
        var first = connection.FirstLeft;
        decimal Since(long time) => ReportText.Seconds(time - handshake.Started);
        decimal? SinceOrNull(long time) => time == 0 ? null : Since(time);
        Departure[] left = [.. new[] { connection.InitiatorLeft, connection.AcceptorLeft }.OfType<Departure>().OrderBy(one => one.Frame)];
        return new ConnectionReport
        {
            Syn = connection.Syns > 0,
            Opened = connection is { SynTime: 0, SynAckTime: 0 } ? null : new OpenedReport(SinceOrNull(connection.SynTime), SinceOrNull(connection.SynAckTime), connection.Syns),
            NotCaptured = !connection.IsInitiatorSeen ? Role.Initiator.Word() : !connection.IsAcceptorSeen ? Role.Acceptor.Word() : null,
            Retransmissions = connection.Retransmissions,
            Copies = connection.Copies == 0 ? null : connection.Copies,
            OutOfOrder = connection.OutOfOrder,
            Overlaps = connection.Overlaps,
            MissingBytes = connection.MissingBytes,
            StrayResets = connection.StrayResets == 0 ? null : connection.StrayResets,
            Transfer = handshake.Transfer.Count == 0 ? null
                : [.. handshake.Transfer.Select(one => one.Kind == TransferEventKind.MissingBytes
                    ? new TransferReport(one.Kind.Kebab(), one.By.Word(), one.Count, one.Before, null, null, null)
                    : new TransferReport(one.Kind.Kebab(), one.By.Word(), one.Count, null, Since(one.Time), Since(one.LastTime), one.Frame))],
            ClosedBy = first?.By.Word(),
            Close = first == null ? "open" : How(first),
            Left = left.Length == 0 ? null : [.. left.Select(one => new DepartureReport(one.By.Word(), How(one), Since(one.Time), one.Frame))],
            BytesAfter = new BytesAfterReport(connection.AfterInitiator, connection.AfterAcceptor),
            LastByte = new LastByteReport(TimeOrNull(connection.LastByteFromInitiator), TimeOrNull(connection.LastByteFromAcceptor)) { InitiatorTime = connection.LastByteFromInitiator, AcceptorTime = connection.LastByteFromAcceptor },
            Ended = first == null ? null : ReportText.Time(first.Time),
            EndedSinceStart = first == null ? null : Since(first.Time),
            LastPacket = ReportText.Time(connection.LastTime),
        };
    }

    private static string How(Departure left) => left.IsReset ? "rst" : "fin";

    private static string? TimeOrNull(long time) => time == 0 ? null : ReportText.Time(time);

    private static PeerReport Peer(Handshake handshake, Role role)
    {
        var introduction = handshake.First(role == Role.Initiator ? MessageKind.Name : MessageKind.Challenge)?.Content;
        var flags = handshake.FlagsOf(role);
        return new PeerReport
        {
            Endpoint = handshake.EndpointOf(role).ToString(),
            Node = introduction?.Node,
            ConnectionString = introduction?.ConnectionString is { Length: > 0 } advertised ? advertised : null,
            Release = introduction?.Generation ?? (flags is { } bits ? handshake.Protocol.Flags?.ReleaseOf(bits) : null),
            Flags = flags is { } all && handshake.Protocol.Flags is { } meaning ? new FlagNames(new CapabilityBits(all, meaning)) : null,
            Hidden = flags is { } some && (handshake.Protocol.Flags?.IsHidden(some) ?? false) ? true : null,
            Creation = handshake.CreationOf(role),
        };
    }

    private static MessageReport[] Messages(Handshake handshake)
    {
        var reports = new MessageReport[handshake.Messages.Length];
        for (var i = 0; i < reports.Length; i++) reports[i] = Message(handshake, handshake.Messages[i]);
        return reports;
    }

    private static MessageReport Message(Handshake handshake, HandshakeMessage message)
    {
        return new MessageReport
        {
            Type = message.Kind.Word(),
            From = message.From.Word(),
            Time = ReportText.Time(message.Time),
            SinceStart = ReportText.Seconds(message.Time - handshake.Started),
            Frames = message.Frames,
            Length = message.Length,
            Cut = message.IsCut ? true : null,
            Conflict = message.IsConflicting ? true : null,
            Fields = new MessageFields(handshake.FieldsOf(message)),
        };
    }

    private static DigestReport Digest(Proof proof, int tried) => new()
    {
        By = proof.By.Word(),
        Challenge = proof.Challenge,
        Value = proof.Digest == null ? null : Convert.ToHexStringLower(proof.Digest),
        Scheme = proof.Scheme,
        Verdict = proof.Verdict.Kebab(),
        Cookie = proof.Cookie,
        Tried = tried,
    };
}
