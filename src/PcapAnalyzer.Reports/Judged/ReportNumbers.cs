using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>The report numbers of one capture's handshakes. Captures count on from each other; a capture's TLS sessions come behind its handshakes.</summary>
/// <remarks>The only place that computes with numbers of handshakes.</remarks>
/// <param name="Before">The last number that the captures before it have taken.</param>
/// <param name="Source">The capture's place among several, from 1; null where there is one.</param>
public sealed record ReportNumbers(int Before, int? Source)
{
    /// <summary>Of the only capture.</summary>
    public static ReportNumbers Alone { get; } = new(0, null);

    /// <summary>Of the capture that follows others.</summary>
    /// <param name="before">The captures before it, each complete.</param>
    /// <param name="isOneOfSeveral">False where the report has one capture only.</param>
    public static ReportNumbers After(IReadOnlyList<ClusterView> before, bool isOneOfSeveral) =>
        new(before.Sum(LastOf), isOneOfSeveral ? before.Count + 1 : null);

    /// <summary>The report number of a handshake.</summary>
    public int Of(int handshake) => Before + handshake;

    /// <summary>The handshake's number in its capture; that of a TLS session is no handshake's.</summary>
    public int NumberOf(JudgedHandshake handshake) => handshake.Id - Before;

    /// <summary>The report number of a TLS session between nodes, by its place among them.</summary>
    internal int OfTls(ClusterView cluster, int index) => Before + LastHandshake(cluster) + 1 + index;

    /// <summary>TLS sessions between nodes, in the order of their numbers. Only the whole capture tells which they are.</summary>
    internal static IReadOnlyList<TlsSession> TlsOf(ClusterView cluster) => [.. Judge.TlsBetweenNodes(cluster).OrderBy(session => session.Started)];

    private static int LastOf(ClusterView cluster) => LastHandshake(cluster) + Judge.TlsBetweenNodes(cluster).Count();

    private static int LastHandshake(ClusterView cluster) => cluster.Handshakes.Numbers.LastOrDefault();
}
