using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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
    private const int MajorOffset = 4;
    private const int MinorOffset = 6;
    private const int LinkOffset = 20;
    private const int RecordHeader = 16;
    private const int ModifiedRecordHeader = 24;

    /// <summary>The bits above hold flags and the length of the frame check sequence.</summary>
    private const uint LinkMask = 0x03FF_FFFF;

    /// <summary>The major version that DG/UX's tcpdump wrote.</summary>
    private const int DgUx = 543;

    /// <summary>How many packets before its turn a packet is shown: as long as memory takes, twice.</summary>
    private const int Ahead = 8;

    private int _header;
    private long _fraction;
    private LinkLayer _link;
    private Lengths _lengths;

    /// <summary>Before version 2.4 some writers put the length on the wire in front of the captured one, as libpcap knows.</summary>
    private enum Lengths
    {
        CapturedFirst,
        OriginalFirst,
        SmallerIsCaptured,
    }

    internal override int Parse(ReadOnlySpan<byte> bytes, FrameHandler handler, CancellationToken stop)
    {
        var at = 0;
        if (_header == 0)
        {
            if (bytes.Length < FileHeader) return 0;
            ReadFileHeader(bytes);
            at = FileHeader;
        }
        var ahead = at;
        for (var i = 0; i < Ahead; i++) ahead = Next(bytes, ahead);
        while (bytes.Length - at >= _header && !stop.IsCancellationRequested)
        {
            var record = bytes[at..];
            var (captured, onTheWire) = LengthsOf(record);
            if (captured > MaxPacket)
            {
                Damaged($"a packet of {captured} bytes is longer than any");
                break;
            }
            var length = _header + (int)captured;
            if (record.Length < length) break;
            var time = U32(record) * 1_000_000_000L + U32(record[4..]) * _fraction;
            var original = (int)Math.Min(Math.Max(captured, onTheWire), int.MaxValue);
            if (Tally.Packets == 0) Tally.WarnOf(_link);
            handler(new Frame(Tally.Count(time, (int)captured), time, _link, record[_header..length], original,
                ahead: bytes[Math.Min(ahead + _header, bytes.Length)..]));
            at += length;
            ahead = Next(bytes, ahead);
        }
        return at;
    }

    /// <returns>Offset of the record behind one. Beyond the bytes, or where there is damage, it means nothing.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Next(ReadOnlySpan<byte> bytes, int at) =>
        at + RecordHeader <= bytes.Length ? at + _header + (int)Math.Min(U32(bytes[(at + 8)..]), MaxPacket) : at;

    private void ReadFileHeader(ReadOnlySpan<byte> bytes)
    {
        var magic = U32(bytes);
        _header = magic == Modified ? ModifiedRecordHeader : RecordHeader;
        _fraction = magic == Nanoseconds ? 1 : 1000;
        _link = (LinkLayer)(U32(bytes[LinkOffset..]) & LinkMask);
        var (major, minor) = (U16(bytes[MajorOffset..]), U16(bytes[MinorOffset..]));
        _lengths = (major, minor) switch
        {
            (2, < 3) or (DgUx, _) => Lengths.OriginalFirst,
            (2, 3) => Lengths.SmallerIsCaptured,
            _ => Lengths.CapturedFirst,
        };
        Tally.Format = "pcap";
        Tally.AddLink(_link);
    }

    private (uint Captured, uint OnTheWire) LengthsOf(ReadOnlySpan<byte> record)
    {
        var (first, second) = (U32(record[8..]), U32(record[12..]));
        var isSwapped = _lengths == Lengths.OriginalFirst || (_lengths == Lengths.SmallerIsCaptured && first > second);
        return isSwapped ? (second, first) : (first, second);
    }

    private ushort U16(ReadOnlySpan<byte> bytes) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint U32(ReadOnlySpan<byte> bytes) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
