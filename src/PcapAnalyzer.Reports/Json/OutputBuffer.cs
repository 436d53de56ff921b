using System.Buffers;

namespace PcapAnalyzer.Reports;

/// <summary>Collects bytes and writes them to a stream in large pieces, so that no part of a document need fit into memory.</summary>
internal sealed class OutputBuffer(Stream output) : IBufferWriter<byte>
{
    /// <summary>Bytes to collect before a write.</summary>
    private const int FlushLength = 64 * 1024;

    private byte[] _bytes = new byte[2 * FlushLength];
    private int _count;

    public void Advance(int count) => _count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_count >= FlushLength || _bytes.Length - _count < sizeHint) Flush();
        if (_bytes.Length < sizeHint) _bytes = new byte[sizeHint];
        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    internal void Flush()
    {
        output.Write(_bytes, 0, _count);
        _count = 0;
    }
}
