using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cluster;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing.Fuzzing;

/// <summary>Analyzes frames and checks the properties that every output must have.</summary>
internal sealed class ReportCheck
{
    /// <summary>Used in turn, because writing even one is expensive.</summary>
    private static readonly TextStyle[] Styles =
        [new(Colour: false, TextDetail.Normal), new(Colour: false, TextDetail.Verbose),
            new(Colour: false, TextDetail.Verbose) { Ladder = new LadderStyle() }, new(Colour: false, TextDetail.Quiet)];

    /// <summary>ASCII only, because the width of ASCII rows is fast to measure.</summary>
    private static readonly LadderStyle Ladder = new() { Width = 60, Height = 15, IsAscii = true, Time = LadderTime.Clock };

    private static readonly CookieRing Ring = new([.. FailureRow.Cookies.Select(cookie => Cookie.FromText(cookie.Key, cookie.Value))]);

    private readonly CaptureAnalysis _analyzer;
    private readonly MemoryStream _lines = new();
    private readonly JsonLines? _jsonLines;
    private long _number;

    /// <param name="isWritten">Whether to write and check the whole report; false for a second run to the same facts.</param>
    /// <param name="generalOnly">Whether PacketDotNet parses all frames.</param>
    internal ReportCheck(bool isWritten = true, bool generalOnly = false)
    {
        var general = new PacketDotNetParser();
        _analyzer = new CaptureAnalysis(Analysis.Options with { Evidence = new() }, Ring, generalOnly ? general : new FrameParser(),
            generalOnly ? null : general);
        if (!isWritten) return;
        _jsonLines = new JsonLines(_analyzer.Cluster, _lines);
        _analyzer.HandshakeKnown = _jsonLines.Accept;
    }

    internal ClusterView Cluster => _analyzer.Cluster;

    internal void Accept(in Frame frame)
    {
        _number = frame.Number;
        _analyzer.Accept(frame);
    }

    /// <param name="time">Nanoseconds since 1970.</param>
    /// <param name="datagram">The bytes from the IP header on.</param>
    /// <param name="wire">The length before a snapshot length cut it; 0 when it is whole.</param>
    internal void AcceptDatagram(long time, byte[] datagram, int wire = 0) =>
        Accept(new Frame(_number + 1, time, LinkLayer.Raw, datagram, Math.Max(wire, datagram.Length)));

    /// <summary>Ends the capture and checks its report.</summary>
    internal (CaptureReport Report, FactStore Facts) Finish(CaptureSource? source = null)
    {
        var facts = _analyzer.Finish();
        var report = ReportBuilder.Build([new AnalyzedCapture(Cluster, source)]);
        if (_jsonLines == null) return (report, facts);
        _jsonLines.Finish(report);
        CheckJson(report);
        using var text = new StringWriter { NewLine = "\n" };
        TextReport.Write(report, text, Styles[(int)(_number % Styles.Length)]);
        CheckText(text.GetStringBuilder());
        foreach (var handshake in report.Handshakes)
        {
            CheckLadder(handshake);
            CheckProofs(handshake);
            if (_analyzer.Evidence!.Of(handshake.Evidence) is not { } evidence) continue;
            foreach (var (_, comment) in EvidenceComments.Of(evidence, handshake.Id, handshake)) CheckText(new StringBuilder(comment));
        }
        return (report, facts);
    }

    /// <summary>The output is valid JSON, and the last line of each handshake, session and split equals what the report has.</summary>
    private void CheckJson(CaptureReport report)
    {
        using var output = new MemoryStream();
        JsonReport.Write(report, output);
        using var json = JsonDocument.Parse(output.GetBuffer().AsMemory(0, (int)output.Length));
        var last = new Dictionary<(string List, int Id), string>();
        foreach (var line in Encoding.UTF8.GetString(_lines.GetBuffer(), 0, (int)_lines.Length)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var one = JsonDocument.Parse(line);
            var (list, of) = one.RootElement.TryGetProperty("session", out var session) ? ("sessions", session)
                : one.RootElement.TryGetProperty("split", out var split) ? ("splits", split) : ("handshakes", one.RootElement);
            last[(list, of.GetProperty("id").GetInt32())] = of.GetRawText()
                .Replace($"\"revision\":{of.GetProperty("revision").GetInt32()}", "\"revision\":1", StringComparison.Ordinal);
        }
        FuzzFailure.Unless(json.RootElement.GetProperty("handshakes").GetArrayLength() == report.Handshakes.Count,
            $"not {report.Handshakes.Count} handshakes");
        foreach (var list in (string[])["handshakes", "sessions", "splits"])
        {
            var all = json.RootElement.GetProperty(list);
            var lines = last.Keys.Count(key => key.List == list);
            FuzzFailure.Unless(all.GetArrayLength() == lines, $"{lines} lines, {all.GetArrayLength()} {list}");
            foreach (var one in all.EnumerateArray())
            {
                var line = last[(list, one.GetProperty("id").GetInt32())];
                FuzzFailure.Unless(one.GetRawText() == line, $"the report says\n{one.GetRawText()}\nand the last line\n{line}");
            }
        }
    }

    /// <summary>The text contains nothing that moves a terminal's cursor or reverses its text.</summary>
    private static void CheckText(StringBuilder text)
    {
        foreach (var chunk in text.GetChunks())
            foreach (var letter in chunk.Span)
                FuzzFailure.Unless(letter is '\n' or (>= ' ' and <= '~') || !IsBad(letter), $"character {(int)letter} in\n{text}");
    }

    private static bool IsBad(char letter) => char.IsControl(letter)
        || letter is '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff'
        or '\ufffd';

    private static void CheckLadder(JudgedHandshake handshake)
    {
        var rows = LadderDrawing.Draw(handshake, Ladder);
        foreach (var row in rows.Select(row => row.ToString())
            .Concat(DiagnosisText.Rows(handshake, Ladder.Width).Select(runs => string.Concat(runs.Select(run => run.Text)))))
            FuzzFailure.Unless(CellText.Width(row) <= Ladder.Width && CellText.Safe(row) == row,
                $"{Ladder.Width} cells are too few for\n{row}");
        FuzzFailure.Unless(rows.Count(row => row.Message != null) == handshake.Messages.Count,
            $"{rows.Count(row => row.Message != null)} of {handshake.Messages.Count} messages are drawn");
    }

    /// <summary>A verified proof is the digest of its challenge and cookie. An independent hash and the messages must agree.</summary>
    private static void CheckProofs(JudgedHandshake handshake)
    {
        foreach (var digest in handshake.Proofs.Where(digest => digest.IsVerified))
        {
            var cookie = FailureRow.Cookies[digest.Cookie!];
            var asked = digest.Challenge!.Value;
            var expected = digest.Scheme switch
            {
                "md5-erlang" => ErlangBytes.Digest(asked, cookie),
                "sha256-ractor" => RactorBytes.Digest(asked, cookie),
                "md5-ractor" => MD5.HashData([(byte)(asked >> 24), (byte)(asked >> 16), (byte)(asked >> 8), (byte)asked,
                    .. Encoding.UTF8.GetBytes(cookie)]),
                var other => throw new FuzzFailure($"no scheme is called {other}"),
            };
            FuzzFailure.Unless(digest.Digest.AsSpan().SequenceEqual(expected), $"{digest} is not {Convert.ToHexStringLower(expected)}");
            FuzzFailure.Unless(Says(handshake, digest.By, Convert.ToHexStringLower(expected)), $"nobody sent {digest}");
            FuzzFailure.Unless(Says(handshake, digest.By.Other(), asked.ToString(CultureInfo.InvariantCulture)), $"nobody asked {digest}");
        }
    }

    private static bool Says(JudgedHandshake handshake, Role from, string value) =>
        handshake.Messages.Any(message => message.From == from && !message.Message.IsConflicting
            && message.Fields.Any(field => field.Value.Text().Contains(value, StringComparison.Ordinal)));
}
