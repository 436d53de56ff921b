namespace PcapAnalyzer.Pipeline.Tests;

/// <summary>One direction as somebody reads it.</summary>
internal sealed class Stream
{
    /// <summary>Of an offset that is said to be missing.</summary>
    internal const int Missing = -1;

    /// <summary>Of an offset of which nothing is said.</summary>
    internal const int Untold = -2;

    private readonly List<short> _bytes = [];

    /// <summary>Offset of the first one.</summary>
    internal int Start { get; set; }

    internal int End => Start + _bytes.Count;

    /// <summary>The byte at an offset, <see cref="Missing"/> or <see cref="Untold"/>.</summary>
    internal int this[int offset] => offset >= Start && offset < End ? _bytes[offset - Start] : Untold;

    /// <summary>Without what is said to be missing.</summary>
    internal IEnumerable<short> Present => _bytes.Where(value => value >= 0);

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) _bytes.Add(value);
    }

    internal void AddMissing(long length) => _bytes.AddRange(Enumerable.Repeat((short)Missing, checked((int)length)));
}
