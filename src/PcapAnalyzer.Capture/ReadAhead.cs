namespace PcapAnalyzer.Capture;

/// <summary>Reads a stream on a thread of its own: the next buffer fills while the last one is looked at.</summary>
/// <remarks>What is there is handed on at once, so that a pipe's packets come as they are written.</remarks>
internal sealed class ReadAhead : IDisposable
{
    /// <summary>Large enough to make a system call cheap, small enough for two to stay in a core's cache beside the flows: of 128, 256 and 512 KiB the middle was the fastest.</summary>
    private const int ChunkLength = 256 * 1024;

    /// <summary>Bytes kept free in front of a chunk for what the last one left over.</summary>
    private const int Headroom = 64 * 1024;

    private sealed class Chunk
    {
        internal byte[] Bytes = GC.AllocateUninitializedArray<byte>(Headroom + ChunkLength);
        internal int Start = Headroom;
        internal int Count;
    }

    private readonly Stream _stream;
    private readonly Chunk[] _chunks = [new(), new()];
    private readonly SemaphoreSlim _free = new(2);
    private readonly SemaphoreSlim _full = new(0);
    private readonly CancellationTokenSource _disposed = new();
    private string? _problem;
    private int _turn = -1;

    internal ReadAhead(Stream stream)
    {
        _stream = stream;
        new Thread(Fill) { IsBackground = true, Name = "read ahead" }.Start();
    }

    /// <summary>Why the stream ended before its end: it could not be read on, or what was compressed is damaged.</summary>
    internal string? Problem { get; private set; }

    /// <summary>There are more bytes, or it is known that there are none, within that time.</summary>
    internal bool HasMore(int milliseconds) => _full.AvailableWaitHandle.WaitOne(milliseconds);

    /// <summary>Waits for more bytes and puts them behind the last ones of the buffer before.</summary>
    /// <param name="kept">How many of the last bytes are wanted again.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <param name="bytes">Valid until the next call; on false only what was kept.</param>
    /// <returns>False when the stream is over, or <paramref name="stop"/> was called.</returns>
    internal bool TryNext(int kept, CancellationToken stop, out ReadOnlySpan<byte> bytes)
    {
        var last = _turn < 0 ? default : LastOf(_chunks[_turn % 2], kept);
        try
        {
            _full.Wait(stop);
        }
        catch (OperationCanceledException)
        {
            bytes = last;
            return false;
        }
        var chunk = _chunks[++_turn % 2];
        if (chunk.Count == 0)
        {
            Problem = _problem;
            bytes = last;
            return false;
        }
        if (last.Length > chunk.Start)
        {
            // A record longer than the headroom: as rare as it is long.
            var larger = new byte[2 * last.Length + ChunkLength];
            chunk.Bytes.AsSpan(chunk.Start, chunk.Count).CopyTo(larger.AsSpan(2 * last.Length));
            (chunk.Bytes, chunk.Start) = (larger, 2 * last.Length);
        }
        last.CopyTo(chunk.Bytes.AsSpan(chunk.Start - last.Length));
        bytes = chunk.Bytes.AsSpan(chunk.Start - last.Length, last.Length + chunk.Count);
        if (_turn > 0) _free.Release();
        return true;
    }

    /// <summary>A read that is under way cannot be broken off: its thread ends with it, or with the process.</summary>
    public void Dispose() => _disposed.Cancel();

    private static ReadOnlySpan<byte> LastOf(Chunk chunk, int kept) => chunk.Bytes.AsSpan(chunk.Start + chunk.Count - kept, kept);

    /// <summary>Closes the stream, too: a decompressor must not lose its memory while it works.</summary>
    private void Fill()
    {
        using var stream = _stream;
        try
        {
            for (var turn = 0; ; turn++)
            {
                _free.Wait(_disposed.Token);
                var chunk = _chunks[turn % 2];
                chunk.Count = 0;
                try
                {
                    chunk.Count = stream.Read(chunk.Bytes, chunk.Start, ChunkLength);
                }
                catch (Exception problem) // of the decompressors, each has its own
                {
                    _problem = problem.Message;
                }
                _full.Release();
                if (chunk.Count == 0) return;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
