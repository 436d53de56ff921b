using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace PcapAnalyzer.Capture;

/// <summary>An open capture file or standard input. Decompresses gzip and zstd.</summary>
internal sealed class CaptureInput : IDisposable
{
    private static readonly byte[] GzipMagic = [0x1F, 0x8B];
    private static readonly byte[] ZstdMagic = [0x28, 0xB5, 0x2F, 0xFD];

    private readonly Stream _raw;

    /// <summary>Without this switch, a truncated gzip file reads like a complete one.</summary>
    static CaptureInput() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    internal CaptureInput(string name, bool isStandardInput, Stream raw)
    {
        Name = name;
        IsStandardInput = isStandardInput;
        _raw = raw;
        Length = raw.CanSeek ? raw.Length : null;
        var start = new byte[ZstdMagic.Length];
        var count = raw.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (count == 0) throw new CaptureException($"{name}: is empty; was the capture stopped before it wrote anything?");
        if (raw.CanSeek) raw.Seek(-count, SeekOrigin.Current);
        var whole = raw.CanSeek ? raw : new PeekedStream(start.AsMemory(0, count), raw);
        Content = start.AsSpan().StartsWith(GzipMagic) ? new GZipStream(whole, CompressionMode.Decompress, leaveOpen: true)
            : start.AsSpan().StartsWith(ZstdMagic) || IsSkippable(start) ? new DecompressionStream(whole, leaveOpen: true)
            : whole;
    }

    /// <summary>True for a zstd skippable frame (RFC 8878, 3.1.2). The files of pzstd begin with one.</summary>
    private static bool IsSkippable(byte[] start) => (start[0] & 0xF0) == 0x50 && start.AsSpan(1).SequenceEqual<byte>([0x2A, 0x4D, 0x18]);

    internal string Name { get; }

    internal bool IsStandardInput { get; }

    /// <summary>The input is a named file and is not compressed.</summary>
    internal bool IsPlainFile => !IsStandardInput && Content == _raw;

    /// <summary>The capture's bytes, decompressed. <see cref="ReadAhead"/> closes a decompressor, <see cref="Dispose"/> the file.</summary>
    internal Stream Content { get; }

    /// <summary>Length of the file in bytes, as stored; null for a pipe.</summary>
    internal long? Length { get; }

    /// <summary>Position in the file as stored; 0 for a compressed pipe, whose position is unknown.</summary>
    /// <param name="taken">Bytes taken from <see cref="Content"/>.</param>
    internal long PositionAt(long taken) => Content == _raw ? taken : Length == null ? 0 : _raw.Position;

    /// <summary>Explains why reading <see cref="Content"/> failed, with a remedy if there is one.</summary>
    internal static string Explain(Exception problem) =>
        problem is ZstdException { Code: ZSTD_ErrorCode.ZSTD_error_frameParameter_windowTooLarge }
        ? "its zstd window is larger than 128 MB; take that off first: zstd -dc --long=31 FILE | pcap-analyzer report -"
        : problem.Message;

    /// <summary>Checks the path without opening it. Opening a pipe can block until its writer opens it and sends the first bytes.</summary>
    /// <exception cref="CaptureException">The path does not name a file, or standard input is a terminal or closed.</exception>
    internal static void Check(string path)
    {
        if (path == "-" && !Console.IsInputRedirected)
            throw new CaptureException("standard input is the terminal; pipe a capture into it: tcpdump -U -s 0 -w - | pcap-analyzer "
                + "report -");
        if (path == "-" && StandardStreams.IsClosed(0))
            throw new CaptureException("standard input: is closed; pipe a capture into it, or name a file");
        if (Directory.Exists(path)) throw new CaptureException($"{path}: is a directory; name a capture file in it");
        if (path != "-" && !File.Exists(path)) throw new CaptureException($"{path}: no such file; check the path");
    }

    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <exception cref="CaptureException">The input cannot be opened, or is empty.</exception>
    internal static CaptureInput Open(string path)
    {
        var name = path == "-" ? "standard input" : path;
        Check(path);
        try
        {
            return path == "-"
                ? new CaptureInput(name, true, new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0))
                : new CaptureInput(name, false,
                    new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0,
                    FileOptions.SequentialScan));
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaptureException($"{path}: no such file; check the path");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CaptureException($"{name}: permission denied; ask for read access, or run as a user who has it");
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or NotSupportedException)
        {
            throw new CaptureException($"{name}: cannot be read: {problem.Message}");
        }
    }

    public void Dispose() => _raw.Dispose();
}
