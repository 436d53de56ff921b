using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Delivers frames on the caller's thread until the source ends.</summary>
public interface IFrameSource : IDisposable
{
    /// <param name="handler">Receives each frame. The source owns the frame's bytes, which are valid only until the handler
    /// returns.</param>
    /// <param name="stop">Stops reading early. The result covers what was read.</param>
    /// <returns>What the source was, how many packets it delivered, and its problems.</returns>
    CaptureSource Read(FrameHandler handler, CancellationToken stop);
}
