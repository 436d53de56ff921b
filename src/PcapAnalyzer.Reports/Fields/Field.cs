using System.Text.Json;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Reports;

public enum FieldType
{
    Text,

    /// <summary>One of <see cref="Field{T}.Values"/>.</summary>
    Enumeration,

    /// <summary>An IP address, or one with a port.</summary>
    Address,
    Number,
    Duration,
    Time,

    /// <summary>True or false.</summary>
    Flag,
}

internal delegate bool TextTest(ReadOnlySpan<char> value);

/// <summary>Flags are 0 or 1, durations nanoseconds, times nanoseconds since 1970.</summary>
internal delegate bool NumberTest(long value, WhereContext context);

/// <summary>Whether a test holds for any value that a field has: false where it has none.</summary>
internal delegate bool AnyText<in T>(T of, TextTest test);

/// <inheritdoc cref="AnyText{T}"/>
internal delegate bool AnyNumber<in T>(T of, WhereContext context, NumberTest test);

/// <inheritdoc cref="AnyText{T}"/>
internal delegate bool AnyAddress<in T>(T of, Predicate<Endpoint> test);

/// <summary>A word that stands for something.</summary>
public sealed record WhereWord(string Text, string Meaning);

/// <summary>One field of the report: the JSON, its schema, the filter and the documentation are made from this declaration.</summary>
/// <remarks><see cref="Fields{T}"/> makes them.</remarks>
public sealed class Field<T>
{
    /// <summary>In JSON; in the filter the path to it.</summary>
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>One line.</summary>
    public string Meaning { get; init; } = "";

    /// <summary>The values of an enumeration or a flag; else none.</summary>
    public IReadOnlyList<WhereWord> Values { get; init; } = [];

    public IReadOnlyList<WhereWord> Operators => WhereOperators.Of(Type);

    internal bool IsOptional { get; init; }

    /// <summary>Writes name and value, or nothing where it is absent. Null for a field that only the filter has.</summary>
    internal Action<Utf8JsonWriter, T>? Write { get; init; }

    /// <summary>Writes what the schema says of its value, inside an object.</summary>
    internal Action<Utf8JsonWriter>? Schema { get; init; }

    /// <summary>For what is compared as text; null otherwise.</summary>
    internal AnyText<T>? Texts { get; init; }

    /// <summary>For what is compared as a number; null otherwise.</summary>
    internal AnyNumber<T>? Numbers { get; init; }

    /// <summary>The addresses that the filter's <c>==</c> compares, beside <see cref="Texts"/>; null for other types.</summary>
    internal AnyAddress<T>? Addresses { get; init; }

    /// <summary>The fields inside, by their path; null where it has a value of its own.</summary>
    internal IReadOnlyList<Field<T>>? Inside { get; init; }

    /// <summary>Holds where it is there, and neither empty nor zero.</summary>
    internal bool IsPresent(T of, WhereContext context) =>
        Texts is { } texts ? texts(of, static value => value.Length > 0) : Numbers!(of, context, static (value, _) => value != 0);

    /// <summary>The same field, seen from an object that has <typeparamref name="T"/> in it.</summary>
    /// <param name="any">Whether something holds for any <typeparamref name="T"/> of it.</param>
    internal Field<TOuter> From<TOuter>(string path, Func<TOuter, Func<T, bool>, bool> any) => new()
    {
        Name = $"{path}.{Name}",
        Type = Type,
        Meaning = Meaning,
        Values = Values,
        Texts = Texts is { } texts ? (outer, test) => any(outer, inner => texts(inner, test)) : null,
        Numbers = Numbers is { } numbers ? (outer, context, test) => any(outer, inner => numbers(inner, context, test)) : null,
        Addresses = Addresses is { } addresses ? (outer, test) => any(outer, inner => addresses(inner, test)) : null,
    };
}

/// <summary>The fields of one kind of object, in the order of the JSON.</summary>
internal sealed class Shape<T>
{
    private readonly Action<Utf8JsonWriter, T>[] _writes;

    internal Shape(Func<Fields<T>, Field<T>[]> declare)
    {
        var fields = declare(new Fields<T>());
        Fields = fields;
        _writes = Array.ConvertAll(fields, field => field.Write!);
    }

    /// <summary>The name under which the schema defines it; null where it stands in place.</summary>
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
