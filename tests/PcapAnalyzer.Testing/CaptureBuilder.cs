using System.Buffers.Binary;

namespace PcapAnalyzer.Testing;

/// <summary>Builds a capture file record by record, with or without errors.</summary>
public sealed class CaptureBuilder(bool bigEndian = false)
{
    public const uint Microseconds = 0xA1B2C3D4;
    public const uint Nanoseconds = 0xA1B23C4D;
    public const uint Modified = 0xA1B2CD34;

    private readonly List<byte> _bytes = [];
    private readonly List<(int End, bool IsPacket)> _records = [];
    private bool _isBigEndian = bigEndian;
    private bool _isModified;

    public byte[] Bytes => [.. _bytes];

    /// <summary>The end of each record, the file header included, and whether it is a packet.</summary>
    public IReadOnlyList<(int End, bool IsPacket)> Records => _records;

    /// <summary>Writes the file header of a pcap file.</summary>
    public CaptureBuilder Pcap(uint magic = Microseconds, uint link = 1, uint snapLength = 262144, ushort major = 2, ushort minor = 4)
    {
        _isModified = magic == Modified;
        return U32(magic).U16(major).U16(minor).U32(0).U32(0).U32(snapLength).U32(link).End(false);
    }

    /// <summary>Writes a record of a pcap file.</summary>
    public CaptureBuilder Record(uint seconds, uint fraction, byte[] packet, uint? original = null, uint? captured = null)
    {
        U32(seconds).U32(fraction).U32(captured ?? (uint)packet.Length).U32(original ?? (uint)packet.Length);
        if (_isModified) U32(3).U16(0x800).U16(0);
        return Raw(packet).End(true);
    }

    /// <summary>Writes a pcapng section header. Its byte order applies to everything after it.</summary>
    public CaptureBuilder Section(bool? bigEndian = null, ushort major = 1, long length = -1, byte[]? options = null)
    {
        _isBigEndian = bigEndian ?? _isBigEndian;
        return Block(0x0A0D0D0A, [.. Part(0x1A2B3C4Du), .. Part(major), .. Part((ushort)0), .. Part((ulong)length), .. options ?? []]);
    }

    public CaptureBuilder Interface(ushort link = 1, uint snapLength = 0, params byte[] options) =>
        Block(1, [.. Part(link), 0, 0, .. Part(snapLength), .. options]);

    public CaptureBuilder Enhanced(uint source, ulong ticks, byte[] packet, uint? original = null, byte[]? options = null,
        uint? captured = null) =>
        Block(6, [.. Part(source), .. Packet(ticks, packet, original, captured), .. options ?? []], isPacket: true);

    public CaptureBuilder Obsolete(ushort source, ulong ticks, byte[] packet, byte[]? options = null) =>
        Block(2, [.. Part(source), .. Part((ushort)0xFFFF), .. Packet(ticks, packet, null, null), .. options ?? []], isPacket: true);

    public CaptureBuilder Simple(byte[] packet, uint? original = null) =>
        Block(3, [.. Part(original ?? (uint)packet.Length), .. Padded(packet)], isPacket: true);

    public CaptureBuilder Statistics(uint source, params byte[] options) => Block(5, [.. Part(source), .. Part(0ul), .. options]);

    /// <summary>Writes any block. Its lengths are correct unless given.</summary>
    public CaptureBuilder Block(uint type, byte[] body, uint? length = null, uint? lastLength = null, bool isPacket = false)
    {
        var whole = (uint)(12 + body.Length);
        return U32(type).U32(length ?? whole).Raw(body).U32(lastLength ?? length ?? whole).End(isPacket);
    }

    /// <summary>An option in the byte order of the current section.</summary>
    public byte[] Option(ushort code, params byte[] value) => [.. Part(code), .. Part((ushort)value.Length), .. Padded(value)];

    public byte[] Number(ushort code, long value) => Option(code, Part((ulong)value));

    public CaptureBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & 3]];

    private byte[] Packet(ulong ticks, byte[] packet, uint? original, uint? captured) =>
        [.. Part((uint)(ticks >> 32)), .. Part((uint)ticks), .. Part(captured ?? (uint)packet.Length),
            .. Part(original ?? (uint)packet.Length), .. Padded(packet)];

    private CaptureBuilder End(bool isPacket)
    {
        _records.Add((_bytes.Count, isPacket));
        return this;
    }

    private CaptureBuilder U16(ushort value) => Raw(Part(value));

    private CaptureBuilder U32(uint value) => Raw(Part(value));

    private byte[] Part(ushort value) => BitConverter.GetBytes(_isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    private byte[] Part(uint value) => BitConverter.GetBytes(_isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    private byte[] Part(ulong value) => BitConverter.GetBytes(_isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
}
