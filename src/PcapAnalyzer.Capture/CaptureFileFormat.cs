using System.Buffers.Binary;

namespace PcapAnalyzer.Capture;

/// <summary>Tells what a file is by its first bytes, before libpcap is asked: its messages name no remedy.</summary>
internal static class CaptureFileFormat
{
    private const uint SectionHeader = 0x0A0D0D0A;

    /// <returns><c>pcap</c> or <c>pcapng</c>.</returns>
    /// <exception cref="CaptureException">The file cannot be read, or is no capture.</exception>
    internal static string Of(string path)
    {
        if (Directory.Exists(path)) throw new CaptureException($"{path}: is a directory; name a capture file in it");
        var magic = new byte[4];
        int length;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // libpcap opens the file again, from its beginning.
            if (!file.CanSeek) throw new CaptureException($"{path}: is no regular file; write the capture to one first");
            length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CaptureException($"{path}: no such file; check the path");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CaptureException($"{path}: permission denied; ask for read access, or run as a user who has it");
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or NotSupportedException)
        {
            throw new CaptureException($"{path}: cannot be read: {problem.Message}");
        }
        if (length == 0) throw new CaptureException($"{path}: is empty; was the capture stopped before it wrote anything?");
        if (length < magic.Length) throw new CaptureException($"{path}: is no capture file: only {length} bytes long");
        return BinaryPrimitives.ReadUInt32LittleEndian(magic) switch
        {
            SectionHeader => "pcapng",
            0xA1B2C3D4 or 0xD4C3B2A1 or 0xA1B23C4D or 0x4D3CB2A1 or 0xA1B2CD34 or 0x34CDB2A1 => "pcap",
            var first when (first & 0xFFFF) == 0x8B1F => throw new CaptureException($"{path}: is compressed with gzip; decompress it first: gunzip {path}"),
            0xFD2FB528 => throw new CaptureException($"{path}: is compressed with zstd; decompress it first: unzstd {path}"),
            _ => throw new CaptureException($"{path}: is no capture file (pcap or pcapng): it begins with {Convert.ToHexStringLower(magic)}"),
        };
    }
}
