using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>Capability flags as an array of names.</summary>
[JsonConverter(typeof(FlagNamesConverter))]
public sealed class FlagNames(CapabilityBits flags)
{
    private const int LongestArray = 4096;

    /// <summary>Arrays by a hash of their bits: the nodes of a cluster send the same few, over and over.</summary>
    private static readonly Written?[] Recent = new Written?[16];

    private sealed record Written(CapabilityBits Flags, byte[] Array);

    public IReadOnlyList<string> Names => flags.Names;

    internal void Write(Utf8JsonWriter writer) => Write(writer, flags);

    /// <summary>As one token: there are some hundred names in the report of a handshake, none of which needs escaping.</summary>
    internal static void Write(Utf8JsonWriter writer, CapabilityBits flags)
    {
        ref var recent = ref Recent[flags.Bits * 0x9E37_79B9_7F4A_7C15 >> 60];
        var written = recent;
        if (written?.Flags != flags) recent = written = new Written(flags, ArrayOf(flags));
        writer.WriteRawValue(written.Array, skipInputValidation: true);
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

internal sealed class FlagNamesConverter : JsonConverter<FlagNames>
{
    public override FlagNames Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("reports are written only");

    public override void Write(Utf8JsonWriter writer, FlagNames value, JsonSerializerOptions options) => value.Write(writer);
}
