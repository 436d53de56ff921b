namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>A segment whose bytes differ from those that were delivered in their place.</summary>
internal readonly record struct OtherCopy(long Offset, byte[] Bytes, long Frame, long Time);

/// <summary>The other copies of one direction, up to a limit. Nearly every connection has none.</summary>
internal sealed class OtherCopies(int mostSegments, int mostBytes)
{
    private List<OtherCopy>? _copies;
    private int _bytes;

    internal IReadOnlyList<OtherCopy> All => _copies ?? (IReadOnlyList<OtherCopy>)[];

    internal void Add(long offset, ReadOnlySpan<byte> bytes, long frame, long time)
    {
        if (_copies?.Count >= mostSegments || _bytes + bytes.Length > mostBytes) return;
        (_copies ??= []).Add(new OtherCopy(offset, bytes.ToArray(), frame, time));
        _bytes += bytes.Length;
    }
}
