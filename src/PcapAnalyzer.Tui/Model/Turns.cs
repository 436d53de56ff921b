namespace PcapAnalyzer.Tui;

/// <summary>Lets one thread, the owner, use something millions of times a second, and other threads now and then, one at a time.</summary>
/// <remarks>
/// The owner takes no lock and pays for no memory barrier: it writes one flag and reads another. Who asks pays for both
/// (<see cref="Interlocked.MemoryBarrierProcessWide"/>), and then waits until the owner is outside. An owner that waits for
/// its input is outside, so a question is answered at once though nothing comes.
/// </remarks>
internal sealed class Turns
{
    private readonly Lock _askers = new();
    private volatile bool _isOwnerInside;
    private volatile int _asking;

    /// <summary>The owner begins; it waits while somebody asks.</summary>
    internal void Enter()
    {
        _isOwnerInside = true;
        while (_asking > 0)
        {
            _isOwnerInside = false;
            for (var spin = new SpinWait(); _asking > 0;) spin.SpinOnce();
            _isOwnerInside = true;
        }
    }

    /// <summary>The owner is done for now.</summary>
    internal void Leave() => _isOwnerInside = false;

    /// <summary>
    /// Answers a question on the caller's thread, while the owner is outside. Not to be called by an owner that is inside.
    /// </summary>
    internal T Ask<T>(Func<T> question)
    {
        lock (_askers)
        {
            _asking++;
            try
            {
                Interlocked.MemoryBarrierProcessWide(); // either the owner sees the flag, or it is seen here that the owner is inside
                for (var spin = new SpinWait(); _isOwnerInside;) spin.SpinOnce();
                return question();
            }
            finally
            {
                _asking--;
            }
        }
    }
}
