using PcapAnalyzer.Tui;

namespace PcapAnalyzer.Cli;

/// <summary>Where the frames of a run come from: files and pipes, or live interfaces. The report and the screen share it.</summary>
internal interface IRunInput : ICaptureInput
{
    /// <summary>A capture could not be opened. The user was told, and the others are read.</summary>
    bool HasFailed { get; }

    /// <summary>The name of the interface that a frame came from; for a file, the file's name.</summary>
    string NameOf(int capture, int @interface);
}
