using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>The terminal behind a process whose standard input is a capture.</summary>
public static partial class Keyboard
{
    private const int ReadWrite = 2;

    /// <summary>Makes the keyboard standard input; whoever reads the pipe has a descriptor of its own.</summary>
    /// <returns>False where there is no terminal.</returns>
    public static bool TakeBack()
    {
        var terminal = Open("/dev/tty", ReadWrite);
        if (terminal < 0) return false;
        var taken = Duplicate(terminal, 0) == 0;
        _ = Close(terminal);
        return taken;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
