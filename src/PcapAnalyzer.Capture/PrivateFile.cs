using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>Creates files that only their owner may read, because captures and reports hold private data.</summary>
/// <remarks>
/// A file is created in the target's directory under a temporary name, with mode 0600, and then renamed to the target. An
/// existing file or link is replaced, never written through, and its mode is not kept. A device or pipe that the path names
/// directly is written to.
/// </remarks>
public static partial class PrivateFile
{
    /// <summary>Creates a file under its name from the start, so that its content survives a kill. The stream is unbuffered.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created.</exception>
    public static Stream Create(string path)
    {
        if (Device(path) is { } device) return device;
        FileStream? created = null;
        try
        {
            Replace(path, temporary => created = New(temporary, bufferSize: 0));
            return created!;
        }
        catch (Exception)
        {
            created?.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file atomically: it appears complete or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (Device(path) is { } device)
        {
            using (device) write(device);
            return;
        }
        Replace(path, temporary =>
        {
            using var output = New(temporary, bufferSize: 4096);
            write(output);
        });
    }

    /// <summary>
    /// The real path of a file that exists or would be created, with all links resolved, so that all names of one file compare
    /// equal. Null for an empty path, and for a device, which is never replaced.
    /// </summary>
    public static string? Place(string path)
    {
        if (path.Length == 0) return null;
        var place = Path.GetFullPath(path);
        if (!OperatingSystem.IsWindows())
        {
            // If the file does not exist yet, resolve its directory.
            place = RealPath(place, 0) ?? (RealPath(Path.GetDirectoryName(place) ?? place, 0) is { } folder
                ? Path.Combine(folder, Path.GetFileName(place)) : place);
        }
        return IsKernels(Path.GetDirectoryName(place)) ? null : place;
    }

    /// <summary>True for directories where only the system makes links, such as /dev/stdout: those are followed.</summary>
    private static bool IsKernels(string? folder) =>
        folder is "/dev" or "/dev/fd" or "/dev/pts" || folder?.StartsWith("/proc/", StringComparison.Ordinal) == true;

    /// <summary>Opens a device or pipe for writing. Null when the path is a file, a link or unused, which may be replaced.</summary>
    private static FileStream? Device(string path)
    {
        var isKernels = IsKernels(Folder(path));
        if (!isKernels && (!File.Exists(path) || new FileInfo(path).LinkTarget != null)) return null;
        FileStream? there = null;
        try
        {
            there = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (UnauthorizedAccessException) when (!isKernels)
        {
            // A file without write permission can still be replaced.
        }
        if (isKernels || there is { CanSeek: false }) return there;
        there?.Dispose();
        return null;
    }

    private static void Replace(string path, Action<string> make)
    {
        var temporary = Path.Combine(Folder(path), $".{Path.GetFileName(path)}.{Path.GetRandomFileName()}");
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

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    /// <summary>Other handles may read the file while it is written.</summary>
    private static FileStream New(string path, int bufferSize)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = bufferSize
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
    /// <summary>The marshaller frees what libc allocates.</summary>
    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial string? RealPath(string path, nint buffer);
}
