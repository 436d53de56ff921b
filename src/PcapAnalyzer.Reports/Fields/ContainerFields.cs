using System.Text.Json;
using static PcapAnalyzer.Reports.Schemas;

namespace PcapAnalyzer.Reports;

/// <summary>Declares fields that hold objects, lists or named counts.</summary>
internal static class ContainerFields
{
    /// <summary>An object; absent when <paramref name="has"/> returns false.</summary>
    internal static Field<T> Object<T, TInner>(
        this Fields<T> _, string name, string meaning, Shape<TInner> shape, Func<T, TInner> read, Func<T, bool>? has = null)
    {
        var encoded = JsonEncodedText.Encode(name);
        return new(name, FieldType.Flag, meaning)
        {
            IsOptional = has != null,
            Numbers = (of, context, test) => test(has == null || has(of) ? 1 : 0, context),
            Inside = [.. Inside(shape).Select(field => field.From<T>(name, (of, test) => (has == null || has(of)) && test(read(of))))],
            Schema = writer => Refer(writer, shape),
            Write = (writer, of) =>
            {
                if (has != null && !has(of)) return;
                writer.WritePropertyName(encoded);
                shape.Write(writer, read(of));
            },
        };
    }

    /// <summary>A list of objects. An optional list is absent when it is empty.</summary>
    internal static Field<T> List<T, TInner>(
        this Fields<T> _, string name, string meaning, Shape<TInner> shape, Func<T, int> count, Func<T, int, TInner> at,
            bool isOptional = false)
    {
        var encoded = JsonEncodedText.Encode(name);
        return new(name, FieldType.Flag, meaning)
        {
            IsOptional = isOptional,
            Numbers = (of, context, test) => test(count(of) > 0 ? 1 : 0, context),
            Inside = [.. Inside(shape).Select(field => field.From<T>(name, (of, test) =>
            {
                for (var i = 0; i < count(of); i++)
                    if (test(at(of, i))) return true;
                return false;
            }))],
            Schema = ListOf(shape),
            Write = (writer, of) =>
            {
                var length = count(of);
                if (isOptional && length == 0) return;
                writer.WriteStartArray(encoded);
                for (var i = 0; i < length; i++) shape.Write(writer, at(of, i));
                writer.WriteEndArray();
            },
        };
    }

    /// <summary>A list that is built when it is written; absent when null. The filter does not offer it.</summary>
    internal static Field<T> OfAll<T, TInner>(
        this Fields<T> _, string name, string meaning, Shape<TInner> shape, Func<T, IReadOnlyList<TInner>?> read, bool isOptional = false)
    {
        var encoded = JsonEncodedText.Encode(name);
        return new(name, FieldType.Flag, meaning)
        {
            IsOptional = isOptional,
            Schema = ListOf(shape),
            Write = (writer, of) =>
            {
                if (read(of) is not { } all) return;
                writer.WriteStartArray(encoded);
                foreach (var one in all) shape.Write(writer, one);
                writer.WriteEndArray();
            },
        };
    }

    /// <summary>An object with one number per name. The filter does not offer it.</summary>
    internal static Field<T> Counts<T>(
        this Fields<T> _, string name, string meaning, Func<T, IEnumerable<(string Name, long Count)>> read, bool isOptional = false)
    {
        var encoded = JsonEncodedText.Encode(name);
        return new(name, FieldType.Flag, meaning)
        {
            IsOptional = isOptional,
            Schema = writer =>
            {
                writer.WriteString("type", "object");
                writer.WriteStartObject("additionalProperties");
                Integer(1)(writer);
                writer.WriteEndObject();
            },
            Write = (writer, of) =>
            {
                var all = read(of);
                if (isOptional && !all.Any()) return;
                writer.WriteStartObject(encoded);
                foreach (var (key, count) in all) writer.WriteNumber(key, count);
                writer.WriteEndObject();
            },
        };
    }

    /// <summary>All paths below an object that hold a value.</summary>
    private static IEnumerable<Field<TInner>> Inside<TInner>(Shape<TInner> shape) =>
        shape.Fields.SelectMany(field => field.Inside ?? [field]);
}
