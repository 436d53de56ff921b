using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Parses pcapng (draft-ietf-opsawg-pcapng). Each section has its own byte order and interfaces.</summary>
internal sealed class PcapngParser(SourceTally tally) : RecordParser(tally)
{
    /// <summary>The type of a section header block, the same in either byte order.</summary>
    internal const uint SectionHeader = 0x0A0D_0D0A;

    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint InterfaceStatistics = 5;
    private const uint EnhancedPacket = 6;

    private const uint ByteOrderMagic = 0x1A2B_3C4D;
    private const int SmallestBlock = 12;
    private const int SectionHeaderBody = 16;

    /// <summary>Largest block that is read, the same limit as libpcap's.</summary>
    private const int LargestBlock = 16 * 1024 * 1024;

    /// <summary>Most interfaces of one section. A hostile file could describe one per block.</summary>
    private const int MostInterfaces = 4096;

    private readonly List<PcapngInterface> _interfaces = [];

    /// <summary>Number of interfaces in the sections before.</summary>
    private int _before;

    private bool _isBigEndian;
    private bool _isReadable;
    private long _skip;

    protected override bool IsInside => _skip > 0;

    internal override int Parse(ReadOnlySpan<byte> bytes, FrameHandler handler, CancellationToken stop)
    {
        var at = (int)Math.Min(_skip, bytes.Length);
        _skip -= at;
        while (bytes.Length - at >= SmallestBlock && !IsOver && !stop.IsCancellationRequested)
        {
            var block = bytes[at..];
            var type = BinaryPrimitives.ReadUInt32LittleEndian(block);
            if (type == SectionHeader) _isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(block[8..]) == ByteOrderMagic;
            else type = U32(block);
            var length = U32(block[4..]);
            if (length < SmallestBlock || length % 4 != 0 || (type == SectionHeader && U32(block[8..]) != ByteOrderMagic))
            {
                Damaged($"a block of type 0x{type:x8} says that it is {length} bytes long");
                break;
            }
            if (!IsNeeded(type))
            {
                // Names, secrets, journals and unknown blocks are skipped, not buffered.
                var here = (int)Math.Min(length, block.Length);
                at += here;
                _skip = length - here;
                continue;
            }
            if (length > LargestBlock)
            {
                Damaged($"a block of type 0x{type:x8} says that it is {length} bytes long");
                break;
            }
            if (block.Length < length) break;
            if (U32(block[((int)length - 4)..]) != length)
            {
                Damaged($"the two lengths of a block of type 0x{type:x8} differ");
                break;
            }
            Read(type, block[8..((int)length - 4)], handler);
            at += (int)length;
        }
        return at;
    }

    private bool IsNeeded(uint type) => type == SectionHeader
        || (_isReadable && type is InterfaceDescription or ObsoletePacket or SimplePacket or InterfaceStatistics or EnhancedPacket);

    private void Read(uint type, ReadOnlySpan<byte> body, FrameHandler handler)
    {
        switch (type)
        {
            case EnhancedPacket when body.Length >= 20:
                ReadPacket(U32(body), body[4..], handler);
                break;
            case ObsoletePacket when body.Length >= 20:
                ReadPacket(U16(body), body[4..], handler);
                break;
            case SimplePacket when body.Length >= 4:
                ReadSimplePacket(body, handler);
                break;
            case InterfaceDescription when body.Length >= 8:
                AddInterface(body);
                break;
            case InterfaceStatistics when body.Length >= 12:
                if (U32(body) < _interfaces.Count) ReadStatistics(_interfaces[(int)U32(body)], OptionsOf(body[12..]));
                break;
            case SectionHeader when body.Length >= SectionHeaderBody:
                BeginSection(body);
                break;
            default:
                Damaged($"a block of type 0x{type:x8} is too short for what it must hold");
                break;
        }
    }

    private void BeginSection(ReadOnlySpan<byte> body)
    {
        EndSection();
        Tally.Format = "pcapng";
        int major = U16(body[4..]);
        _isReadable = major == 1;
        if (!_isReadable)
            Tally.Add(new SourceProblem("unknown-version", $"{Tally.Name}: a section of pcapng version {major} is skipped; version 1 is "
                + "known", null));
        var options = OptionsOf(body[SectionHeaderBody..]);
        while (options.Next())
            if (options.Code == PcapngOptions.Comment) Tally.Add(new SourceComment(options.Text, null));
    }

    private void EndSection()
    {
        foreach (var one in _interfaces) Tally.Add(one.Report());
        _before += _interfaces.Count;
        _interfaces.Clear();
    }

    internal override void Close() => EndSection();

    private void AddInterface(ReadOnlySpan<byte> body)
    {
        if (_interfaces.Count == MostInterfaces)
        {
            Damaged($"a section has more than {MostInterfaces} interfaces");
            return;
        }
        var one = new PcapngInterface((LinkLayer)U16(body), U32(body[4..]));
        var options = OptionsOf(body[8..]);
        while (options.Next()) one.Take(options);
        _interfaces.Add(one);
        Tally.AddLink(one.Link);
    }

    private void ReadPacket(uint id, ReadOnlySpan<byte> body, FrameHandler handler)
    {
        var captured = U32(body[8..]);
        if (id >= _interfaces.Count || captured > body.Length - 16 || captured > MaxPacket)
        {
            Damaged(id >= _interfaces.Count ? $"a packet of interface {id}, which was not described"
                : $"a packet of {captured} bytes in a block of {body.Length}");
            return;
        }
        var source = _interfaces[(int)id];
        var time = source.TimeOf(((ulong)U32(body) << 32) | U32(body[4..]));
        var end = 16 + (int)captured;
        Push((int)id, time, body[16..end], U32(body[12..]), handler);
        var padded = (end + 3) & ~3;
        if (body.Length <= padded) return;
        var options = OptionsOf(body[padded..]);
        while (options.Next())
        {
            if (options.Code == PcapngOptions.Comment) Tally.Add(new SourceComment(options.Text, Tally.Packets));
            if (options.Code == PcapngOptions.PacketDrops) source.DroppedAtPackets += options.Count;
        }
    }

    /// <summary>A Simple Packet Block has no time, so the packet takes the time of the packet before it.</summary>
    private void ReadSimplePacket(ReadOnlySpan<byte> body, FrameHandler handler)
    {
        if (_interfaces.Count == 0)
        {
            Damaged("a packet of interface 0, which was not described");
            return;
        }
        var original = U32(body);
        var captured = Math.Min(original, (uint)body.Length - 4);
        if (_interfaces[0].SnapLength > 0) captured = Math.Min(captured, _interfaces[0].SnapLength);
        if (captured > MaxPacket) Damaged($"a packet of {captured} bytes is longer than any");
        else Push(0, Tally.Last, body.Slice(4, (int)captured), original, handler);
    }

    private void Push(int id, long time, ReadOnlySpan<byte> packet, uint original, FrameHandler handler)
    {
        var source = _interfaces[id];
        if (!source.HasPackets) Tally.WarnOf(source.Link, $"the packets of interface {id}");
        source.HasPackets = true;
        handler(new Frame(Tally.Count(time, packet.Length), time, source.Link, packet,
            (int)Math.Min(Math.Max(original, (uint)packet.Length), int.MaxValue), _before + id));
    }

    private static void ReadStatistics(PcapngInterface source, PcapngOptions options)
    {
        while (options.Next())
        {
            if (options.Code == PcapngOptions.InterfaceDrops) source.DroppedByInterface = options.Count;
            if (options.Code == PcapngOptions.SystemDrops) source.DroppedBySystem = options.Count;
        }
    }

    private PcapngOptions OptionsOf(ReadOnlySpan<byte> list) => new(list, _isBigEndian);

    private ushort U16(ReadOnlySpan<byte> bytes) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint U32(ReadOnlySpan<byte> bytes) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
