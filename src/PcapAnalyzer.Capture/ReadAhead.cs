namespace PcapAnalyzer.Capture;

/// <summary>Reads a pipe or a decompressor on its own thread, so that the next chunks fill while the caller parses one.</summary>
/// <remarks>Bytes are delivered as they arrive, so that a pipe's packets are not delayed.</remarks>
internal sealed class ReadAhead : ICaptureBytes
{
    private const int ChunkLength = 256 * 1024;

    private const int Chunks = 4;

    /// <summary>Bytes reserved in front of a chunk, for the incomplete record at the end of the previous chunk.</summary>
    private const int Headroom = 64 * 1024;

    /// <summary>
    /// Checks, a short spin apart, before a thread sleeps and must be woken. There are none on one core, which the other thread
    /// needs at once.
    /// </summary>
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

        /// <summary>This is the last chunk. <see cref="Problem"/> is set if the stream did not end normally.</summary>
        internal bool IsLast;

        internal string? Problem;
    }

    private readonly Stream _stream;
    private readonly Chunk[] _ring = [.. Enumerable.Range(0, Chunks).Select(_ => new Chunk())];
    private readonly CancellationTokenRegistration _stopping;

    /// <summary>Guards the fields below and every chunk's state. Pulsed when they change.</summary>
    private readonly object _gate = new();
    private int _filled;
    private bool _isOver;
    private bool _isStopped;

    private int _taken;

    /// <param name="stream">The reading thread closes it when reading ends.</param>
    /// <param name="stop">Ends every wait.</param>
    internal ReadAhead(Stream stream, CancellationToken stop)
    {
        _stream = stream;
        _stopping = stop.UnsafeRegister(static ahead => ((ReadAhead)ahead!).Stop(), this);
        new Thread(FillAll) { IsBackground = true, Name = "read ahead" }.Start();
    }

    public string? Problem { get; private set; }

    public long Taken { get; private set; }

    public bool HasMore(int milliseconds)
    {
        lock (_gate) return Next.State == ChunkState.Full || (Monitor.Wait(_gate, milliseconds) && Next.State == ChunkState.Full);
    }

    public bool TryNext(int kept, out ReadOnlySpan<byte> bytes)
    {
        var before = _taken == 0 ? null : _ring[(_taken - 1) % Chunks];
        ReadOnlySpan<byte> last = before == null ? default : before.Bytes.AsSpan(before.Start + before.Count - kept, kept);
        bytes = last;
        if (before is { IsLast: true }) return false;
        var chunk = Next;
        Await(chunk, ChunkState.Full);
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
        while (Reserve() is { } chunk) Fill(chunk);
        _stream.Dispose(); // only now: a decompressor must not be disposed while it reads
    }

    /// <summary>Waits for a free chunk and reserves it.</summary>
    /// <returns>Null when nothing is left to fill, or when reading was stopped.</returns>
    private Chunk? Reserve()
    {
        var chunk = _ring[_filled++ % Chunks];
        Await(chunk, ChunkState.Free);
        lock (_gate)
        {
            if (_isStopped || _isOver) return null;
            chunk.State = ChunkState.Filling;
            return chunk;
        }
    }

    /// <summary>Waits until a chunk has a state, the stream is over, or reading was stopped.</summary>
    private void Await(Chunk chunk, ChunkState state)
    {
        for (var looks = 0; ; looks++)
        {
            lock (_gate)
            {
                if (_isStopped || chunk.State == state || (state == ChunkState.Free && _isOver)) return;
                if (looks >= Looks) Monitor.Wait(_gate);
            }
            if (looks < Looks) Thread.SpinWait(20);
        }
    }

    private void Fill(Chunk chunk)
    {
        chunk.Count = 0;
        try
        {
            chunk.Count = _stream.Read(chunk.Bytes.AsSpan(chunk.Start, ChunkLength));
            chunk.IsLast = chunk.Count == 0;
        }
        catch (Exception problem) // each decompressor throws its own types
        {
            chunk.Problem = CaptureInput.Explain(problem);
            chunk.IsLast = true;
        }
        Set(chunk, ChunkState.Full);
    }
}
