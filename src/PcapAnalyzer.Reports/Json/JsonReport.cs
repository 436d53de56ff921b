using System.Buffers;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PcapAnalyzer.Reports;

/// <summary>Writes a report as one JSON document, one handshake or session per line.</summary>
public static class JsonReport
{
    /// <summary>Increases when a field changes its meaning or is removed.</summary>
    public const int SchemaVersion = 1;

    /// <summary>The version of this build.</summary>
    public static string Version { get; } =
        typeof(JsonReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    public static void Write(CaptureReport report, Stream output)
    {
        var buffer = new OutputBuffer(output);
        // A test checks the document against its schema. Validating each token here again would cost a third of the time.
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        foreach (var field in ReportFields.Report.Fields)
        {
            if (field.Name == "handshakes") WriteLines(field.Name, report.Handshakes, HandshakeFields.Handshake, writer, buffer);
            else if (field.Name == "sessions") WriteLines(field.Name, report.ListedSessions, SessionFields.Session, writer, buffer);
            else field.Write!(writer, report);
        }
        writer.WriteEndObject();
        writer.Flush();
        buffer.Write("\n"u8);
        buffer.Flush();
    }

    /// <summary>The JSON Schema of the document, generated from the declared fields. The caller disposes the stream.</summary>
    public static Stream OpenSchema()
    {
        var output = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(output, options))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            writer.WriteString("title", "pcap-analyzer report");
            writer.WriteString("description", ReportFields.Report.Meaning);
            ReportFields.Report.WriteSchema(writer);
            writer.WriteStartObject("definitions");
            writer.WriteStartObject("time");
            writer.WriteString("type", "string");
            writer.WriteString("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.([0-9]{6}|[0-9]{9})Z$");
            writer.WriteEndObject();
            foreach (var (name, write) in HandshakeFields.Definitions)
            {
                writer.WriteStartObject(name!);
                write(writer);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
        output.Position = 0;
        return output;
    }

    private static void WriteLines<T>(string name, IEnumerable<T> all, Shape<T> shape, Utf8JsonWriter writer, OutputBuffer buffer)
    {
        writer.WriteStartArray(name);
        foreach (var one in all)
        {
            writer.Flush();
            buffer.Write("\n"u8);
            shape.Write(writer, one);
        }
        writer.WriteEndArray();
    }
}
