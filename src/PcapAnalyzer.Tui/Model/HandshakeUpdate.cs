using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>A handshake that is new or has changed.</summary>
/// <param name="IsOpen">The handshake is still in progress, and nothing is decided.</param>
public readonly record struct HandshakeUpdate(JudgedHandshake Report, bool IsOpen);
