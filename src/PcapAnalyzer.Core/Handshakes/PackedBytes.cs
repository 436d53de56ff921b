using System.Buffers.Binary;
using System.Text;

namespace PcapAnalyzer.Core.Handshakes;

/// <summary>Writes numbers and bytes one behind the other, into the same memory each time.</summary>
internal sealed class PackedWriter
{
    private byte[] _bytes = new byte[512];
    private int _count;

    /// <summary>Valid until the next <see cref="Clear"/>.</summary>
    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    internal PackedWriter Clear()
    {
        _count = 0;
        return this;
    }

    internal void Write(byte value) => Take(1)[0] = value;

    internal void Write(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);

    /// <summary>Seven bits a byte, the lowest first: small ones are short (protobuf's varint).</summary>
    internal void WriteNumber(long number)
    {
        var rest = (ulong)number;
        for (; rest > 0x7F; rest >>= 7) Write((byte)(rest | 0x80));
        Write((byte)rest);
    }

    /// <summary>Bytes behind their number.</summary>
    internal void WriteCounted(ReadOnlySpan<byte> bytes)
    {
        WriteNumber(bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    internal void Write(string text) => WriteCounted(Encoding.UTF8.GetBytes(text));

    private Span<byte> Take(int length)
    {
        if (_count + length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _count + length));
        _count += length;
        return _bytes.AsSpan(_count - length, length);
    }
}

/// <summary>Reads what a <see cref="PackedWriter"/> wrote.</summary>
internal sealed class PackedReader(byte[] bytes, int at)
{
    internal byte ReadByte() => bytes[at++];

    internal ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    internal long ReadNumber()
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = ReadByte();
            number |= (ulong)(part & 0x7F) << shift;
            if (part <= 0x7F) return (long)number;
        }
    }

    internal ReadOnlySpan<byte> ReadCounted() => Take((int)ReadNumber());

    internal string ReadString() => Encoding.UTF8.GetString(ReadCounted());

    private ReadOnlySpan<byte> Take(int length) => bytes.AsSpan((at += length) - length, length);
}
