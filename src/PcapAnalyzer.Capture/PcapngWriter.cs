using System.Buffers.Binary;
using System.Text.Unicode;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Writes one pcapng section (draft-ietf-opsawg-pcapng), in little-endian order and nanoseconds, whole blocks at a time.</summary>
/// <remarks>An output that fails is cut back to its last whole block where it can be, and gets nothing more; nothing is thrown.</remarks>
public sealed class PcapngWriter
{
    private const uint InterfaceDescription = 1;
    private const uint InterfaceStatistics = 5;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B_3C4D;

    // Options, besides those that the reader knows.
    private const ushort EndOfOptions = 0;
    private const ushort Application = 4;
    private const ushort DeliveredPackets = 8;

    private const byte Nanoseconds = 9;

    /// <summary>Holds the longest packet with the longest comment, thrice.</summary>
    private const int BufferLength = 1024 * 1024;

    /// <summary>More than any block has besides its packet, name and comment.</summary>
    private const int Overhead = 128;

    private readonly Stream _output;
    private readonly byte[] _buffer = new byte[BufferLength];
    private int _length;
    private int _block;
    private int _interfaces;
    private long _written;

    /// <summary>Begins the section.</summary>
    /// <param name="output">Takes the file; is the caller's to close.</param>
    public PcapngWriter(Stream output, string application)
    {
        _output = output;
        BeginBlock(PcapngParser.SectionHeader, application.Length * 3);
        U32(ByteOrderMagic);
        U16(1);
        U16(0);
        U64(ulong.MaxValue); // nobody knows how long the section will be
        Text(Application, application);
        EndBlock();
    }

    /// <summary>Bytes of the file, those that still wait for a flush too.</summary>
    public long Length => _written + _length;

    /// <summary>Why the output takes no more, or null.</summary>
    public string? Failure { get; private set; }

    /// <param name="name">As the capturing machine calls it; null where nobody knows.</param>
    /// <param name="link">What its packets begin with.</param>
    /// <param name="snapLength">Bytes kept of a packet; 0 for all.</param>
    /// <returns>Its number, for its packets.</returns>
    public int AddInterface(string? name, LinkLayer link, int snapLength)
    {
        BeginBlock(InterfaceDescription, (name?.Length ?? 0) * 3);
        // Raw IP has other numbers in libpcap than in files.
        U16((ushort)(link is LinkLayer.Raw12 or LinkLayer.Raw14 ? LinkLayer.Raw : link));
        U16(0);
        U32((uint)snapLength);
        if (name != null) Text(PcapngOptions.InterfaceName, name);
        Option(PcapngOptions.TimeResolution, [Nanoseconds]);
        EndBlock();
        return _interfaces++;
    }

    /// <param name="comment">Stands at the packet in Wireshark; cut after 65,535 bytes.</param>
    public void Write(int from, in Frame frame, string? comment = null)
    {
        if (Failure != null) return;
        BeginBlock(EnhancedPacket, frame.Bytes.Length + Math.Min(ushort.MaxValue, (comment?.Length ?? 0) * 3));
        U32((uint)from);
        U32((uint)((ulong)frame.Time >> 32));
        U32((uint)frame.Time);
        U32((uint)frame.Bytes.Length);
        U32((uint)frame.OriginalLength);
        Padded(frame.Bytes);
        if (comment != null) Text(PcapngOptions.Comment, comment);
        EndBlock(hasOptions: comment != null);
    }

    /// <summary>Says what was lost, at the end of the file.</summary>
    /// <param name="time">Nanoseconds since 1970.</param>
    /// <param name="counters">Counted from the start of the capture.</param>
    public void WriteStatistics(int from, long time, LiveInterface counters)
    {
        BeginBlock(InterfaceStatistics, 0);
        U32((uint)from);
        U32((uint)((ulong)time >> 32));
        U32((uint)time);
        Number(PcapngOptions.InterfaceDrops, counters.DroppedByInterface);
        Number(PcapngOptions.SystemDrops, counters.DroppedByKernel);
        Number(DeliveredPackets, counters.Packets);
        EndBlock();
    }

    /// <summary>Hands every whole block to the _output.</summary>
    public void Flush()
    {
        if (Failure == null && _length > 0)
        {
            try
            {
                _output.Write(_buffer, 0, _length);
                _output.Flush();
                _written += _length;
            }
            catch (IOException problem)
            {
                Failure = problem.Message.Split(" : '")[0]; // the path behind it is the caller's to name
                CutBack();
            }
        }
        _length = 0;
    }

    private void CutBack()
    {
        try
        {
            if (_output.CanSeek) _output.SetLength(_written);
        }
        catch (IOException)
        {
        }
    }

    private void BeginBlock(uint type, int room)
    {
        if (BufferLength - _length < room + Overhead) Flush();
        _block = _length;
        U32(type);
        U32(0);
    }

    private void EndBlock(bool hasOptions = true)
    {
        if (hasOptions) Option(EndOfOptions, []);
        var length = (uint)(_length - _block + sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_block + 4), length);
        U32(length);
    }

    private void Option(ushort code, ReadOnlySpan<byte> value)
    {
        U16(code);
        U16((ushort)value.Length);
        Padded(value);
    }

    private void Number(ushort code, long value)
    {
        U16(code);
        U16(sizeof(long));
        U64((ulong)value);
    }

    private void Text(ushort code, string text)
    {
        U16(code);
        var room = _buffer.AsSpan(_length + 2);
        Utf8.FromUtf16(text, room[..Math.Min(room.Length, ushort.MaxValue)], out _, out var length); // whole characters only
        U16((ushort)length);
        Pad(length);
    }

    private void Padded(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(_length));
        Pad(bytes.Length);
    }

    private void Pad(int length)
    {
        var padded = (length + 3) & ~3;
        _buffer.AsSpan(_length + length, padded - length).Clear();
        _length += padded;
    }

    private void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(ushort);
    }

    private void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(uint);
    }

    private void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(ulong);
    }
}
