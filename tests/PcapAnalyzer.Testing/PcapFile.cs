using System.Buffers.Binary;

namespace PcapAnalyzer.Testing;

/// <summary>Writes a pcap file (little-endian, microseconds, Ethernet) through one large buffer. Owns the stream.</summary>
public sealed class PcapFile : IDisposable
{
    public const int FileHeader = 24;
    public const int RecordHeader = 16;
    private const int SnapshotLength = 262144;

    private readonly Stream _output;
    private readonly byte[] _buffer = new byte[1 << 20];
    private int _used = FileHeader;

    public PcapFile(Stream output)
    {
        _output = output;
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(16), SnapshotLength);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(20), 1);
    }

    /// <summary>Starts a record. The caller must fill the returned frame before its next call to this object.</summary>
    /// <param name="microseconds">Time since 1970.</param>
    /// <param name="length">Captured bytes of the frame.</param>
    /// <param name="original">Bytes on the wire, if more than captured.</param>
    public Span<byte> Next(long microseconds, int length, int original = 0)
    {
        if (_used + RecordHeader + length > _buffer.Length) Flush();
        var record = _buffer.AsSpan(_used, RecordHeader + length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(microseconds / 1_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(microseconds % 1_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], length);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], Math.Max(length, original));
        _used += record.Length;
        return record[RecordHeader..];
    }

    public void Dispose()
    {
        Flush();
        _output.Dispose();
    }

    private void Flush()
    {
        _output.Write(_buffer, 0, _used);
        _used = 0;
    }
}
