using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Tui;

/// <summary>Where frames come from: files or live interfaces, as the composition root hands them over.</summary>
public interface ICaptureInput : IDisposable
{
    /// <summary>What the title line calls it.</summary>
    string Title { get; }

    /// <summary>Packets come as they happen: from an interface or a pipe.</summary>
    bool IsLive { get; }

    /// <summary>Captures, which are read one after the other and judged each by itself.</summary>
    int Count { get; }

    /// <summary>How far it has come. May be asked on any thread.</summary>
    CaptureCounters Counters { get; }

    /// <summary>Reads one capture to its end, on the caller's thread.</summary>
    /// <param name="tick">Is told the time (ns since 1970) where no packet tells it; null where nobody needs it.</param>
    /// <param name="stop">Ends the reading; what was read stands.</param>
    /// <exception cref="Exception">The capture cannot be read any further: the message is for the user.</exception>
    CaptureSource Read(int index, FrameHandler handler, Action<long>? tick, CancellationToken stop);
}

/// <param name="Dropped">Packets that the kernel or an interface lost.</param>
/// <param name="BytesRead">Bytes of files read.</param>
/// <param name="BytesTotal">Bytes of all files; 0 where nobody knows.</param>
public readonly record struct CaptureCounters(long Dropped, long BytesRead, long BytesTotal);
