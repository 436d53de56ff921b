namespace PcapAnalyzer.Capture;

/// <summary>The bytes of a capture, piece by piece: <see cref="FileBytes"/> of a file, <see cref="ReadAhead"/> of all else.</summary>
internal interface ICaptureBytes : IDisposable
{
    /// <summary>Why the bytes ended early: a read failed, or compressed data is damaged.</summary>
    string? Problem { get; }

    /// <summary>Bytes delivered so far.</summary>
    long Taken { get; }

    /// <summary>Waits up to this many milliseconds. True when more bytes are available, or the end is known.</summary>
    bool HasMore(int milliseconds);

    /// <summary>Waits for more bytes and appends them to the last bytes of the previous piece.</summary>
    /// <param name="kept">Number of bytes at the end of the previous piece to deliver again.</param>
    /// <param name="bytes">Valid until the next call. Holds only the kept bytes when the result is false.</param>
    /// <returns>False when the bytes ended or reading was stopped.</returns>
    bool TryNext(int kept, out ReadOnlySpan<byte> bytes);
}
