using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using static PcapAnalyzer.Reports.Vocabularies;

namespace PcapAnalyzer.Reports;

/// <summary>Declares every field of the JSON document outside the handshakes, in JSON order.</summary>
internal static class ReportFields
{
    private const string SeveralSources = "which of several sources shows it; absent where there is one";

    private static readonly Shape<CaptureReport> Generator = new(f =>
    [
        f.Text("name", "", _ => "pcap-analyzer"),
        f.Text("version", "", _ => JsonReport.Version),
    ]);

    private static readonly Shape<SourceInterface> Interface = new(f =>
    [
        f.OptionalText("name", "", one => one.Name),
        f.Text("linkType", "", one => one.LinkType),
        f.Count("dropped", "", one => one.Dropped),
    ]);

    private static readonly Shape<SourceComment> Comment = new(f =>
    [
        f.Text("text", "", comment => comment.Text),
        f.Number("packet", "absent where it concerns the whole file", comment => comment.Packet, least: 1),
    ]);

    private static readonly Shape<SourceProblem> Problem = new(f =>
    [
        f.Text("code", "", problem => problem.Code),
        f.Text("detail", "", problem => problem.Detail),
        f.Number("packet", "", problem => problem.Packet, least: 1),
    ]);

    private static readonly Shape<CaptureSource> Source = new(f =>
    [
        f.Word("kind", "", [new("file", ""), new("interface", ""), new("stdin", "")], source => source.Kind),
        f.Text("name", "", source => source.Name),
        f.Word("format", "", [new("pcap", ""), new("pcapng", "")], source => source.Format, isOptional: true),
        f.Texts("linkTypes", "", source => source.LinkTypes),
        f.Count("packets", "", source => source.Packets),
        f.Count("bytes", "", source => source.Bytes),
        f.Time("firstPacket", "", source => source.FirstPacket),
        f.Time("lastPacket", "", source => source.LastPacket),
        f.Count("dropped", "", source => source.Dropped),
        f.OfAll("interfaces", "those that a pcapng file describes, or that were captured on", Interface, source => source.Interfaces,
            isOptional: true),
        f.OfAll("comments", "what somebody wrote into a pcapng file", Comment, source => source.Comments, isOptional: true),
        f.OfAll("problems", "", Problem, source => source.Problems),
    ]);

    private static readonly Shape<Cookie> Hash = new(f =>
    [
        f.Text("label", "", cookie => cookie.Label),
        f.Text("hash", "", cookie => cookie.RabbitHash()),
    ]);

    private static readonly Shape<CaptureReport> Where = new(f =>
    [
        f.Text("expression", "", report => report.Selection!.Expression),
        f.Count("matching", "how many match", report => report.Handshakes.Count),
    ]);

    private static readonly Shape<JudgedNode> Node = new(f =>
    [
        f.Text("name", "", node => node.Name),
        f.Text("protocol", "", node => node.Protocol),
        f.Texts("endpoints", "where it was seen to listen",
            node => node.Endpoints.Select(endpoint => endpoint.ToString()).Order(StringComparer.Ordinal)),
        f.OptionalText("release", "", node => node.Release),
        f.FlagIfTrue("hidden", "", node => node.IsHidden),
        f.Flags("flags", "", node => node.Flags),
        f.Texts("cookies", "labels of the cookies it proved", node => node.Cookies),
        f.Counts("handshakes", "how many handshakes had each outcome", node => Sorted(node.Outcomes)),
    ]);

    private static readonly Shape<JudgedPair> Simultaneous = new(f =>
    [
        f.Number("times", "", pair => pair.Simultaneous, least: 1),
        f.Text("predictedWinner", "", pair => pair.PredictedWinner),
        f.Texts("winners", "", pair => pair.Winners),
    ]);

    private static readonly Shape<JudgedPair> Pair = new(f =>
    [
        f.Texts("nodes", "the two names, in byte order", pair => [pair.First, pair.Second]),
        f.Text("protocol", "", pair => pair.Protocol),
        f.Number("count", "", pair => pair.Starts.Count, least: 1),
        f.Time("first", "", pair => pair.Starts.Min()),
        f.Time("last", "", pair => pair.Starts.Max()),
        f.Duration("interval", "seconds from one attempt to the next, the median", pair => pair.Interval),
        f.Counts("outcomes", "how many handshakes had each outcome", pair => Sorted(pair.Outcomes)),
        f.Object("simultaneous", "dials in both directions at once", Simultaneous, pair => pair, pair => pair.Simultaneous > 0),
        f.Word("cause", "of all attempts that were not established, when they share one", Codes, pair => pair.Cause),
    ]);

    private static readonly Shape<Finding> Finding = new(f =>
    [
        f.Word("code", "", Codes, finding => finding.Code),
        f.Number("source", SeveralSources, finding => finding.Source, least: 1),
        f.OptionalText("from", "address of the host that dialled", finding => finding.From),
        f.OptionalText("to", "", finding => finding.To is { Port: 0 } host ? host.Address.ToString() : finding.To?.ToString()),
        f.OptionalText("node", "", finding => finding.Node),
        f.OptionalText("epmd", "the EPMD that was asked", finding => finding.Epmd?.ToString()),
        f.OptionalText("askedBy", "address of the host that asked it", finding => finding.AskedBy),
        f.OptionalText("how", "syn-unanswered, arp-unanswered, refused, no-reply, not-dialled, or the ICMP code", finding => finding.How),
        f.Number("session", "the id of the session that it is about; absent where it is about none", finding => finding.Session, least: 1),
        f.Number("times", "", finding => finding.Times, least: 1),
        f.Word("certainty", "of findings about sessions and TLS", Certainties, finding => finding.Certainty),
        f.Text("summary", "", finding => finding.Summary),
        f.Text("remedy", "", finding => finding.Remedy),
    ]);

    private static readonly Shape<Statistics> Statistics = new(f =>
    [
        f.Count("packets", "", all => all.Packets),
        f.Count("tcpSegments", "", all => all.TcpSegments),
        f.Count("conversations", "", all => all.Conversations),
        f.Count("handshakes", "", all => all.Handshakes),
        f.Count("established", "", all => all.Outcomes.GetValueOrDefault(Outcome.Established)),
        f.Count("authenticationFailed", "", all => all.Outcomes.GetValueOrDefault(Outcome.AuthenticationFailed)),
        f.Count("rejected", "", all => all.Outcomes.GetValueOrDefault(Outcome.Rejected)),
        f.Count("closed", "", all => all.Outcomes.GetValueOrDefault(Outcome.Closed)),
        f.Count("incomplete", "", all => all.Outcomes.GetValueOrDefault(Outcome.Incomplete)),
        f.Count("protocolViolation", "", all => all.Outcomes.GetValueOrDefault(Outcome.ProtocolViolation)),
        f.Count("encrypted", "", all => all.Outcomes.GetValueOrDefault(Outcome.Encrypted)),
        f.Count("undecodedPackets", "packets that could not be decoded", all => all.UndecodedPackets),
        f.Counts("undecoded", "the same by reason", all => all.Undecoded.Select(pair => (pair.Key.Kebab(), pair.Value)), isOptional: true),
        f.Counts("unopened", "the unsupported ones by the link, encryption or tunnel that is not opened",
            all => all.Unopened.Select(pair => (pair.Key, pair.Value)), isOptional: true),
        f.Count("tlsSessions", "conversations that begin with TLS, between whomever", all => all.TlsSessions),
        f.CountIfAny("conversationsDropped", "conversations forgotten early because a limit was reached", all => all.ConversationsDropped),
        f.CountIfAny("handshakesDropped", "handshakes, TLS sessions and EPMD exchanges beyond what is kept", all => all.HandshakesDropped),
    ]);

    internal static readonly Shape<CaptureReport> Report = new(f =>
    [
        f.Number("schemaVersion", "rises when a field changes its meaning or goes; new fields may come at any time",
            _ => JsonReport.SchemaVersion),
        f.Object("generator", "", Generator, report => report),
        f.FlagIfTrue("redacted",
            "with --redact: nodes and hosts have neutral names; "
                + "challenges, digests, comments and the names of files and interfaces are left out",
            report => report.IsRedacted),
        f.OfAll("sources", "", Source, report => report.Sources),
        f.OfAll("cookies", "with --cookie-hash: RabbitMQ's hash of each given cookie, base64 of its MD5", Hash, report => report.Cookies,
            isOptional: true),
        f.OfAll("handshakes", "", HandshakeFields.Handshake, report => report.Handshakes),
        f.OfAll("sessions", "what followed the handshakes on their connections, and on those that began before the capture",
            SessionFields.Session, report => report.ListedSessions),
        f.CountIfAny("lossesLeftOut", "lost sessions that were not looked at for splits: there are too many",
            report => report.Sessions.LossesLeftOut),
        f.OfAll("splits", "when the cluster fell into groups", SessionFields.Split, report => report.Sessions.Splits),
        f.Object("where", "with --where: only the handshakes and the sessions that match are listed; "
                + "splits, nodes, pairs, findings and statistics stay those of all",
            Where, report => report, report => report.Selection != null),
        f.OfAll("nodes", "", Node, report => report.Nodes),
        f.OfAll("pairs", "", Pair, report => report.Pairs),
        f.OfAll("findings", "", Finding, report => report.Findings),
        f.Object("statistics", "", Statistics, report => report.Statistics),
    ])
    {
        Meaning = "What one run found: the handshakes of the captures, judged, and what explains those that are missing. "
            + "Absent means not known. Times are RFC 3339 in UTC, durations are seconds, bytes are lower-case hex.",
    };

    private static IEnumerable<(string, long)> Sorted(IEnumerable<KeyValuePair<Outcome, int>> outcomes) =>
        outcomes.Select(pair => (pair.Key.Kebab(), (long)pair.Value)).OrderBy(pair => pair.Item1, StringComparer.Ordinal);
}
