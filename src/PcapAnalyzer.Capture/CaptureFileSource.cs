using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Reports;

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

    /// <summary>Length of the file in bytes; null where nobody knows it.</summary>
    public long? Length => _input.Length;

    public SourceReport Read(FrameHandler handler, CancellationToken stop)
    {
        using var ahead = new ReadAhead(_input.Content);
        RecordParser? parser = null;
        var left = 0;
        while (parser is not { IsOver: true } && ahead.TryNext(left, stop, out var bytes))
        {
            parser ??= bytes.Length < RecordParser.MagicLength ? null : RecordParser.For(bytes, _tally) ?? throw NoCapture(bytes);
            left = bytes.Length - (parser?.Parse(bytes, handler, stop) ?? 0);
            _onProgress?.Invoke(_input.Position);
        }
        if (stop.IsCancellationRequested) _tally.Interrupted();
        else if (_tally.Format == null) throw new CaptureException($"{_input.Name}: {(ahead.Problem == null ? $"is no capture file: only {left} bytes long" : $"cannot be read: {ahead.Problem}")}");
        else if (ahead.Problem != null) _tally.Ended("damaged-file", ahead.Problem);
        else parser?.EndOfFile(left);
        parser?.Close();
        return _tally.Report();
    }

    public void Dispose() => _input.Dispose();

    private CaptureException NoCapture(ReadOnlySpan<byte> bytes) =>
        new($"{_input.Name}: is no capture file (pcap or pcapng): it begins with {Convert.ToHexStringLower(bytes[..RecordParser.MagicLength])}");
}
