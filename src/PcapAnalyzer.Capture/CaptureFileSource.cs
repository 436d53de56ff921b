using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Reads a capture as a file or from standard input, plain or compressed: the reader for everything but live devices.</summary>
public sealed class CaptureFileSource : IFrameSource
{
    private readonly CaptureInput _input;
    private readonly SourceTally _tally;
    private readonly Action<long>? _onProgress;

    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <param name="onProgress">Is told, a buffer at a time, how many bytes of the file have been read.</param>
    /// <exception cref="CaptureException">It cannot be opened, or is no capture.</exception>
    public CaptureFileSource(string path, Action<long>? onProgress = null) : this(CaptureInput.Open(path), onProgress)
    {
    }

    internal CaptureFileSource(CaptureInput input, Action<long>? onProgress = null)
    {
        _input = input;
        _tally = new SourceTally(_input.IsStandardInput ? "stdin" : "file", _input.Name);
        _onProgress = onProgress;
    }

    /// <summary>Tells a wrong name without opening it, which may wait.</summary>
    /// <exception cref="CaptureException">There is nothing of this name that could be read.</exception>
    public static void Check(string path) => CaptureInput.Check(path);

    /// <summary>Length of the file in bytes; null where nobody knows it.</summary>
    public long? Length => _input.Length;

    /// <summary>
    /// Is told several times a second, between packets, also while there are none, what time it is where they are captured
    /// (nanoseconds since 1970): of a pipe, whose packets come as they are captured. A file's silences are over.
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
                + $"{(ahead.Problem == null ? $"is no capture file: only {left} bytes long" : $"cannot be read: {ahead.Problem}")}");
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
        : $"{_input.Name}: is no capture file (pcap or pcapng): it begins with "
            + $"{Convert.ToHexStringLower(bytes[..RecordParser.MagicLength])}");

    /// <summary>The program for a compression that is not ours.</summary>
    private static string? DecompressorOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFD, (byte)'7', (byte)'z', (byte)'X', ..] => "xz",
        [(byte)'B', (byte)'Z', (byte)'h', ..] => "bzip2",
        [0x04, 0x22, 0x4D, 0x18, ..] => "lz4",
        _ => null,
    };
}
