namespace PcapAnalyzer.Cli;

/// <summary>The reader of standard output has gone: nothing to say, and nobody to say it to.</summary>
internal sealed class BrokenPipeException : Exception;

/// <summary>Writes to standard output, or to a file that appears whole or not at all.</summary>
internal static class OutputFile
{
    /// <summary>errno EPIPE, which .NET passes on as it is.</summary>
    private const int BrokenPipe = 32;

    /// <param name="path">The file, or null for standard output.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="option">Who named the file, for errors.</param>
    internal static void Write(string? path, Action<Stream> write, string option = "--output")
    {
        if (path == null) WriteStandardOutput(write);
        else WriteFile(option, path, write);
    }

    private static void WriteStandardOutput(Action<Stream> write)
    {
        try
        {
            using var output = new BufferedStream(Console.OpenStandardOutput(), 64 * 1024);
            write(output);
            output.Flush();
        }
        catch (IOException problem)
        {
            throw problem.HResult == BrokenPipe ? new BrokenPipeException() : new InputException($"standard output: cannot be written: {problem.Message}");
        }
    }

    /// <summary>A file that is in its place from the start, for what must be there though the process is killed.</summary>
    /// <param name="option">Who asks for it, for errors.</param>
    /// <param name="path">The file; one that stood there is replaced, not written into.</param>
    internal static Stream Create(string option, string path)
    {
        Stream? created = null;
        Replace(option, path, output => created = output, temporary => created = CreateNew(temporary));
        return created!;
    }

    private static void WriteFile(string option, string path, Action<Stream> write) => Replace(option, path, device =>
    {
        using (device) write(device);
    }, temporary =>
    {
        using var output = CreateNew(temporary);
        write(output);
    });

    /// <summary>A device or a pipe is written to, since a file put in its place would be the end of it; null for anything else.</summary>
    private static FileStream? Device(string path, string directory)
    {
        var isDevice = directory.StartsWith("/dev", StringComparison.Ordinal);
        if (!isDevice && !File.Exists(path)) return null;
        FileStream? there = null;
        try
        {
            there = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (UnauthorizedAccessException) when (!isDevice)
        {
            // A file that may not be written may be replaced.
        }
        if (isDevice || there is { CanSeek: false }) return there;
        there?.Dispose();
        return null;
    }

    /// <summary>Puts a file in a path's place; into what is no file, it is written.</summary>
    private static void Replace(string option, string path, Action<Stream> useDevice, Action<string> make)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var temporary = Path.Combine(directory, $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
        try
        {
            if (Directory.Exists(path)) throw new InputException($"{option} {path}: is a directory; name a file in it");
            if (Device(path, directory) is { } device)
            {
                useDevice(device);
                return;
            }
            try
            {
                make(temporary);
                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (DirectoryNotFoundException)
        {
            throw new InputException($"{option} {path}: no such directory: {directory}");
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException)
        {
            throw new InputException($"{option} {path}: cannot be written: {problem.Message}");
        }
    }

    /// <summary>What is written tells who talks to whom: nobody else's business by default.</summary>
    private static FileStream CreateNew(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
