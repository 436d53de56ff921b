using System.Text;
using System.Text.Json;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Testing;

/// <summary>Runs the whole pipeline from a capture to a report, in this process.</summary>
public static class Analysis
{
    public static AnalyzerOptions Options { get; } = new() { Protocols = HandshakeProtocols.All };

    /// <param name="relative">A capture, relative to <see cref="Repository.Captures"/>.</param>
    /// <param name="ring">Cookies to try.</param>
    /// <param name="generalOnly">Whether PacketDotNet parses all frames.</param>
    /// <param name="names">Pseudonyms for a redacted report; null for a plain report.</param>
    public static CaptureReport Report(string relative, CookieRing ring, bool generalOnly = false, Pseudonyms? names = null)
    {
        var general = new PacketDotNetParser();
        var analyzer = generalOnly ? new CaptureAnalysis(Options, ring, general, null, names)
            : new CaptureAnalysis(Options, ring, new FrameParser(), general, names);
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, relative));
        var read = source.Read(analyzer.Accept, CancellationToken.None);
        analyzer.Finish();
        return ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, read with { Name = $"captures/{relative}" })]);
    }

    /// <summary>The cookies named in the truth file beside a capture, labelled cookie-1, cookie-2, … in order.</summary>
    public static CookieRing TrueCookies(string relative)
    {
        var path = Path.Combine(Repository.Captures, relative);
        var truth = new[] { path, Path.ChangeExtension(path, null) }.Select(stem => stem + ".truth.json").FirstOrDefault(File.Exists);
        if (truth == null) return CookieRing.Empty;
        using var json = JsonDocument.Parse(File.ReadAllText(truth));
        var cookies = json.RootElement.GetProperty("cookies").EnumerateObject().Select(entry => entry.Value.GetString()!);
        if (json.RootElement.TryGetProperty("other_cookies", out var others))
            cookies = cookies.Concat(others.EnumerateArray().Select(other => other.GetString()!));
        return new CookieRing([.. cookies.Distinct().Order(StringComparer.Ordinal)
            .Select((cookie, index) => Cookie.FromText($"cookie-{index + 1}", cookie))]);
    }

    /// <summary>The JSON report, formatted by <see cref="Indented"/>.</summary>
    public static string Json(CaptureReport report)
    {
        using var output = new MemoryStream();
        JsonReport.Write(report, output);
        return Indented(output.ToArray());
    }

    /// <summary>Formats a JSON report for review: indented, without the values that change with each release.</summary>
    public static string Indented(ReadOnlyMemory<byte> report)
    {
        using var json = JsonDocument.Parse(report);
        using var indented = new MemoryStream();
        using (var writer = new Utf8JsonWriter(indented, new JsonWriterOptions { Indented = true })) json.WriteTo(writer);
        return $"{Encoding.UTF8.GetString(indented.ToArray())}\n".Replace($"\"version\": \"{JsonReport.Version}\"", "\"version\": \"*\"");
    }

    public static string Text(CaptureReport report, TextDetail detail = TextDetail.Normal)
    {
        using var output = new StringWriter { NewLine = "\n" };
        TextReport.Write(report, output, new TextStyle(Colour: false, detail));
        return output.ToString();
    }
}
