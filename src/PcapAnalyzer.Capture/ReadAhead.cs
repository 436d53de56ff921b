using Microsoft.Win32.SafeHandles;

namespace PcapAnalyzer.Capture;

/// <summary>Reads a file or a stream on a thread of its own: the next chunks fill while one is looked at.</summary>
/// <remarks>
/// Who waits for a file's bytes fills the next free chunk himself meanwhile: no core is idle while there is something to
/// copy. A stream's bytes are handed on as they come, so that a pipe's packets do.
/// </remarks>
internal sealed class ReadAhead : IDisposable
{
    /// <summary>
    /// Large enough to make a system call cheap, small enough for all to stay in a core's cache beside the flows: of 128, 256 and
    /// 512 KiB the middle was the fastest.
    /// </summary>
    private const int ChunkLength = 256 * 1024;

    private const int Chunks = 4;

    /// <summary>Bytes kept free in front of a chunk for what the last one left over.</summary>
    private const int Headroom = 64 * 1024;

    /// <summary>Looks, a short spin apart, before a thread sleeps and must be woken. On one core the other must have it at once.</summary>
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

        /// <summary>Where in the file it begins.</summary>
        internal long Position;

        /// <summary>Nothing stands behind it; for a reason, where the stream did not end by itself.</summary>
        internal bool IsLast;

        internal string? Problem;
    }

    private readonly Stream _stream;
    private readonly SafeFileHandle? _file;
    private readonly long _start;
    private readonly Chunk[] _ring = [.. Enumerable.Range(0, Chunks).Select(_ => new Chunk())];
    private readonly CancellationTokenRegistration _stopping;

    /// <summary>Guards what follows, and every chunk's state. Is pulsed when that changes.</summary>
    private readonly object _gate = new();
    private int _filled;
    private bool _isOver;
    private bool _isStopped;

    private int _taken;

    /// <param name="stream">A file stays open; what else is closed when no more is read of it.</param>
    /// <param name="stop">Ends every waiting.</param>
    internal ReadAhead(Stream stream, CancellationToken stop)
    {
        _stream = stream;
        if (stream is FileStream { CanSeek: true } file) (_file, _start) = (file.SafeFileHandle, file.Position);
        _stopping = stop.UnsafeRegister(static ahead => ((ReadAhead)ahead!).Stop(), this);
        new Thread(FillAll) { IsBackground = true, Name = "read ahead" }.Start();
    }

    /// <summary>Why the stream ended before its end: it could not be read on, or what was compressed is damaged.</summary>
    internal string? Problem { get; private set; }

    /// <summary>Bytes handed on so far.</summary>
    internal long Taken { get; private set; }

    /// <summary>There are more bytes, or it is known that there are none, within that time.</summary>
    internal bool HasMore(int milliseconds)
    {
        lock (_gate) return Next.State == ChunkState.Full || (Monitor.Wait(_gate, milliseconds) && Next.State == ChunkState.Full);
    }

    /// <summary>Waits for more bytes and puts them behind the last ones of the buffer before.</summary>
    /// <param name="kept">How many of the last bytes are wanted again.</param>
    /// <param name="bytes">Valid until the next call; on false only what was kept.</param>
    /// <returns>False when the stream is over, or was stopped.</returns>
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
            // A record longer than the headroom: as rare as it is long.
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

    /// <summary>A read that is under way cannot be broken off: its thread ends with it, or with the process.</summary>
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
        // Not before: a decompressor must not lose its memory while it works.
        if (_file == null) _stream.Dispose();
    }

    /// <summary>Waits for a chunk to fill, which is the caller's then.</summary>
    /// <param name="wanted">What the caller would rather see full; null when he only fills.</param>
    /// <returns>Null when that one is full, or there is nothing more to fill.</returns>
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

    /// <summary>A file's chunk is short only at its end: what may have been written behind that meanwhile is not looked at.</summary>
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
        catch (Exception problem) // of the decompressors, each has its own
        {
            chunk.Problem = CaptureInput.Explain(problem);
            chunk.IsLast = true;
        }
        Set(chunk, ChunkState.Full);
    }
}
