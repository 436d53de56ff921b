using System.Text.Json;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Reports;

public enum FieldType
{
    Text,

    /// <summary>One of <see cref="Field{T}.Values"/>.</summary>
    Enumeration,

    /// <summary>An IP address, with or without a port.</summary>
    Address,
    Number,
    Duration,
    Time,

    /// <summary>True or false.</summary>
    Flag,
}

internal delegate bool TextTest(ReadOnlySpan<char> value);

/// <summary>Tests a number. A flag is 0 or 1, a duration is in nanoseconds, a time is in nanoseconds since 1970.</summary>
internal delegate bool NumberTest(long value, WhereContext context);

/// <summary>Whether a test holds for any value of a field; false when the field has no value.</summary>
internal delegate bool AnyText<in T>(T of, TextTest test);

/// <inheritdoc cref="AnyText{T}"/>
internal delegate bool AnyNumber<in T>(T of, WhereContext context, NumberTest test);

/// <inheritdoc cref="AnyText{T}"/>
internal delegate bool AnyAddress<in T>(T of, Predicate<Endpoint> test);

/// <summary>A word of the language and its meaning.</summary>
public sealed record WhereWord(string Text, string Meaning);

/// <summary>One field of the report. The JSON, its schema, the filter and the documentation are derived from this declaration.</summary>
/// <remarks><see cref="Fields{T}"/> creates fields.</remarks>
/// <param name="name">The JSON property name; in the filter, the path.</param>
/// <param name="type">How its values compare.</param>
/// <param name="meaning">One line.</param>
public sealed class Field<T>(string name, FieldType type, string meaning)
{
    public string Name => name;

    public FieldType Type => type;

    public string Meaning => meaning;

    /// <summary>The possible values of an enumeration or a flag; empty for other types.</summary>
    public IReadOnlyList<WhereWord> Values { get; init; } = type == FieldType.Flag ? Schemas.YesOrNo : [];

    public IReadOnlyList<WhereWord> Operators => WhereOperators.Of(Type);

    internal bool IsOptional { get; init; }

    /// <summary>Writes the name and the value, or nothing when the value is absent. Null for a field that only the filter has.</summary>
    internal Action<Utf8JsonWriter, T>? Write { get; init; }

    /// <summary>Writes the schema of the value into an open JSON object.</summary>
    internal Action<Utf8JsonWriter>? Schema { get; init; }

    /// <summary>Reads values that compare as text; null for other types.</summary>
    internal AnyText<T>? Texts { get; init; }

    /// <summary>Reads values that compare as numbers; null for other types.</summary>
    internal AnyNumber<T>? Numbers { get; init; }

    /// <summary>Reads the addresses that <c>==</c> compares, in addition to <see cref="Texts"/>; null for other types.</summary>
    internal AnyAddress<T>? Addresses { get; init; }

    /// <summary>The fields of a nested object, by path; null when the field has a value of its own.</summary>
    internal IReadOnlyList<Field<T>>? Inside { get; init; }

    /// <summary>True when the value exists and is neither empty nor zero.</summary>
    internal bool IsPresent(T of, WhereContext context) =>
        Texts is { } texts ? texts(of, static value => value.Length > 0) : Numbers!(of, context, static (value, _) => value != 0);

    /// <summary>The same field, read from an outer object that contains <typeparamref name="T"/>.</summary>
    /// <param name="path">The path from the outer object to <typeparamref name="T"/>.</param>
    /// <param name="any">Whether a test holds for any <typeparamref name="T"/> of the outer object.</param>
    internal Field<TOuter> From<TOuter>(string path, Func<TOuter, Func<T, bool>, bool> any) => new($"{path}.{Name}", Type, Meaning)
    {
        Values = Values,
        Texts = Texts is { } texts ? (outer, test) => any(outer, inner => texts(inner, test)) : null,
        Numbers = Numbers is { } numbers ? (outer, context, test) => any(outer, inner => numbers(inner, context, test)) : null,
        Addresses = Addresses is { } addresses ? (outer, test) => any(outer, inner => addresses(inner, test)) : null,
    };
}

/// <summary>The fields of one kind of object, in JSON order.</summary>
internal sealed class Shape<T>
{
    private readonly Action<Utf8JsonWriter, T>[] _writes;

    internal Shape(Func<Fields<T>, Field<T>[]> declare)
    {
        var fields = declare(new Fields<T>());
        Fields = fields;
        _writes = Array.ConvertAll(fields, field => field.Write!);
    }

    /// <summary>The name of its definition in the schema; null when the schema inlines it.</summary>
    internal string? Definition { get; init; }

    internal string Meaning { get; init; } = "";

    internal IReadOnlyList<Field<T>> Fields { get; }

    internal void Write(Utf8JsonWriter writer, T value)
    {
        writer.WriteStartObject();
        WriteFields(writer, value);
        writer.WriteEndObject();
    }

    internal void WriteFields(Utf8JsonWriter writer, T value)
    {
        foreach (var write in _writes) write(writer, value);
    }

    internal void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        if (Fields.Any(field => !field.IsOptional))
        {
            writer.WriteStartArray("required");
            foreach (var field in Fields.Where(field => !field.IsOptional)) writer.WriteStringValue(field.Name);
            writer.WriteEndArray();
        }
        writer.WriteStartObject("properties");
        foreach (var field in Fields)
        {
            writer.WriteStartObject(field.Name);
            field.Schema!(writer);
            if (field.Meaning.Length > 0) writer.WriteString("description", field.Meaning);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteBoolean("additionalProperties", false);
    }
}
