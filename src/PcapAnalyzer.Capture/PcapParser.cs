using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Parses the classic pcap format: a file header, then records (draft-ietf-opsawg-pcap).</summary>
internal sealed class PcapParser(SourceTally tally, bool isBigEndian) : RecordParser(tally)
{
    internal const uint Microseconds = 0xA1B2C3D4;
    internal const uint Nanoseconds = 0xA1B23C4D;

    /// <summary>Alexey Kuznetsov's modified format: each record header has eight more bytes (interface, protocol, packet type).</summary>
    internal const uint Modified = 0xA1B2CD34;

    private const int FileHeader = 24;
    private const int LinkOffset = 20;
    private const int RecordHeader = 16;
    private const int ModifiedRecordHeader = 24;

    /// <summary>The bits above hold flags and the length of the frame check sequence.</summary>
    private const uint LinkMask = 0x03FF_FFFF;

    private int _header;
    private long _fraction;
    private LinkLayer _link;

    internal override int Parse(ReadOnlySpan<byte> bytes, FrameHandler handler, CancellationToken stop)
    {
        var at = 0;
        if (_header == 0)
        {
            if (bytes.Length < FileHeader) return 0;
            ReadFileHeader(bytes);
            at = FileHeader;
        }
        while (bytes.Length - at >= _header && !stop.IsCancellationRequested)
        {
            var record = bytes[at..];
            var captured = U32(record[8..]);
            if (captured > MaxPacket)
            {
                Damaged($"a packet of {captured} bytes is longer than any");
                break;
            }
            var length = _header + (int)captured;
            if (record.Length < length) break;
            var time = U32(record) * 1_000_000_000L + U32(record[4..]) * _fraction;
            var original = (int)Math.Min(Math.Max(captured, U32(record[12..])), int.MaxValue);
            handler(new Frame(Tally.Count(time, (int)captured), time, _link, record[_header..length], original));
            at += length;
        }
        return at;
    }

    private void ReadFileHeader(ReadOnlySpan<byte> bytes)
    {
        var magic = U32(bytes);
        _header = magic == Modified ? ModifiedRecordHeader : RecordHeader;
        _fraction = magic == Nanoseconds ? 1 : 1000;
        _link = (LinkLayer)(U32(bytes[LinkOffset..]) & LinkMask);
        if (!LinkLayers.IsKnown(_link))
            throw new CaptureException($"{Tally.Name}: link type {(int)_link} is not supported; convert the file to Ethernet or raw IP");
        Tally.Format = "pcap";
        Tally.AddLink(_link);
    }

    private uint U32(ReadOnlySpan<byte> bytes) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
