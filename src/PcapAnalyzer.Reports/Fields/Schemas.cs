using System.Text.Json;

namespace PcapAnalyzer.Reports;

/// <summary>Writes the JSON Schema of a field's type.</summary>
internal static class Schemas
{
    /// <summary>The values of a flag, and of a test whether an object is present.</summary>
    internal static readonly WhereWord[] YesOrNo = [new("true", "yes"), new("false", "no")];

    internal static Action<Utf8JsonWriter> OfType(string type) => writer => writer.WriteString("type", type);

    internal static Action<Utf8JsonWriter> Integer(long? least) => writer =>
    {
        writer.WriteString("type", "integer");
        if (least is { } minimum) writer.WriteNumber("minimum", minimum);
    };

    internal static Action<Utf8JsonWriter> ArrayOf(string type) => ArrayOf(OfType(type));

    internal static Action<Utf8JsonWriter> ListOf<TInner>(Shape<TInner> shape) => ArrayOf(writer => Refer(writer, shape));

    internal static Action<Utf8JsonWriter> ArrayOf(Action<Utf8JsonWriter> items) => writer =>
    {
        writer.WriteString("type", "array");
        writer.WriteStartObject("items");
        items(writer);
        writer.WriteEndObject();
    };

    internal static Action<Utf8JsonWriter> OneOf(IReadOnlyList<WhereWord> words) => writer =>
    {
        writer.WriteString("type", "string");
        writer.WriteStartArray("enum");
        foreach (var word in words) writer.WriteStringValue(word.Text);
        writer.WriteEndArray();
    };

    internal static void Refer<TInner>(Utf8JsonWriter writer, Shape<TInner> shape)
    {
        if (shape.Definition is { } definition) writer.WriteString("$ref", $"#/definitions/{definition}");
        else shape.WriteSchema(writer);
    }
}
