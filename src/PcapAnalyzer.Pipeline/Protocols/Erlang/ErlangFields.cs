using System.Buffers.Binary;
using System.Text;

namespace PcapAnalyzer.Pipeline.Protocols.Erlang;

/// <summary>
/// Reads the fields of one body that may have been cut: what is not whole is null, and listed only if it is the beginning of a text.
/// </summary>
/// <param name="body">The body as captured.</param>
/// <param name="length">Body bytes by the length prefix.</param>
/// <param name="areKept">Their list is wanted, too.</param>
internal ref struct ErlangFields(ReadOnlySpan<byte> body, long length, bool areKept)
{
    private const int DigestLength = 16;
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly List<MessageField>? _fields = areKept ? new(4) : null;

    /// <summary>Behind the last counted text.</summary>
    internal int End { get; private set; }

    internal readonly IReadOnlyList<MessageField> All => (IReadOnlyList<MessageField>?)_fields ?? [];

    internal readonly ErlangFields Add16(string name, int at, out int? value)
    {
        value = Has(at, 2) ? BinaryPrimitives.ReadUInt16BigEndian(_body[at..]) : null;
        if (value is { } number)
            _fields?.Add(new MessageField(name, new FieldValue.Number((ulong)number), at, 2) { Sharing = FieldSharing.AsItIs });
        return this;
    }

    internal readonly ErlangFields Add32(string name, int at, out uint? value, FieldSharing sharing = FieldSharing.Not)
    {
        value = Has(at, 4) ? BinaryPrimitives.ReadUInt32BigEndian(_body[at..]) : null;
        if (value is { } number) _fields?.Add(new MessageField(name, new FieldValue.Number(number), at, 4) { Sharing = sharing });
        return this;
    }

    internal readonly ErlangFields AddFlags(int at, int width, out ulong? value)
    {
        value = !Has(at, width) ? null : width == 8 ? BinaryPrimitives.ReadUInt64BigEndian(_body[at..])
            : BinaryPrimitives.ReadUInt32BigEndian(_body[at..]);
        if (value is { } bits)
            _fields?.Add(new MessageField("flags", new FieldValue.Flags(new CapabilityBits(bits, ErlangFlags.Meaning)), at,
                width)
            { Sharing = FieldSharing.AsItIs });
        return this;
    }

    internal readonly ErlangFields AddDigest(int at, out byte[]? value)
    {
        value = Has(at, DigestLength) ? _body.Slice(at, DigestLength).ToArray() : null;
        if (value != null) _fields?.Add(new MessageField("digest", new FieldValue.Bytes(value), at, DigestLength));
        return this;
    }

    /// <summary>A text that reaches to the end of the body.</summary>
    internal readonly ErlangFields AddText(string name, int at, Encoding encoding, out string? value,
        FieldSharing sharing = FieldSharing.Not)
    {
        value = at < length && _body.Length == length ? encoding.GetString(_body[at..]) : null;
        if (value != null) _fields?.Add(new MessageField(name, new FieldValue.Text(value), at, _body.Length - at) { Sharing = sharing });
        else AddBeginning(name, at, encoding);
        return this;
    }

    internal readonly void AddConstant(string name, string value, int at, int width) =>
        _fields?.Add(new MessageField(name, new FieldValue.Text(value), at, width) { Sharing = FieldSharing.AsItIs });

    /// <summary>A name behind its u16 length. Bytes after it are for later releases.</summary>
    /// <returns>False when it is empty or reaches beyond the body.</returns>
    internal bool TryAddCounted(string name, int at, Encoding encoding, out string? value)
    {
        value = null;
        End = at + 2;
        if (!Has(at, 2)) return _body.Length < length; // cut before it, or too short to have one
        var count = BinaryPrimitives.ReadUInt16BigEndian(_body[at..]);
        End += count;
        if (count == 0 || End > length) return false;
        if (!Has(at + 2, count))
        {
            AddBeginning(name, at + 2, encoding);
            return true;
        }
        value = encoding.GetString(_body.Slice(at + 2, count));
        _fields?.Add(new MessageField(name, new FieldValue.Text(value), at + 2, count) { Sharing = FieldSharing.AsName });
        return true;
    }

    private readonly void AddBeginning(string name, int at, Encoding encoding)
    {
        if (at < _body.Length) _fields?.Add(MessageField.Beginning(name, encoding.GetString(_body[at..]), at, _body.Length - at));
    }

    private readonly bool Has(int at, int width) => at + width <= _body.Length;
}
