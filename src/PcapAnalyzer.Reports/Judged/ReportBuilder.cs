using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Builds reports from facts and cookies. Handshakes are judged here.</summary>
public static class ReportBuilder
{
    /// <param name="captures">The captures; each is judged separately.</param>
    /// <param name="ring">The cookies whose hashes the report shows; null for none.</param>
    /// <param name="work">Decides how many handshakes are judged at once; null for one after the other.</param>
    public static CaptureReport Build(IReadOnlyList<AnalyzedCapture> captures, CookieRing? ring = null, IOrderedWork? work = null)
    {
        var isRedacted = captures.Any(capture => capture.Cluster.Pseudonyms != null);
        // Pseudonyms are numbered on first use, so the handshakes must come in the same order each time.
        if (work == null || isRedacted) work = new OneByOne();
        var sources = captures.Select(capture => capture.Source).OfType<CaptureSource>();
        return new CaptureReport(new JudgedHandshakes(captures, work), [.. captures.Select(capture => capture.Cluster.Facts)])
        {
            IsRedacted = isRedacted,
            Sources = [.. isRedacted ? sources.Select((source, index) => Redaction.Of(source, index + 1)) : sources],
            Cookies = ring?.Cookies,
            Sessions = JudgedSessions.Of(captures, work),
            FindingsOfCaptures = [.. captures.SelectMany((capture, index) =>
                Findings.Of(capture.Cluster).Select(finding => finding with { Source = captures.Count > 1 ? index + 1 : null }))],
        };
    }

    /// <summary>Judges one handshake from what is known so far; redacted if its capture is.</summary>
    public static JudgedHandshake Of(Handshake handshake, ClusterView cluster, ReportNumbers? numbers = null)
    {
        numbers ??= ReportNumbers.Alone;
        return Of(handshake, numbers.Of(handshake.Number), numbers.Source, handshake.Evidence, Judge.Of(handshake, cluster), cluster);
    }

    /// <summary>Judges the handshake inside a TLS session.</summary>
    internal static JudgedHandshake Of(TlsSession session, int id, int? source, ClusterView cluster) =>
        Of(Judge.HiddenIn(session, cluster), id, source, session.Evidence, Judge.Of(session, cluster), cluster);

    private static JudgedHandshake Of(Handshake handshake, int id, int? source, EvidenceKey evidence, Judgement judgement,
        ClusterView cluster)
    {
        var whole = new JudgedHandshake
        {
            Id = id,
            Source = source,
            Facts = handshake,
            Judgement = judgement,
            Initiator = JudgedPeer.Of(handshake, Role.Initiator),
            Acceptor = JudgedPeer.Of(handshake, Role.Acceptor),
            Lookup = cluster.LookupOf(handshake),
            Status = handshake.First(MessageKind.Status)?.Content.Status,
            Messages = [.. handshake.Messages.Select(message => new JudgedMessage(handshake, message))],
            Proofs = [.. judgement.Proofs],
            CookieCount = cluster.CookieCount,
            SeenUntil = cluster.Facts.Totals.LastTime,
            Evidence = evidence,
        };
        return cluster.Pseudonyms is { } names ? Redaction.Of(whole, names) : whole;
    }
}
