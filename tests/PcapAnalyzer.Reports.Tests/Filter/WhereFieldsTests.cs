using System.Text;
using System.Text.Json;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports.Filter;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Checks the table of fields against the schema and the documentation.</summary>
public sealed class WhereFieldsTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(JsonReport.OpenSchema()).RootElement;

    private static JsonElement Resolved(JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference) ? Schema.GetProperty("definitions")
            .GetProperty(reference.GetString()!["#/definitions/".Length..]) : schema;

    /// <summary>Every value in a handshake's schema, by path; descends into lists.</summary>
    private static IEnumerable<(string Path, JsonElement Schema, string? Definition)> Paths(string path, JsonElement schema)
    {
        var definition = schema.TryGetProperty("$ref", out var reference) ? reference.GetString()!["#/definitions/".Length..] : null;
        schema = Resolved(schema);
        var type = schema.GetProperty("type").GetString();
        if (type == "array") return Paths(path, schema.GetProperty("items"));
        if (type == "object" && schema.TryGetProperty("properties", out var properties))
            return properties.EnumerateObject()
                .SelectMany(property => Paths(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value));
        return [(path, schema, definition)];
    }

    private static FieldType TypeOf(string path, JsonElement schema, string? definition) => schema.GetProperty("type").GetString() switch
    {
        _ when definition == "time" => FieldType.Time,
        _ when schema.TryGetProperty("enum", out _) => FieldType.Enumeration,
        "integer" => FieldType.Number,
        "number" => FieldType.Duration, // every fractional number of a handshake is in seconds
        "boolean" => FieldType.Flag,
        _ when path.EndsWith(".endpoint", StringComparison.Ordinal) || path == "lookup.epmd" => FieldType.Address,
        _ => FieldType.Text,
    };

    [Fact]
    public void Every_path_of_the_schema_is_a_field_of_its_type()
    {
        var paths = Paths("", Schema.GetProperty("definitions").GetProperty("handshake")).ToList();
        Assert.True(paths.Count > 60, $"{paths.Count} paths");
        foreach (var (path, schema, definition) in paths)
        {
            var field = WhereFields.All.SingleOrDefault(field => field.Name == path);
            Assert.True(field != null, $"{path} is no field");
            Assert.Equal((path, TypeOf(path, schema, definition)), (path, field.Type));
            if (field.Type == FieldType.Enumeration)
                Assert.Equal(schema.GetProperty("enum").EnumerateArray().Select(value => value.GetString()!).Order(StringComparer.Ordinal),
                    field.Values.Select(value => value.Text).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_path_of_a_sessions_schema_is_a_field_of_its_type()
    {
        var paths = SessionPaths.ToList();
        Assert.True(paths.Count > 50, $"{paths.Count} paths");
        foreach (var (path, schema, definition) in paths)
        {
            Assert.Equal((path, (FieldType?)TypeOf(path, schema, definition)), (path, WhereFields.Find(path)?.Type));
            Assert.Equal($"session.{path}", WhereFields.Find($"session.{path}")?.Name);
        }
        Assert.Null(WhereFields.Find("session.outcome"));
    }

    /// <summary>All but counts by name, which the filter does not offer.</summary>
    private static IEnumerable<(string Path, JsonElement Schema, string? Definition)> SessionPaths =>
        Paths("", Schema.GetProperty("definitions").GetProperty("session"))
            .Where(one => one.Schema.GetProperty("type").GetString() != "object");

    [Fact]
    public void Every_other_field_is_a_short_name_or_an_optional_part()
    {
        var paths = Paths("", Schema.GetProperty("definitions").GetProperty("handshake")).Select(one => one.Path);
        Assert.Equal(
            ["problem", "node", "code", "ip", "port", "pair", "proof", "initiator.proof", "acceptor.proof", "cookie", "release", "frame",
                "marked", "open", "lookup", "nearMiss", "anomalies", "session", "silence", "ticktime"],
            WhereFields.All.Select(field => field.Name).Except(paths).Except(SessionPaths.Select(one => one.Path)));
    }

    [Fact]
    public void Fields_of_reports_and_messages_are_found_in_any_case()
    {
        Assert.Equal("connection.closedBy", WhereFields.Find("Connection.CLOSEDby")!.Name);
        Assert.Equal(FieldType.Text, WhereFields.Find("messages.fields.challenge")!.Type);
        Assert.Null(WhereFields.Find("messages.fields."));
        Assert.Null(WhereFields.Find("web2"));
    }

    [Fact]
    public void The_documentation_lists_them()
    {
        var path = Path.Combine(Repository.Root, "docs/where.md");
        const string Heading = "## Fields\n";
        var text = File.ReadAllText(path);
        var table = new StringBuilder(text[..(text.IndexOf(Heading, StringComparison.Ordinal) + Heading.Length)]);
        table.Append("\n| field | type | meaning |\n|---|---|---|\n");
        foreach (var field in WhereFields.All)
            table.Append($"| `{field.Name}` | {field.Type.ToString().ToLowerInvariant()} | {field.Meaning} |\n");
        table.Append("\n## Values of enumerations\n");
        foreach (var fields in WhereFields.All.Where(field => field.Type == FieldType.Enumeration)
            .GroupBy(field => field.Name.EndsWith("code", StringComparison.Ordinal) ? "those of [`diagnoses.md`](diagnoses.md)"
            : string.Join("; ", field.Values.Select(value => $"`{value.Text}` {value.Meaning}"))))
            table.Append($"\n- {string.Join(", ", fields.Select(field => $"`{field.Name}`"))}: {fields.Key}.\n");
        Golden.Matches(path, table.ToString());
    }
}
