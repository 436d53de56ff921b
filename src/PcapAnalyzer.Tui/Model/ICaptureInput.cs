using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Tui;

/// <summary>A source of frames: files or live interfaces. The composition root provides it.</summary>
public interface ICaptureInput : IDisposable
{
    /// <summary>The name shown in the title line.</summary>
    string Title { get; }

    /// <summary>Packets arrive as they are captured, from an interface or a pipe.</summary>
    bool IsLive { get; }

    /// <summary>The packets stay in a file: they came from one, or are written to one.</summary>
    bool IsKept { get; }

    /// <summary>Number of captures. Each is judged by itself.</summary>
    int Count { get; }

    /// <summary>Progress so far. Any thread may read it.</summary>
    CaptureCounters Counters { get; }

    /// <summary>Reads one capture to its end, on the caller's thread.</summary>
    /// <param name="tick">Called with the time (nanoseconds since 1970) while no packet tells it; null when nobody needs it.</param>
    /// <param name="stop">Stops reading. What was read is kept.</param>
    /// <exception cref="Exception">Reading failed. The message is for the user.</exception>
    CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop);
}

/// <param name="Dropped">Packets that the kernel or an interface lost.</param>
/// <param name="BytesRead">Bytes of files read.</param>
/// <param name="BytesTotal">Bytes of all files; 0 when unknown.</param>
public readonly record struct CaptureCounters(long Dropped, long BytesRead, long BytesTotal);
