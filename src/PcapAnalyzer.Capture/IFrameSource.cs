using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Pushes frames, on the caller's thread, until there are no more.</summary>
public interface IFrameSource : IDisposable
{
    /// <param name="handler">Takes each frame; its bytes are the source's and go when the handler returns.</param>
    /// <param name="stop">Ends the reading early; what was read stands.</param>
    /// <returns>What the source was, how much it held, and what was wrong with it.</returns>
    CaptureSource Read(FrameHandler handler, CancellationToken stop);
}
