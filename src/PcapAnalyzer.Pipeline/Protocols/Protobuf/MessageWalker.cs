using System.Text.Unicode;
using Google.Protobuf.Reflection;

namespace PcapAnalyzer.Pipeline.Protocols.Protobuf;

/// <summary>Walks a protobuf message by its descriptor: strict as real decoders are, and useful on a message that was cut.</summary>
/// <remarks>
/// Strict: declared wire types, one member a oneof, valid UTF-8, lengths that fit. Unknown fields and enum numbers are
/// kept. The generated parser, which throws on a cut and knows no offsets, is its oracle in the tests.
/// Source: protobuf.dev/programming-guides/encoding.
/// </remarks>
internal static class MessageWalker
{
    /// <summary>Deeper than any message type here; a made-up one cannot nest the stack away.</summary>
    private const int MaxDepth = 16;

    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    /// <param name="type">The message type.</param>
    /// <param name="body">The message as captured.</param>
    /// <param name="declared">Its length by what frames it; more than <paramref name="body"/> holds when it was cut.</param>
    internal static WireMessage Walk(MessageDescriptor type, ReadOnlySpan<byte> body, long declared) => Walk(type, body, 0, declared, 0);

    private static WireMessage Walk(MessageDescriptor type, ReadOnlySpan<byte> body, int at, long end, int depth)
    {
        var fields = new List<WireField>();
        var oneofs = new HashSet<OneofDescriptor>();
        if (depth > MaxDepth) return new WireMessage(fields, WireFault.Broken);
        var available = (int)Math.Min(end, body.Length);
        while (at < available)
        {
            var start = at;
            var fault = ReadField(type, body, ref at, end, depth, start, oneofs, out var field);
            if (field != null) fields.Add(field);
            if (fault != WireFault.None) return new WireMessage(fields, fault);
        }
        return new WireMessage(fields, end > body.Length ? WireFault.Cut : WireFault.None);
    }

    private static WireFault ReadField(MessageDescriptor type, ReadOnlySpan<byte> body, ref int at, long end, int depth, int start,
        HashSet<OneofDescriptor> oneofs, out WireField? field)
    {
        field = null;
        var fault = ReadVarint(body, ref at, end, out var tag);
        if (fault != WireFault.None) return fault;
        var number = (int)(tag >> 3);
        var wire = (int)(tag & 7);
        if (tag > uint.MaxValue || number == 0 || wire is not (Varint or Fixed64 or Delimited or Fixed32)) return WireFault.Broken;
        var descriptor = type.FindFieldByNumber(number);
        if (descriptor != null && !Fits(descriptor, wire)) return WireFault.Broken;
        if (descriptor?.RealContainingOneof is { } oneof && !oneofs.Add(oneof)) return WireFault.Broken;

        ulong value;
        var valueStart = at;
        long valueEnd;
        switch (wire)
        {
            case Varint:
                fault = ReadVarint(body, ref at, end, out value);
                if (fault != WireFault.None) return fault;
                valueEnd = at;
                break;
            case Delimited:
                fault = ReadVarint(body, ref at, end, out value);
                if (fault != WireFault.None) return fault;
                if (value > (ulong)(end - at)) return WireFault.Broken;
                valueStart = at;
                valueEnd = at + (long)value;
                break;
            default:
                valueEnd = at + (wire == Fixed64 ? 8 : 4);
                if (valueEnd > end) return WireFault.Broken;
                value = 0;
                break;
        }
        var isWhole = valueEnd <= body.Length;
        at = (int)Math.Min(valueEnd, body.Length);
        WireMessage? inner = null;
        if (descriptor?.FieldType == FieldType.Message)
        {
            inner = Walk(descriptor.MessageType, body, valueStart, valueEnd, depth + 1);
            if (inner.Fault == WireFault.Broken) return WireFault.Broken;
        }
        else if (!isWhole)
        {
            // The beginning of a text tells something, that of a digest does not.
            if (descriptor?.FieldType == FieldType.String && valueStart < at)
                field = new WireField(descriptor, number, start, at, valueStart, value, null) { IsCut = true };
            return WireFault.Cut;
        }
        else if (descriptor?.FieldType == FieldType.String && !Utf8.IsValid(body[valueStart..at]))
        {
            return WireFault.Broken;
        }
        field = new WireField(descriptor, number, start, at, valueStart, value, inner);
        return isWhole ? WireFault.None : WireFault.Cut;
    }

    private static bool Fits(FieldDescriptor field, int wire) => field.FieldType switch
    {
        FieldType.String or FieldType.Bytes or FieldType.Message => wire == Delimited,
        FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float => wire == Fixed32 || (field.IsRepeated && wire == Delimited),
        FieldType.Fixed64 or FieldType.SFixed64 or FieldType.Double => wire == Fixed64 || (field.IsRepeated && wire == Delimited),
        _ => wire == Varint || (field.IsRepeated && wire == Delimited),
    };

    /// <summary>Reads a base-128 varint of at most ten bytes.</summary>
    internal static WireFault ReadVarint(ReadOnlySpan<byte> body, ref int at, long end, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= end) return WireFault.Broken;
            if (at >= body.Length) return WireFault.Cut;
            var octet = body[at++];
            if (shift == 63 && octet > 1) return WireFault.Broken;
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80) return WireFault.None;
        }
        return WireFault.Broken;
    }
}
