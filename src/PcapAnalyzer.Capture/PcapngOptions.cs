using System.Buffers.Binary;
using System.Text;

namespace PcapAnalyzer.Capture;

/// <summary>Iterates over a list of options, which ends at opt_endofopt or at the end of its block.</summary>
internal ref struct PcapngOptions(ReadOnlySpan<byte> list, bool isBigEndian)
{
    /// <summary>Option codes. <see cref="Comment"/> belongs to every block; each of the others belongs to one block type.</summary>
    internal const ushort Comment = 1;
    internal const ushort InterfaceName = 2;
    internal const ushort PacketDrops = 4;
    internal const ushort InterfaceDrops = 5;
    internal const ushort SystemDrops = 7;
    internal const ushort TimeResolution = 9;
    internal const ushort TimeOffset = 14;

    private const int Header = 4;

    private ReadOnlySpan<byte> _rest = list;

    internal ushort Code { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal readonly string Text => Encoding.UTF8.GetString(Value).TrimEnd('\0');

    /// <summary>The value as a 64-bit number; 0 when it does not have eight bytes.</summary>
    internal readonly long Number =>
        Value.Length != 8 ? 0 : isBigEndian ? BinaryPrimitives.ReadInt64BigEndian(Value) : BinaryPrimitives.ReadInt64LittleEndian(Value);

    /// <summary>The value as a count of packets. Some writers store -1 for an unknown count, which is read as 0.</summary>
    internal readonly long Count => Math.Clamp(Number, 0, uint.MaxValue);

    internal bool Next()
    {
        if (_rest.Length < Header) return false;
        Code = U16(_rest);
        int length = U16(_rest[2..]);
        if (Code == 0 || length > _rest.Length - Header) return false;
        Value = _rest.Slice(Header, length);
        _rest = _rest[Math.Min(_rest.Length, Header + ((length + 3) & ~3))..];
        return true;
    }

    private readonly ushort U16(ReadOnlySpan<byte> bytes) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
