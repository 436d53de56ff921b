using System.Numerics;
using System.Text;
using System.Text.Json;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Writes decoded message fields as text and as JSON.</summary>
public static class FieldValues
{
    private const int LongestDigest = 64;
    private const int LongestArray = 4096;

    /// <summary>
    /// Caches encoded arrays by a hash of their bits, because the nodes of a cluster send the same few flag sets. Entries are immutable,
    /// so threads may race.
    /// </summary>
    private static readonly FlagsArray?[] Recent = new FlagsArray?[16];

    private sealed record FlagsArray(CapabilityBits Flags, byte[] Json);

    public static string Text(this FieldValue value) => value switch
    {
        FieldValue.Text text => text.Value,
        FieldValue.Number number => $"{number.Value}",
        FieldValue.Flag flag => flag.Value ? "true" : "false",
        FieldValue.Flags flags => string.Join(' ', flags.Value.Names),
        FieldValue.Bytes bytes => Convert.ToHexStringLower(bytes.Value),
        _ => "",
    };

    /// <summary>Writes the fields of a message as one object.</summary>
    internal static void Write(this Utf8JsonWriter writer, IReadOnlyList<MessageField> fields)
    {
        writer.WriteStartObject();
        for (var i = 0; i < fields.Count; i++)
        {
            writer.WritePropertyName(fields[i].Name);
            switch (fields[i].Value)
            {
                case FieldValue.Number number:
                    writer.WriteNumberValue(number.Value);
                    break;
                case FieldValue.Flag flag:
                    writer.WriteBooleanValue(flag.Value);
                    break;
                case FieldValue.Flags flags:
                    writer.Write(flags.Value);
                    break;
                case FieldValue.Bytes bytes:
                    writer.WriteHex(bytes.Value);
                    break;
                case var other:
                    writer.WriteStringValue(other.Text());
                    break;
            }
        }
        writer.WriteEndObject();
    }

    internal static void WriteHex(this Utf8JsonWriter writer, byte[] bytes)
    {
        Span<byte> hex = stackalloc byte[2 * LongestDigest];
        if (Convert.TryToHexStringLower(bytes, hex, out var count)) writer.WriteStringValue(hex[..count]);
        else writer.WriteStringValue(Convert.ToHexStringLower(bytes));
    }

    /// <summary>Writes flag names as one raw token. A handshake has some hundred names, and none of them needs escaping.</summary>
    internal static void Write(this Utf8JsonWriter writer, CapabilityBits flags)
    {
        ref var recent = ref Recent[flags.Bits * 0x9E37_79B9_7F4A_7C15 >> 60];
        var array = recent;
        if (array?.Flags != flags) recent = array = new FlagsArray(flags, ArrayOf(flags));
        writer.WriteRawValue(array.Json, skipInputValidation: true);
    }

    private static byte[] ArrayOf(CapabilityBits flags)
    {
        Span<byte> array = stackalloc byte[LongestArray];
        array[0] = (byte)'[';
        var at = 1;
        for (var rest = flags.Bits; rest != 0; rest &= rest - 1)
        {
            if (at > 1) array[at++] = (byte)',';
            array[at++] = (byte)'"';
            at += Encoding.UTF8.GetBytes(flags.Meaning.NameOf(BitOperations.TrailingZeroCount(rest)), array[at..]);
            array[at++] = (byte)'"';
        }
        array[at++] = (byte)']';
        return array[..at].ToArray();
    }
}
