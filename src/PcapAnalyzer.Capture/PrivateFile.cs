using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>Files that only their owner may read: what captures and reports hold is nobody else's business.</summary>
/// <remarks>
/// A file is made beside its place under another name, with mode 0600, and then put there: what stood there, a link too, is
/// replaced and never written through, and its mode is not kept. A device or a pipe that is named itself is written into.
/// </remarks>
public static partial class PrivateFile
{
    /// <summary>
    /// A file that is in its place from the start, for what must be there though the process is killed. It has no buffer.
    /// </summary>
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

    /// <summary>A file that appears whole or not at all.</summary>
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
    /// Where a file is, or would be: one place for all the names that links, in its folders too, give it. Null for a device,
    /// which is never replaced.
    /// </summary>
    public static string? Place(string path)
    {
        if (path.Length == 0) return null;
        var place = Path.GetFullPath(path);
        if (!OperatingSystem.IsWindows())
        {
            // Of what is not there yet, its folder may be.
            place = RealPath(place, 0) ?? (RealPath(Path.GetDirectoryName(place) ?? place, 0) is { } folder
                ? Path.Combine(folder, Path.GetFileName(place)) : place);
        }
        return IsKernels(Path.GetDirectoryName(place)) ? null : place;
    }

    /// <summary>Nobody else puts a link there, and /dev/stdout is one.</summary>
    private static bool IsKernels(string? folder) =>
        folder is "/dev" or "/dev/fd" or "/dev/pts" || folder?.StartsWith("/proc/", StringComparison.Ordinal) == true;

    /// <summary>Null for what may be replaced: a file, a link, nothing.</summary>
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
            // A file that may not be written may be replaced.
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

    /// <summary>Others may read along.</summary>
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
