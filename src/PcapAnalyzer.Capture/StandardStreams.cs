using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>The standard streams that the process inherited.</summary>
public static partial class StandardStreams
{
    /// <summary>
    /// True when the process was started without this stream: 0 is standard input, 1 is standard output. The descriptor then
    /// belongs to some file that this process opened.
    /// </summary>
    /// <remarks>An inherited descriptor has no close-on-exec flag; a file that the runtime opened in its place has.</remarks>
    public static bool IsClosed(int descriptor)
    {
        const int GetDescriptorFlags = 1;
        const int CloseOnExec = 1;
        return !OperatingSystem.IsWindows() && (Fcntl(descriptor, GetDescriptorFlags) & CloseOnExec) != 0; // an error, -1, has every bit
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command);
}
