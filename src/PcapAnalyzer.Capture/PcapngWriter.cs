using System.Buffers.Binary;
using System.Text.Unicode;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Writes one pcapng section (draft-ietf-opsawg-pcapng): little-endian, times in nanoseconds, always whole blocks.</summary>
/// <remarks>When the output fails, it is cut to its last whole block if possible; no more is written, and nothing is thrown.</remarks>
public sealed class PcapngWriter
{
    private const uint InterfaceDescription = 1;
    private const uint InterfaceStatistics = 5;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B_3C4D;

    // Options that the parser does not read.
    private const ushort EndOfOptions = 0;
    private const ushort Application = 4;
    private const ushort DeliveredPackets = 8;

    private const byte Nanoseconds = 9;

    /// <summary>Holds three packets of the maximum length, each with a comment of the maximum length.</summary>
    private const int BufferLength = 1024 * 1024;

    /// <summary>Upper bound for the bytes of a block besides its packet, name and comment.</summary>
    private const int Overhead = 128;

    private readonly Stream _output;
    private readonly byte[] _buffer = new byte[BufferLength];
    private int _length;
    private int _block;
    private int _interfaces;
    private long _written;

    /// <summary>Begins the section.</summary>
    /// <param name="output">Receives the file. The caller closes it.</param>
    public PcapngWriter(Stream output, string application)
    {
        _output = output;
        BeginBlock(PcapngParser.SectionHeader, application.Length * 3);
        U32(ByteOrderMagic);
        U16(1);
        U16(0);
        U64(ulong.MaxValue); // the length of the section is unknown
        Text(Application, application);
        EndBlock();
    }

    /// <summary>Bytes of the file so far, including those not flushed yet.</summary>
    public long Length => _written + _length;

    /// <summary>Why writing stopped; null while it works.</summary>
    public string? Failure { get; private set; }

    /// <param name="name">The interface's name on the capturing machine; null when it is unknown.</param>
    /// <param name="link">Link-layer type of its packets.</param>
    /// <param name="snapLength">Most bytes captured of a packet; 0 for no limit.</param>
    /// <returns>The interface's number, for <see cref="Write"/>.</returns>
    public int AddInterface(string? name, LinkLayer link, int snapLength)
    {
        BeginBlock(InterfaceDescription, (name?.Length ?? 0) * 3);
        // libpcap's numbers for raw IP differ from the number in files.
        U16((ushort)(link is LinkLayer.Raw12 or LinkLayer.Raw14 ? LinkLayer.Raw : link));
        U16(0);
        U32((uint)snapLength);
        if (name != null) Text(PcapngOptions.InterfaceName, name);
        Option(PcapngOptions.TimeResolution, [Nanoseconds]);
        EndBlock();
        return _interfaces++;
    }

    /// <param name="comment">Wireshark shows it with the packet. It is truncated after 65,535 bytes.</param>
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

    /// <summary>Writes an Interface Statistics Block with the drop counters, for the end of the file.</summary>
    /// <param name="time">Nanoseconds since 1970.</param>
    /// <param name="counters">Totals since the start of the capture.</param>
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

    /// <summary>Writes all buffered blocks to the output.</summary>
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
        Utf8.FromUtf16(text, room[..Math.Min(room.Length, ushort.MaxValue)], out _, out var length); // never splits a character
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
