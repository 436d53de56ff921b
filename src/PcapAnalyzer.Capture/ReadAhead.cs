using Microsoft.Win32.SafeHandles;

namespace PcapAnalyzer.Capture;

/// <summary>Reads a file or a stream on its own thread, so that the next chunks fill while the caller parses one.</summary>
/// <remarks>
/// A caller that waits for a file's bytes fills the next free chunk itself, so that no core is idle while there is data to copy.
/// A stream's bytes are delivered as they arrive, so that a pipe's packets are not delayed.
/// </remarks>
internal sealed class ReadAhead : IDisposable
{
    /// <summary>
    /// Large enough to make a system call cheap, small enough for all chunks to stay in a core's cache beside the flows. Of 128,
    /// 256 and 512 KiB, 256 was the fastest.
    /// </summary>
    private const int ChunkLength = 256 * 1024;

    private const int Chunks = 4;

    /// <summary>Bytes reserved in front of a chunk, for the incomplete record at the end of the previous chunk.</summary>
    private const int Headroom = 64 * 1024;

    /// <summary>Checks, a short spin apart, before a thread sleeps; none on one core, which the other thread needs at once.</summary>
    private static readonly int Looks = Environment.ProcessorCount > 1 ? 100 : 0;

    private enum ChunkState
    {
        Free,
        Filling,
        Full,
    }

    private sealed class Chunk
    {
        internal ChunkState State;
        internal byte[] Bytes = GC.AllocateUninitializedArray<byte>(Headroom + ChunkLength);
        internal int Start = Headroom;
        internal int Count;

        /// <summary>Offset of the chunk in the file.</summary>
        internal long Position;

        /// <summary>This is the last chunk. <see cref="Problem"/> is set if the stream did not end normally.</summary>
        internal bool IsLast;

        internal string? Problem;
    }

    private readonly Stream _stream;
    private readonly SafeFileHandle? _file;
    private readonly long _start;
    private readonly Chunk[] _ring = [.. Enumerable.Range(0, Chunks).Select(_ => new Chunk())];
    private readonly CancellationTokenRegistration _stopping;

    /// <summary>Guards the fields below and every chunk's state. Pulsed when they change.</summary>
    private readonly object _gate = new();
    private int _filled;
    private bool _isOver;
    private bool _isStopped;

    private int _taken;

    /// <param name="stream">A seekable file stays open. The reading thread closes any other stream when reading ends.</param>
    /// <param name="stop">Ends every wait.</param>
    internal ReadAhead(Stream stream, CancellationToken stop)
    {
        _stream = stream;
        if (stream is FileStream { CanSeek: true } file) (_file, _start) = (file.SafeFileHandle, file.Position);
        _stopping = stop.UnsafeRegister(static ahead => ((ReadAhead)ahead!).Stop(), this);
        new Thread(FillAll) { IsBackground = true, Name = "read ahead" }.Start();
    }

    /// <summary>Why the stream ended early: a read failed, or compressed data is damaged.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Bytes delivered so far.</summary>
    internal long Taken { get; private set; }

    /// <summary>Waits up to this many milliseconds. True when more bytes are available, or the end is known.</summary>
    internal bool HasMore(int milliseconds)
    {
        lock (_gate) return Next.State == ChunkState.Full || (Monitor.Wait(_gate, milliseconds) && Next.State == ChunkState.Full);
    }

    /// <summary>Waits for more bytes and appends them to the last bytes of the previous buffer.</summary>
    /// <param name="kept">Number of bytes at the end of the previous buffer to deliver again.</param>
    /// <param name="bytes">Valid until the next call. Holds only the kept bytes when the result is false.</param>
    /// <returns>False when the stream ended or reading was stopped.</returns>
    internal bool TryNext(int kept, out ReadOnlySpan<byte> bytes)
    {
        var before = _taken == 0 ? null : _ring[(_taken - 1) % Chunks];
        ReadOnlySpan<byte> last = before == null ? default : before.Bytes.AsSpan(before.Start + before.Count - kept, kept);
        bytes = last;
        if (before is { IsLast: true }) return false;
        var chunk = Next;
        while (ToFill(wanted: chunk) is { } other) Fill(other);
        if (_isStopped) return false;
        Problem = chunk.Problem;
        if (chunk.Count == 0) return false;
        if (last.Length > chunk.Start)
        {
            // A record is longer than the headroom, which is rare.
            var larger = new byte[2 * last.Length + ChunkLength];
            chunk.Bytes.AsSpan(chunk.Start, chunk.Count).CopyTo(larger.AsSpan(2 * last.Length));
            (chunk.Bytes, chunk.Start) = (larger, 2 * last.Length);
        }
        last.CopyTo(chunk.Bytes.AsSpan(chunk.Start - last.Length));
        bytes = chunk.Bytes.AsSpan(chunk.Start - last.Length, last.Length + chunk.Count);
        if (before != null) Set(before, ChunkState.Free);
        Taken += chunk.Count;
        _taken++;
        return true;
    }

    /// <summary>A read in progress cannot be cancelled. Its thread ends when the read or the process ends.</summary>
    public void Dispose()
    {
        _stopping.Dispose();
        Stop();
    }

    private Chunk Next => _ring[_taken % Chunks];

    private void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Set(Chunk chunk, ChunkState state)
    {
        lock (_gate)
        {
            chunk.State = state;
            _isOver |= chunk.IsLast;
            Monitor.PulseAll(_gate);
        }
    }

    private void FillAll()
    {
        while (ToFill(wanted: null) is { } chunk) Fill(chunk);
        // Only now: a decompressor must not be disposed while it reads.
        if (_file == null) _stream.Dispose();
    }

    /// <summary>Waits for a free chunk and reserves it, so that the caller can fill it.</summary>
    /// <param name="wanted">The chunk that the caller waits for; null for the reading thread.</param>
    /// <returns>Null when the wanted chunk is full, when nothing is left to fill, or when reading was stopped.</returns>
    private Chunk? ToFill(Chunk? wanted)
    {
        for (var looks = 0; ; looks++)
        {
            lock (_gate)
            {
                if (_isStopped || (wanted == null ? _isOver : wanted.State == ChunkState.Full)) return null;
                var chunk = _ring[_filled % Chunks];
                if (chunk.State == ChunkState.Free && !_isOver && (wanted == null || _file != null))
                {
                    chunk.State = ChunkState.Filling;
                    chunk.Position = _start + (long)_filled++ * ChunkLength;
                    return chunk;
                }
                if (looks >= Looks) Monitor.Wait(_gate);
            }
            if (looks < Looks) Thread.SpinWait(20);
        }
    }

    /// <summary>Fills a chunk. A file's chunk is short only at the file's end; bytes that are appended later are not read.</summary>
    private void Fill(Chunk chunk)
    {
        chunk.Count = 0;
        try
        {
            var room = chunk.Bytes.AsSpan(chunk.Start, ChunkLength);
            if (_file == null) chunk.Count = _stream.Read(room);
            else
                for (var read = -1; read != 0 && chunk.Count < room.Length; chunk.Count += read)
                    read = RandomAccess.Read(_file, room[chunk.Count..], chunk.Position + chunk.Count);
            chunk.IsLast = _file == null ? chunk.Count == 0 : chunk.Count < room.Length;
        }
        catch (Exception problem) // each decompressor throws its own types
        {
            chunk.Problem = CaptureInput.Explain(problem);
            chunk.IsLast = true;
        }
        Set(chunk, ChunkState.Full);
    }
}
