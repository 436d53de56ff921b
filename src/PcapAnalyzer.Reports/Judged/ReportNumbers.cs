using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Facts;

namespace PcapAnalyzer.Reports;

/// <summary>Report numbers of one capture's handshakes. Numbering continues across captures; TLS sessions follow handshakes.</summary>
/// <remarks>Only this class calculates numbers of handshakes and sessions.</remarks>
/// <param name="Before">The last number used by the preceding captures.</param>
/// <param name="Source">The capture's position, from 1; null when there is one capture.</param>
public sealed record ReportNumbers(int Before, int? Source)
{
    /// <summary>Numbers for a single capture.</summary>
    public static ReportNumbers Alone { get; } = new(0, null);

    /// <summary>Numbers for a capture that follows others.</summary>
    /// <param name="before">The preceding captures, each complete.</param>
    /// <param name="isOneOfSeveral">False when the report has one capture only.</param>
    public static ReportNumbers After(IReadOnlyList<ClusterView> before, bool isOneOfSeveral) =>
        new(before.Sum(LastOf), isOneOfSeveral ? before.Count + 1 : null)
        {
            SessionsBefore = before.Sum(cluster => cluster.Facts.Sessions.LastNumber),
        };

    /// <summary>The last number used by the sessions of the preceding captures.</summary>
    internal int SessionsBefore { get; init; }

    /// <summary>The report number of a session.</summary>
    public int OfSession(int session) => SessionsBefore + session;

    /// <summary>The report number of a handshake.</summary>
    public int Of(int handshake) => Before + handshake;

    /// <summary>The handshake's number in its capture. The result for a TLS session is not the number of any handshake.</summary>
    public int NumberOf(JudgedHandshake handshake) => handshake.Id - Before;

    /// <summary>The report number of a TLS session between nodes, by its index in <see cref="TlsOf"/>.</summary>
    internal int OfTls(ClusterView cluster, int index) => Before + LastHandshake(cluster) + 1 + index;

    /// <summary>TLS sessions between nodes, in number order. Only the complete capture shows which sessions are between nodes.</summary>
    internal static IReadOnlyList<TlsSession> TlsOf(ClusterView cluster) =>
        [.. Judge.TlsBetweenNodes(cluster).OrderBy(session => session.Started)];

    private static int LastOf(ClusterView cluster) => LastHandshake(cluster) + Judge.TlsBetweenNodes(cluster).Count();

    private static int LastHandshake(ClusterView cluster) => cluster.Handshakes.LastNumber;
}
