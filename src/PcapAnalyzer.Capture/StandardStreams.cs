using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>What the process was started with.</summary>
public static partial class StandardStreams
{
    /// <summary>
    /// Nothing was handed over in this place: 0 for standard input, 1 for standard output. What stands there is then some file of
    /// our own.
    /// </summary>
    /// <remarks>
    /// What was handed over at the start stays open in other programs: what does not is a file that the runtime opened, in the
    /// free place.
    /// </remarks>
    public static bool IsClosed(int descriptor)
    {
        const int GetDescriptorFlags = 1;
        const int CloseOnExec = 1;
        return !OperatingSystem.IsWindows() && (Fcntl(descriptor, GetDescriptorFlags) & CloseOnExec) != 0; // -1 has every bit
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command);
}
