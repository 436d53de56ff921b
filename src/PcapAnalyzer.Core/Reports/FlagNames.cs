using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using PcapAnalyzer.Core.Handshakes;

namespace PcapAnalyzer.Core.Reports;

/// <summary>Capability flags as an array of names.</summary>
[JsonConverter(typeof(FlagNamesConverter))]
public sealed class FlagNames(CapabilityBits flags)
{
    private const int LongestArray = 4096;

    public IReadOnlyList<string> Names => flags.Names;

    internal void Write(Utf8JsonWriter writer) => Write(writer, flags);

    /// <summary>As one token: there are some hundred names in the report of a handshake, none of which needs escaping.</summary>
    internal static void Write(Utf8JsonWriter writer, CapabilityBits flags)
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
        writer.WriteRawValue(array[..at], skipInputValidation: true);
    }
}

internal sealed class FlagNamesConverter : JsonConverter<FlagNames>
{
    public override FlagNames Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("reports are written only");

    public override void Write(Utf8JsonWriter writer, FlagNames value, JsonSerializerOptions options) => value.Write(writer);
}
