using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>A thread that may do what its process may, but capture: on Linux each thread has capabilities of its own.</summary>
internal static class WithoutRights
{
    private const uint Version3 = 0x20080522;
    private const uint NetRaw = 1u << 13;

    internal static T Run<T>(Func<T> what)
    {
        T? result = default;
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                Drop();
                result = what();
            }
            catch (Exception problem)
            {
                thrown = problem;
            }
        });
        thread.Start();
        thread.Join();
        return thrown == null ? result! : throw thrown;
    }

    private static void Drop()
    {
        uint[] header = [Version3, 0];
        var sets = new uint[6]; // effective, permitted, inheritable; then the same for higher numbers
        if (capget(header, sets) != 0) throw new InvalidOperationException("capget");
        sets[0] &= ~NetRaw;
        sets[1] &= ~NetRaw;
        if (capset(header, sets) != 0) throw new InvalidOperationException("capset");
    }

    [DllImport("libc")]
    private static extern int capget(uint[] header, [In, Out] uint[] sets);

    [DllImport("libc")]
    private static extern int capset(uint[] header, uint[] sets);
}
