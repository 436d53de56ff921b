using System.Buffers.Binary;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Cuts the records of a capture file out of a sliding buffer. Does no input of its own and never throws on bytes.</summary>
/// <param name="tally">Is told of everything that is read.</param>
internal abstract class RecordParser(SourceTally tally)
{
    /// <summary>What libpcap takes for the longest packet that there is; a greater length is damage, and memory.</summary>
    internal const int MaxPacket = 262_144;

    /// <summary>The longest beginning that tells what a file is.</summary>
    internal const int MagicLength = 4;

    protected SourceTally Tally => tally;

    /// <summary>Nothing behind the last record taken can be read.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Pushes every whole packet at the front of the bytes.</summary>
    /// <param name="bytes">The file from where the last call left off.</param>
    /// <param name="stop">Looked at before each record.</param>
    /// <returns>Bytes taken; the rest is wanted again, with more behind it.</returns>
    internal abstract int Parse(ReadOnlySpan<byte> bytes, FrameHandler handler, CancellationToken stop);

    /// <summary>The file is over.</summary>
    /// <param name="left">Bytes at its end that are no whole record.</param>
    internal void EndOfFile(int left)
    {
        if (!IsOver && (left > 0 || IsInside)) tally.Ended("truncated-file", "the file is cut inside the next record");
    }

    /// <summary>Nothing more is read, for whatever reason.</summary>
    internal virtual void Close()
    {
    }

    /// <summary>A record that is skipped has not ended yet.</summary>
    protected virtual bool IsInside => false;

    protected void Damaged(string what)
    {
        IsOver = true;
        tally.Ended("damaged-file", what);
    }

    /// <summary>The parser for a file that begins so, or null when it is no capture.</summary>
    internal static RecordParser? For(ReadOnlySpan<byte> magic, SourceTally tally) => BinaryPrimitives.ReadUInt32LittleEndian(magic) switch
    {
        PcapngParser.SectionHeader => new PcapngParser(tally),
        PcapParser.Microseconds or PcapParser.Nanoseconds or PcapParser.Modified => new PcapParser(tally, isBigEndian: false),
        var other when BinaryPrimitives.ReverseEndianness(other) is PcapParser.Microseconds or PcapParser.Nanoseconds or PcapParser.Modified
            => new PcapParser(tally, isBigEndian: true),
        _ => null,
    };
}
