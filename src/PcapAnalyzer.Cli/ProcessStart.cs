using System.Runtime.InteropServices;

namespace PcapAnalyzer.Cli;

/// <summary>What the process changes of itself before it does anything else.</summary>
internal static partial class ProcessStart
{
    private const int Interrupt = 2;
    private const nint Default = 0;
    private const nint Ignored = 1;
    private const int SetDumpable = 4;

    internal static void Prepare()
    {
        if (OperatingSystem.IsLinux())
        {
            HeedInterrupt();
            _ = SetProcess(SetDumpable, 0, 0, 0, 0); // memory holds cookies: no core dump, no debugger of the same user
        }
        Console.SetError(StandardError.Open());
    }

    /// <summary>
    /// Restores SIGINT, as tcpdump does. A shell without job control starts background jobs with SIGINT ignored, and .NET leaves
    /// an ignored signal ignored: nothing but a kill would end such a capture. SIGHUP stays as it is, for nohup.
    /// </summary>
    private static void HeedInterrupt()
    {
        Span<nint> action = stackalloc nint[32]; // more than a struct sigaction of any libc; the handler is its first field
        if (ReadAction(Interrupt, 0, action) == 0 && action[0] == Ignored) _ = SetHandler(Interrupt, Default);
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int ReadAction(int signal, nint noAction, Span<nint> action);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetProcess(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);
}
