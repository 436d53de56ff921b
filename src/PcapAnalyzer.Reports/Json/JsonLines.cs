using System.Buffers;
using System.Text.Json;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Pipeline.Protocols.Hashes;

namespace PcapAnalyzer.Reports;

/// <summary>
/// Writes a line when a handshake's outcome is first known, and one with a higher revision whenever it changes. A session is a line
/// <c>{"session": {…}}</c>, a split <c>{"split": {…}}</c>, with revisions of their own.
/// </summary>
/// <remarks>Each line uses only what was seen so far. The last line of an id equals what the JSON report has of it.</remarks>
/// <param name="numbers">The report numbers of the capture's handshakes; null when there is one capture.</param>
/// <param name="selection">Which handshakes are written, from the moment they match; null for all.</param>
public sealed class JsonLines(ClusterView cluster, Stream output, ReportNumbers? numbers = null, Selection? selection = null)
    : LiveReport(cluster, numbers, selection)
{
    private readonly Dictionary<int, Written> _handshakes = [];
    private readonly Dictionary<int, Written> _sessions = [];
    private readonly Dictionary<int, Written> _splits = [];
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>The last line of an id.</summary>
    private readonly record struct Written(int Revision, UInt128 Content);

    protected override bool HasWritten(int id) => _handshakes.ContainsKey(id);

    protected override void Write(JudgedHandshake handshake) => Write(_handshakes, handshake.Id, null, revision =>
        (HandshakeFields.Handshake, handshake with { Revision = revision }));

    protected override void Write(JudgedSession session) => Write(_sessions, session.Id, "session", revision =>
        (SessionFields.Session, session with { Revision = revision }));

    protected override void Write(JudgedSplit split) => Write(_splits, split.Id, "split", revision =>
        (SessionFields.Split, split with { Revision = revision }));

    /// <param name="kind">The property that holds it; null for a handshake, which is the line itself.</param>
    private void Write<T>(Dictionary<int, Written> all, int id, string? kind, Func<int, (Shape<T> Shape, T Value)> of)
    {
        var (revision, content) = all.GetValueOrDefault(id);
        Span<byte> digest = stackalloc byte[Sha256.DigestLength];
        Sha256.Hash(Line(kind, of(1)), digest);
        var now = new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
        if (revision > 0 && content == now) return;
        BeforeWrite?.Invoke();
        all[id] = new Written(revision + 1, now);
        output.Write(revision == 0 ? _line.WrittenSpan : Line(kind, of(revision + 1)));
        output.WriteByte((byte)'\n');
        output.Flush();
    }

    private ReadOnlySpan<byte> Line<T>(string? kind, (Shape<T> Shape, T Value) one)
    {
        _line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_line))
        {
            if (kind != null)
            {
                writer.WriteStartObject();
                writer.WritePropertyName(kind);
            }
            one.Shape.Write(writer, one.Value);
            if (kind != null) writer.WriteEndObject();
        }
        return _line.WrittenSpan;
    }
}
