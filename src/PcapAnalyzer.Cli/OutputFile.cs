using PcapAnalyzer.Capture;

namespace PcapAnalyzer.Cli;

/// <summary>The reader of standard output is gone, so no message is shown.</summary>
internal sealed class BrokenPipeException : Exception;

/// <summary>Writes to standard output, or to a file that appears complete or not at all.</summary>
internal static class OutputFile
{
    /// <summary>errno EPIPE, which .NET passes through as the HResult.</summary>
    private const int BrokenPipe = 32;

    /// <param name="path">The file, or null for standard output.</param>
    /// <param name="option">The option that named the file, for error messages.</param>
    internal static void Write(string? path, Action<Stream> write, string option = "--output")
    {
        if (path == null) WriteStandardOutput(write);
        else WriteFile(option, path, write);
    }

    /// <exception cref="InputException">Standard output is closed. Output would go to whatever file was opened in its place.</exception>
    internal static void CheckStandardOutput()
    {
        if (StandardStreams.IsClosed(1)) throw new InputException("standard output: is closed; redirect it, or name a file with --output");
    }

    private static void WriteStandardOutput(Action<Stream> write)
    {
        CheckStandardOutput();
        try
        {
            using var output = new BufferedStream(Console.OpenStandardOutput(), 64 * 1024);
            write(output);
            output.Flush();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // A descriptor that is open only for reading fails with "access to the path is denied", without a path. The inner
            // exception has the reason.
            throw problem.HResult == BrokenPipe ? new BrokenPipeException()
                : new InputException($"standard output: cannot be written: {problem.GetBaseException().Message}");
        }
    }

    /// <summary>Creates a file that has its name from the start, so that its content remains if the process is killed.</summary>
    /// <param name="option">The option that named the file, for error messages.</param>
    /// <param name="path">The file. An existing one is replaced, not written to.</param>
    internal static Stream Create(string option, string path)
    {
        Stream? created = null;
        Try(option, path, () => created = PrivateFile.Create(path));
        return created!;
    }

    private static void WriteFile(string option, string path, Action<Stream> write) =>
        Try(option, path, () => PrivateFile.Write(path, write));

    private static void Try(string option, string path, Action make)
    {
        try
        {
            if (Directory.Exists(path)) throw new InputException($"{option} {path}: is a directory; name a file in it");
            make();
        }
        catch (DirectoryNotFoundException)
        {
            throw new InputException($"{option} {path}: no such directory: {Path.GetDirectoryName(Path.GetFullPath(path))}");
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException)
        {
            throw new InputException($"{option} {path}: cannot be written: {problem.Message}");
        }
    }
}
