using System.Buffers;
using System.Text.Json;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Protocols.Hashes;

namespace PcapAnalyzer.Reports;

/// <summary>Writes a line when a handshake's outcome is first known, and one with a higher revision whenever it changes.</summary>
/// <remarks>Each line uses only what was seen so far. The last line of an id equals the handshake in the JSON report.</remarks>
/// <param name="cluster">What is known so far.</param>
/// <param name="output">Receives the lines.</param>
/// <param name="numbers">The report numbers of the capture's handshakes; null when there is one capture.</param>
/// <param name="selection">Which handshakes are written, from the moment they match; null for all.</param>
public sealed class JsonLines(ClusterView cluster, Stream output, ReportNumbers? numbers = null, Selection? selection = null)
    : LiveReport(cluster, numbers, selection)
{
    private readonly Dictionary<int, (int Revision, UInt128 Content)> _written = [];
    private readonly ArrayBufferWriter<byte> _line = new();

    protected override bool HasWritten(int id) => _written.ContainsKey(id);

    protected override void Write(JudgedHandshake handshake)
    {
        var (revision, content) = _written.GetValueOrDefault(handshake.Id);
        Span<byte> digest = stackalloc byte[Sha256.DigestLength];
        Sha256.Hash(Line(handshake with { Revision = 1 }), digest);
        var now = new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
        if (revision > 0 && content == now) return;
        _written[handshake.Id] = (revision + 1, now);
        output.Write(revision == 0 ? _line.WrittenSpan : Line(handshake with { Revision = revision + 1 }));
        output.WriteByte((byte)'\n');
        output.Flush();
    }

    private ReadOnlySpan<byte> Line(JudgedHandshake handshake)
    {
        _line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_line)) HandshakeFields.Handshake.Write(writer, handshake);
        return _line.WrittenSpan;
    }
}
