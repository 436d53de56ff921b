using System.Text.Json;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Protocols.Hashes;

namespace PcapAnalyzer.Reports;

/// <summary>One handshake a line: when its outcome is first known, and again, with a higher revision, when anything in it has changed.</summary>
/// <remarks>A line is judged on what was seen up to then; the last line of an id is what the JSON report says.</remarks>
/// <param name="cluster">What is known so far.</param>
/// <param name="output">Takes the lines.</param>
/// <param name="source">The capture's place among several, from 1; null where there is one.</param>
/// <param name="idsBefore">The last number that the captures before it have taken.</param>
/// <param name="selection">Which handshakes have lines, from when it holds for them; null for all.</param>
public sealed class JsonLines(ClusterView cluster, Stream output, int? source = null, int idsBefore = 0, Selection? selection = null) : LiveReport(cluster, source, idsBefore, selection)
{
    private readonly Dictionary<int, (int Revision, UInt128 Content)> _written = [];

    protected override bool HasWritten(int id) => _written.ContainsKey(id);

    protected override void Write(HandshakeReport report)
    {
        var (revision, content) = _written.GetValueOrDefault(report.Id);
        Span<byte> digest = stackalloc byte[Sha256.DigestLength];
        Sha256.Hash(JsonSerializer.SerializeToUtf8Bytes(report with { Revision = 1 }, ReportJson.Default.HandshakeReport), digest);
        var now = new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
        if (revision > 0 && content == now) return;
        _written[report.Id] = (revision + 1, now);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(report with { Revision = revision + 1 }, ReportJson.Default.HandshakeReport));
        output.WriteByte((byte)'\n');
        output.Flush();
    }
}
