using System.Buffers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PcapAnalyzer.Reports;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<SourceReport>))]
[JsonSerializable(typeof(HandshakeReport))]
[JsonSerializable(typeof(SelectionReport))]
[JsonSerializable(typeof(IReadOnlyList<CookieReport>))]
[JsonSerializable(typeof(IReadOnlyList<NodeReport>))]
[JsonSerializable(typeof(IReadOnlyList<PairReport>))]
[JsonSerializable(typeof(IReadOnlyList<FindingReport>))]
[JsonSerializable(typeof(StatisticsReport))]
internal sealed partial class ReportJson : JsonSerializerContext;

/// <summary>Writes a report as one JSON document, a handshake a line.</summary>
public static class JsonReport
{
    /// <summary>Rises when a field changes its meaning or goes.</summary>
    public const int SchemaVersion = 1;

    /// <summary>Bytes that are worth a system call.</summary>
    private const int FlushLength = 64 * 1024;

    /// <summary>The JSON Schema of the document.</summary>
    public static Stream OpenSchema() => typeof(JsonReport).Assembly.GetManifestResourceStream("report.schema.json")!;

    /// <summary>The version of this build.</summary>
    public static string Version { get; } = typeof(JsonReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static void Write(CaptureReport report, Stream output)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * FlushLength);
        // Its shape is held by the schema's test; checking each token again here would cost a third.
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteNumber("schemaVersion", SchemaVersion);
        writer.WriteStartObject("generator");
        writer.WriteString("name", "pcap-analyzer");
        writer.WriteString("version", Version);
        writer.WriteEndObject();
        if (report.IsRedacted) writer.WriteBoolean("redacted", true);
        writer.WritePropertyName("sources");
        JsonSerializer.Serialize(writer, report.Sources, ReportJson.Default.IReadOnlyListSourceReport);
        if (report.Cookies != null)
        {
            writer.WritePropertyName("cookies");
            JsonSerializer.Serialize(writer, report.Cookies, ReportJson.Default.IReadOnlyListCookieReport);
        }
        writer.WriteStartArray("handshakes");
        foreach (var handshake in report.Handshakes)
        {
            writer.Flush();
            buffer.Write("\n"u8);
            JsonSerializer.Serialize(writer, handshake, ReportJson.Default.HandshakeReport);
            if (buffer.WrittenCount + writer.BytesPending >= FlushLength) Drain(writer, buffer, output);
        }
        writer.WriteEndArray();
        if (report.Selection is { } selection)
        {
            writer.WritePropertyName("where");
            JsonSerializer.Serialize(writer, new SelectionReport(selection.Expression, report.Handshakes.Count), ReportJson.Default.SelectionReport);
        }
        writer.WritePropertyName("nodes");
        JsonSerializer.Serialize(writer, report.Nodes, ReportJson.Default.IReadOnlyListNodeReport);
        writer.WritePropertyName("pairs");
        JsonSerializer.Serialize(writer, report.Pairs, ReportJson.Default.IReadOnlyListPairReport);
        writer.WritePropertyName("findings");
        JsonSerializer.Serialize(writer, report.Findings, ReportJson.Default.IReadOnlyListFindingReport);
        writer.WritePropertyName("statistics");
        JsonSerializer.Serialize(writer, report.Statistics, ReportJson.Default.StatisticsReport);
        writer.WriteEndObject();
        Drain(writer, buffer, output);
        output.WriteByte((byte)'\n');
    }

    private static void Drain(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer, Stream output)
    {
        writer.Flush();
        output.Write(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }
}
