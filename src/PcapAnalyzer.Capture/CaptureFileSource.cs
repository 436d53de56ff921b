using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Reads a capture from a file or standard input, plain or compressed. <see cref="LiveSource"/> reads interfaces.</summary>
public sealed class CaptureFileSource : IFrameSource
{
    private readonly CaptureInput _input;
    private readonly SourceTally _tally;
    private readonly Action<long>? _onProgress;

    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <param name="onProgress">Called after each buffer with the number of bytes read from the file.</param>
    /// <exception cref="CaptureException">The input cannot be opened, or is empty.</exception>
    public CaptureFileSource(string path, Action<long>? onProgress = null) : this(CaptureInput.Open(path), onProgress)
    {
    }

    internal CaptureFileSource(CaptureInput input, Action<long>? onProgress = null)
    {
        _input = input;
        _tally = new SourceTally(_input.IsStandardInput ? "stdin" : "file", _input.Name);
        _onProgress = onProgress;
    }

    /// <summary>Checks the path without opening the file, because opening a pipe can block.</summary>
    /// <exception cref="CaptureException">The path does not name a file, or standard input is a terminal or closed.</exception>
    public static void Check(string path) => CaptureInput.Check(path);

    /// <summary>Length of the file in bytes; null when it is unknown, as for a pipe.</summary>
    public long? Length => _input.Length;

    /// <summary>
    /// Called several times a second, between packets and while none arrive, with the current time where a pipe's packets are
    /// captured (nanoseconds since 1970). Never called for a file, or while a pipe delivers packets faster than they were
    /// captured.
    /// </summary>
    public Action<long>? OnTick { get; set; }

    public CaptureSource Read(FrameHandler handler, CancellationToken stop)
    {
        using var ahead = new ReadAhead(_input.Content, stop);
        RecordParser? parser = null;
        var left = 0;
        var clock = Length == null && OnTick != null ? new PipeClock(_tally, TimeProvider.System) : null;
        while (parser is not { IsOver: true })
        {
            while (clock != null && !stop.IsCancellationRequested && !ahead.HasMore(PipeClock.Interval)) Tick(clock);
            if (!ahead.TryNext(left, out var bytes)) break;
            parser ??= bytes.Length < RecordParser.MagicLength ? null : RecordParser.For(bytes, _tally) ?? throw NoCapture(bytes);
            left = bytes.Length - (parser?.Parse(bytes, handler, stop) ?? 0);
            _onProgress?.Invoke(_input.PositionAt(ahead.Taken));
            clock?.Arrived();
            Tick(clock);
        }
        if (stop.IsCancellationRequested) _tally.Interrupted();
        else if (_tally.Format == null)
            throw new CaptureException($"{_input.Name}: "
                + $"{(ahead.Problem == null ? $"is not a capture file: only {left} bytes long" : $"cannot be read: {ahead.Problem}")}");
        else if (ahead.Problem != null) _tally.Ended("damaged-file", ahead.Problem);
        else parser?.EndOfFile(left);
        parser?.Close();
        return _tally.Report();
    }

    private void Tick(PipeClock? clock)
    {
        if (clock?.Look() is { } now) OnTick!(now);
    }

    public void Dispose() => _input.Dispose();

    private CaptureException NoCapture(ReadOnlySpan<byte> bytes) => new(DecompressorOf(bytes) is { } program
        ? $"{_input.Name}: is compressed with {program}, which is not read; take that off first: {program} -dc FILE | pcap-analyzer "
            + "report -"
        : $"{_input.Name}: is not a capture file (pcap or pcapng): it begins with "
            + $"{Convert.ToHexStringLower(bytes[..RecordParser.MagicLength])}");

    /// <summary>The program that decompresses a format this reader does not support; null for other data.</summary>
    private static string? DecompressorOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFD, (byte)'7', (byte)'z', (byte)'X', ..] => "xz",
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
        [0x04, 0x22, 0x4D, 0x18, ..] => "lz4",
        _ => null,
    };
}
