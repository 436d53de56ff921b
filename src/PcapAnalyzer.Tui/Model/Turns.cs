namespace PcapAnalyzer.Tui;

/// <summary>Mutual exclusion of an owner thread that enters millions of times a second, and others that query rarely.</summary>
/// <remarks>
/// The owner takes no lock and needs no memory barrier: it writes one flag and reads another. A querying thread pays for the
/// barrier of both (<see cref="Interlocked.MemoryBarrierProcessWide"/>), and then waits until the owner is outside. An owner that
/// waits for its input is outside, so a query is answered at once even while no packets arrive.
/// </remarks>
internal sealed class Turns
{
    private readonly Lock _askers = new();
    private volatile bool _isOwnerInside;
    private volatile int _asking;

    /// <summary>The owner enters. It waits while another thread queries.</summary>
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

    /// <summary>The owner leaves.</summary>
    internal void Leave() => _isOwnerInside = false;

    /// <summary>Runs a query on the caller's thread while the owner is outside. The owner must not call it while it is inside.</summary>
    internal T Ask<T>(Func<T> question)
    {
        lock (_askers)
        {
            _asking++;
            try
            {
                Interlocked.MemoryBarrierProcessWide(); // either the owner sees _asking, or this thread sees _isOwnerInside
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
