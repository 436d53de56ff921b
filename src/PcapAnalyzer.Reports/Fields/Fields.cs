using System.Text.Json;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using static PcapAnalyzer.Reports.Schemas;

namespace PcapAnalyzer.Reports;

/// <summary>Declares the fields of <typeparamref name="T"/>. A field whose reader returns null is absent.</summary>
internal sealed class Fields<T>
{
    internal Field<T> Text(string name, string meaning, Func<T, string> read) => Text(name, meaning, read, isOptional: false);

    internal Field<T> OptionalText(string name, string meaning, Func<T, string?> read) => Text(name, meaning, read, isOptional: true);

    internal Field<T> Texts(string name, string meaning, Func<T, IEnumerable<string>> read, bool isOptional = false) =>
        new(name, FieldType.Text, meaning)
        {
            IsOptional = isOptional,
            Texts = (of, test) => read(of).Any(text => test(text)),
            Schema = ArrayOf("string"),
            Write = (writer, of) =>
            {
                var texts = read(of);
                if (isOptional && !texts.Any()) return;
                writer.WriteStartArray(name);
                foreach (var text in texts) writer.WriteStringValue(text);
                writer.WriteEndArray();
            },
        };

    /// <summary>A list of lists of texts. The filter does not offer it.</summary>
    internal Field<T> TextLists(string name, string meaning, Func<T, IEnumerable<IEnumerable<string>>> read) =>
        new(name, FieldType.Text, meaning)
        {
            Schema = ArrayOf(ArrayOf("string")),
            Write = (writer, of) =>
            {
                writer.WriteStartArray(name);
                foreach (var texts in read(of))
                {
                    writer.WriteStartArray();
                    foreach (var text in texts) writer.WriteStringValue(text);
                    writer.WriteEndArray();
                }
                writer.WriteEndArray();
            },
        };

    internal Field<T> Word<TEnum>(string name, string meaning, Vocabulary<TEnum> words, Func<T, TEnum> read)
        where TEnum : struct, Enum =>
        Word(name, meaning, words, of => (TEnum?)read(of), isOptional: false);

    internal Field<T> Word<TEnum>(string name, string meaning, Vocabulary<TEnum> words, Func<T, TEnum?> read)
        where TEnum : struct, Enum =>
        Word(name, meaning, words, read, isOptional: true);

    /// <summary>One of a set of words that a protocol or a file format defines.</summary>
    internal Field<T> Word(string name, string meaning, WhereWord[] words, Func<T, string?> read, bool isOptional = false) =>
        new(name, FieldType.Enumeration, meaning)
        {
            Values = words,
            IsOptional = isOptional,
            Texts = (of, test) => read(of) is { } value && test(value),
            Schema = OneOf(words),
            Write = WriteText(name, read),
        };

    internal Field<T> Address(string name, string meaning, Func<T, Endpoint> read) => new(name, FieldType.Address, meaning)
    {
        Texts = (of, test) => test(read(of).ToString()),
        Addresses = (of, test) => test(read(of)),
        Schema = OfType("string"),
        Write = WriteText(name, of => read(of).ToString()),
    };

    internal Field<T> Number(string name, string meaning, Func<T, long> read, long? least = null) =>
        Number(name, meaning, of => (long?)read(of), least, isOptional: false);

    internal Field<T> Number(string name, string meaning, Func<T, long?> read, long? least = null) =>
        Number(name, meaning, read, least, isOptional: true);

    /// <summary>A non-negative number.</summary>
    internal Field<T> Count(string name, string meaning, Func<T, long> read) => Number(name, meaning, read, least: 0);

    /// <summary>A non-negative number, absent when it is 0.</summary>
    internal Field<T> CountIfAny(string name, string meaning, Func<T, long> read) =>
        Number(name, meaning, of => read(of) is var count and not 0 ? count : null, least: 0);

    internal Field<T> Numbers(string name, string meaning, Func<T, IReadOnlyList<long>> read) => new(name, FieldType.Number, meaning)
    {
        Numbers = (of, context, test) =>
        {
            var numbers = read(of);
            for (var i = 0; i < numbers.Count; i++)
                if (test(numbers[i], context)) return true;
            return false;
        },
        Schema = ArrayOf("integer"),
        Write = (writer, of) =>
        {
            var numbers = read(of);
            writer.WriteStartArray(name);
            for (var i = 0; i < numbers.Count; i++) writer.WriteNumberValue(numbers[i]);
            writer.WriteEndArray();
        },
    };

    /// <summary>A duration: read in nanoseconds, written to JSON in seconds.</summary>
    internal Field<T> Duration(string name, string meaning, Func<T, long> read) =>
        Duration(name, meaning, of => (long?)read(of), isOptional: false);

    internal Field<T> Duration(string name, string meaning, Func<T, long?> read) => Duration(name, meaning, read, isOptional: true);

    /// <summary>A time: read in nanoseconds since 1970, written to JSON as RFC 3339.</summary>
    internal Field<T> Time(string name, string meaning, Func<T, long> read) =>
        Time(name, meaning, of => (long?)read(of), isOptional: false);

    internal Field<T> Time(string name, string meaning, Func<T, long?> read) => Time(name, meaning, read, isOptional: true);

    internal Field<T> Flag(string name, string meaning, Func<T, bool> read) =>
        Flag(name, meaning, of => (bool?)read(of), isOptional: false);

    /// <summary>A flag that is written only when it is true.</summary>
    internal Field<T> FlagIfTrue(string name, string meaning, Func<T, bool> read) =>
        Flag(name, meaning, of => read(of) ? true : null, isOptional: true);

    internal Field<T> Hex(string name, string meaning, Func<T, byte[]?> read) => new(name, FieldType.Text, meaning)
    {
        IsOptional = true,
        Texts = (of, test) => read(of) is { } bytes && test(Convert.ToHexStringLower(bytes)),
        Schema = writer =>
        {
            writer.WriteString("type", "string");
            writer.WriteString("pattern", "^([0-9a-f]{2})*$");
        },
        Write = (writer, of) =>
        {
            if (read(of) is not { } bytes) return;
            writer.WritePropertyName(name);
            writer.WriteHex(bytes);
        },
    };

    /// <summary>The names of the capability flags.</summary>
    internal Field<T> Flags(string name, string meaning, Func<T, CapabilityBits?> read) => new(name, FieldType.Text, meaning)
    {
        IsOptional = true,
        Texts = (of, test) => read(of) is { } flags && flags.Names.Any(flag => test(flag)),
        Schema = ArrayOf("string"),
        Write = (writer, of) =>
        {
            if (read(of) is not { } flags) return;
            writer.WritePropertyName(name);
            writer.Write(flags);
        },
    };

    /// <summary>The decoded fields of a message; the protocol defines them.</summary>
    internal Field<T> MessageFields(string name, string meaning, Func<T, IReadOnlyList<MessageField>> read) =>
        new(name, FieldType.Text, meaning)
        {
            Texts = (of, test) => read(of).Any(field => test(field.Value.Text())),
            Schema = OfType("object"),
            Write = (writer, of) =>
            {
                writer.WritePropertyName(name);
                writer.Write(read(of));
            },
        };

    private static Action<Utf8JsonWriter, T> WriteText(string name, Func<T, string?> read)
    {
        var encoded = JsonEncodedText.Encode(name);
        return (writer, of) =>
        {
            if (read(of) is { } text) writer.WriteString(encoded, text);
        };
    }

    private static Field<T> Text(string name, string meaning, Func<T, string?> read, bool isOptional) => new(name, FieldType.Text, meaning)
    {
        IsOptional = isOptional,
        Texts = (of, test) => read(of) is { } value && test(value),
        Schema = OfType("string"),
        Write = WriteText(name, read),
    };

    private static Field<T> Word<TEnum>(string name, string meaning, Vocabulary<TEnum> words, Func<T, TEnum?> read, bool isOptional)
        where TEnum : struct, Enum
    {
        var encoded = JsonEncodedText.Encode(name);
        return new(name, FieldType.Enumeration, meaning)
        {
            Values = words.Words,
            IsOptional = isOptional,
            Texts = (of, test) => read(of) is { } value && test(value.Kebab()),
            Schema = OneOf(words.Words),
            Write = (writer, of) =>
            {
                if (read(of) is { } value) writer.WriteString(encoded, value.Encoded());
            },
        };
    }

    private static Field<T> Number(string name, string meaning, Func<T, long?> read, long? least, bool isOptional) =>
        Numeric(name, FieldType.Number, meaning, read, isOptional, Integer(least), (writer, key, value) => writer.WriteNumber(key, value));

    private static Field<T> Duration(string name, string meaning, Func<T, long?> read, bool isOptional) =>
        Numeric(name, FieldType.Duration, meaning, read, isOptional, OfType("number"),
            (writer, key, value) => writer.WriteNumber(key, ReportText.Seconds(value)));

    private static Field<T> Time(string name, string meaning, Func<T, long?> read, bool isOptional) =>
        Numeric(name, FieldType.Time, meaning, read, isOptional, writer => writer.WriteString("$ref", "#/definitions/time"),
            (writer, key, value) =>
            {
                Span<char> text = stackalloc char[ReportText.TimeLength];
                writer.WriteString(key, text[..ReportText.Time(value, text)]);
            });

    private static Field<T> Flag(string name, string meaning, Func<T, bool?> read, bool isOptional) =>
        Numeric(name, FieldType.Flag, meaning, of => read(of) is { } value ? value ? 1 : 0 : null, isOptional, OfType("boolean"),
            (writer, key, value) => writer.WriteBoolean(key, value != 0));

    /// <summary>A field whose values compare as numbers.</summary>
    private static Field<T> Numeric(string name, FieldType type, string meaning, Func<T, long?> read, bool isOptional,
        Action<Utf8JsonWriter> schema, Action<Utf8JsonWriter, JsonEncodedText, long> write)
    {
        var encoded = JsonEncodedText.Encode(name);
        return new(name, type, meaning)
        {
            IsOptional = isOptional,
            Numbers = (of, context, test) => read(of) is { } value && test(value, context),
            Schema = schema,
            Write = (writer, of) =>
            {
                if (read(of) is { } value) write(writer, encoded, value);
            },
        };
    }
}
