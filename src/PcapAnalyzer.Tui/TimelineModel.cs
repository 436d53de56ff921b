using PcapAnalyzer.Core.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>What the timeline shows, as plain state without a terminal. The screen itself is still to come.</summary>
public sealed class TimelineModel(CaptureReport report)
{
    public IReadOnlyList<HandshakeReport> Handshakes => report.Handshakes;
}
