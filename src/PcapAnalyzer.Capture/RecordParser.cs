using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Parses records from a sliding buffer. Does no I/O. Damaged records go to the tally; nothing is thrown.</summary>
/// <param name="tally">Counts the packets and collects the problems.</param>
internal abstract class RecordParser(SourceTally tally)
{
    /// <summary>libpcap's limit for the length of a packet. A greater length means damage, and would cost memory.</summary>
    internal const int MaxPacket = 262_144;

    /// <summary>Bytes needed to recognise the format of a file.</summary>
    internal const int MagicLength = 4;

    protected SourceTally Tally => tally;

    /// <summary>Nothing after the last record can be read.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Delivers every complete packet at the start of the buffer.</summary>
    /// <param name="bytes">The file's bytes from where the last call stopped.</param>
    /// <param name="stop">Checked before each record.</param>
    /// <returns>Number of bytes consumed. Pass the rest again, with more bytes appended.</returns>
    internal abstract int Parse(ReadOnlySpan<byte> bytes, FrameHandler handler, CancellationToken stop);

    /// <summary>Reports a truncated file if it ends inside a record.</summary>
    /// <param name="left">Number of bytes at the end that are not a complete record.</param>
    internal void EndOfFile(int left)
    {
        if (!IsOver && (left > 0 || IsInside)) tally.Ended("truncated-file", "the file is truncated mid-record");
    }

    /// <summary>Call when reading has ended, for whatever reason.</summary>
    internal virtual void Close()
    {
    }

    /// <summary>The parser is inside a record that it skips.</summary>
    protected virtual bool IsInside => false;

    protected void Damaged(string what)
    {
        IsOver = true;
        tally.Ended("damaged-file", what);
    }

    /// <summary>The parser for a file that begins with these bytes; null when the file is no capture.</summary>
    internal static RecordParser? For(ReadOnlySpan<byte> magic, SourceTally tally) => BinaryPrimitives.ReadUInt32LittleEndian(magic) switch
    {
        PcapngParser.SectionHeader => new PcapngParser(tally),
        PcapParser.Microseconds or PcapParser.Nanoseconds or PcapParser.Modified => new PcapParser(tally, isBigEndian: false),
        var other when BinaryPrimitives.ReverseEndianness(other) is PcapParser.Microseconds or PcapParser.Nanoseconds or PcapParser.Modified
            => new PcapParser(tally, isBigEndian: true),
        _ => null,
    };
}
