namespace PcapAnalyzer.Capture;

/// <summary>Reads a file on the caller's thread, always into the same buffer.</summary>
/// <remarks>
/// The buffer stays in the core's cache, beside the flows. A thread that read ahead would put the bytes into another core's cache:
/// fetching them from there, and waiting for one another, cost more than a core copies from the page cache in that time.
/// </remarks>
/// <param name="file">Stays open.</param>
/// <param name="stop">Checked before each read.</param>
internal sealed class FileBytes(Stream file, CancellationToken stop) : ICaptureBytes
{
    /// <summary>Large enough to make a system call cheap.</summary>
    private const int PieceLength = 256 * 1024;

    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(2 * PieceLength);
    private int _count;
    private bool _isLast;

    public string? Problem { get; private set; }

    public long Taken { get; private set; }

    public bool HasMore(int milliseconds) => true;

    /// <inheritdoc/>
    /// <remarks>A piece is short only at the file's end; bytes appended to the file after that are not read.</remarks>
    public bool TryNext(int kept, out ReadOnlySpan<byte> bytes)
    {
        var last = _buffer.AsSpan(_count - kept, kept);
        if (kept + PieceLength > _buffer.Length) _buffer = new byte[2 * (kept + PieceLength)];
        last.CopyTo(_buffer);
        bytes = _buffer.AsSpan(0, _count = kept);
        if (_isLast || stop.IsCancellationRequested) return false;
        var read = 0;
        try
        {
            for (var more = -1; more != 0 && read < PieceLength; read += more)
                more = file.Read(_buffer, kept + read, PieceLength - read);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Problem = problem.Message;
        }
        _isLast = read < PieceLength;
        _count += read;
        Taken += read;
        bytes = _buffer.AsSpan(0, _count);
        return read > 0;
    }

    public void Dispose()
    {
    }
}
