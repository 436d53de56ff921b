using System.Globalization;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Writes packets to a pcapng file, or to a ring of files. A full disk stops the writing, not the program.</summary>
/// <remarks>
/// A ring's files are named like dumpcap's: <c>node_00001_20260115143000.pcapng</c> for <c>node.pcapng</c>, with a number and the
/// UTC time. Wireshark recognises them as one file set. Each file can be read without the others.
/// </remarks>
public sealed class CaptureWriter : IDisposable
{
    private const string StandardOutput = "-";

    private readonly string _path;
    private readonly string _application;
    private readonly long _rotateSize;
    private readonly int _keep;
    private readonly TimeProvider _clock;
    private readonly List<(string? Name, LinkLayer Link, int SnapLength)> _interfaces = [];
    private readonly Queue<string> _kept = new();
    private LiveSource? _live;
    private Stream _stream;
    private PcapngWriter _writer;
    private int _files;
    private long _packets;

    /// <param name="path">The file to create or replace; <c>-</c> is standard output.</param>
    /// <param name="clock">Provides the time in the names of a ring's files and in the interface statistics.</param>
    /// <param name="rotateSize">Size in bytes at which the next file begins; 0 for a single file.</param>
    /// <param name="keep">Number of newest files to keep; 0 keeps all.</param>
    /// <exception cref="CaptureException">The file cannot be created.</exception>
    public CaptureWriter(string path, string application, TimeProvider clock, long rotateSize = 0, int keep = 0)
    {
        (_path, _application, _clock, _rotateSize, _keep) = (path, application, clock, rotateSize, keep);
        try
        {
            (_stream, _writer) = Create();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CaptureException($"{path}: cannot be written: {problem.Message}");
        }
    }

    /// <summary>Why writing stopped, in one line; null while it works.</summary>
    public string? Failure { get; private set; }

    /// <summary>Adds the interfaces of a live source, in its numbering, and writes their counters at the end of each file.</summary>
    public void Follow(LiveSource live)
    {
        _live = live;
        foreach (var one in live.Interfaces) AddInterface(one.Name, one.Link, one.SnapLength);
    }

    /// <inheritdoc cref="PcapngWriter.AddInterface"/>
    public int AddInterface(string? name, LinkLayer link, int snapLength)
    {
        _interfaces.Add((name, link, snapLength));
        return _writer.AddInterface(name, link, snapLength);
    }

    /// <inheritdoc cref="PcapngWriter.Write"/>
    /// <remarks>The packet stays in memory until the buffer is full or <see cref="Flush"/> is called.</remarks>
    public void Write(int from, in Frame frame, string? comment = null)
    {
        if (Failure != null) return;
        if (_rotateSize > 0 && _writer.Length >= _rotateSize) Rotate();
        _writer.Write(from, frame, comment);
        _packets++;
        Check();
    }

    /// <summary>Writes all buffered packets to the output. Call it regularly, so that other programs can read them.</summary>
    public void Flush()
    {
        _writer.Flush();
        Check();
    }

    public void Dispose() => Close();

    private void Rotate()
    {
        Close();
        if (Failure != null) return;
        try
        {
            (_stream, _writer) = Create();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Fail(problem.Message);
            return;
        }
        foreach (var (name, link, snapLength) in _interfaces) _writer.AddInterface(name, link, snapLength);
        if (_keep > 0 && _kept.Count > _keep) Forget(_kept.Dequeue());
    }

    private (Stream, PcapngWriter) Create()
    {
        var path = _path;
        _files++;
        if (_rotateSize > 0)
        {
            path = Path.Combine(Path.GetDirectoryName(path) ?? "", string.Create(CultureInfo.InvariantCulture,
                $"{Path.GetFileNameWithoutExtension(path)}_{_files:D5}_{_clock.GetUtcNow():yyyyMMddHHmmss}{Path.GetExtension(path)}"));
            _kept.Enqueue(path);
        }
        // The stream has no buffer, because PcapngWriter has one.
        var stream = _path == StandardOutput ? Console.OpenStandardOutput() : PrivateFile.Create(path);
        return (stream, new PcapngWriter(stream, _application));
    }

    private void Close()
    {
        var now = (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var counters = _live?.Interfaces ?? [];
        for (var i = 0; i < counters.Count; i++) _writer.WriteStatistics(i, now, counters[i]);
        Flush();
        _stream.Dispose();
    }

    private static void Forget(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // An extra file does no harm.
        }
    }

    private void Check()
    {
        if (_writer.Failure is { } why) Fail(why);
    }

    private void Fail(string why) => Failure ??= $"{_path}: nothing is written any more, after packet {_packets}: {why}";
}
