using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>A handshake that is new, or of which something has changed.</summary>
/// <param name="IsOpen">It still goes on: nothing of it is decided.</param>
public readonly record struct HandshakeUpdate(JudgedHandshake Report, bool IsOpen);
