using System.Text.Json;
using System.Text.Json.Serialization;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>The decoded fields of one message, as one JSON object.</summary>
[JsonConverter(typeof(MessageFieldsConverter))]
public sealed class MessageFields(IReadOnlyList<MessageField> fields)
{
    private const int LongestDigest = 64;

    /// <summary>Each field with its value in words.</summary>
    public IEnumerable<(string Name, string Text)> Texts => fields.Select(one => (one.Name, TextOf(one.Value)));

    /// <summary>A field's value in words; empty when there is none, or it is a list.</summary>
    public string this[string name] => fields.FirstOrDefault(one => one.Name == name && one.Value is not FieldValue.Flags) is { } found ? TextOf(found.Value) : "";

    internal void Write(Utf8JsonWriter writer)
    {
        Span<byte> hex = stackalloc byte[2 * LongestDigest];
        writer.WriteStartObject();
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            writer.WritePropertyName(field.Name);
            switch (field.Value)
            {
                case FieldValue.Number number:
                    writer.WriteNumberValue(number.Value);
                    break;
                case FieldValue.Flag flag:
                    writer.WriteBooleanValue(flag.Value);
                    break;
                case FieldValue.Flags flags:
                    FlagNames.Write(writer, flags.Value);
                    break;
                case FieldValue.Bytes { Value.Length: <= LongestDigest } bytes:
                    Convert.TryToHexStringLower(bytes.Value, hex, out var count);
                    writer.WriteStringValue(hex[..count]);
                    break;
                case var other:
                    writer.WriteStringValue(TextOf(other));
                    break;
            }
        }
        writer.WriteEndObject();
    }

    private static string TextOf(FieldValue value) => value switch
    {
        FieldValue.Text text => text.Value,
        FieldValue.Number number => $"{number.Value}",
        FieldValue.Flag flag => flag.Value ? "true" : "false",
        FieldValue.Flags flags => string.Join(' ', flags.Value.Names),
        FieldValue.Bytes bytes => Convert.ToHexStringLower(bytes.Value),
        _ => "",
    };
}

internal sealed class MessageFieldsConverter : JsonConverter<MessageFields>
{
    public override MessageFields Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("reports are written only");

    public override void Write(Utf8JsonWriter writer, MessageFields value, JsonSerializerOptions options) => value.Write(writer);
}
