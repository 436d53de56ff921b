namespace PcapAnalyzer.Reports.Filter;

/// <summary>What a filter tests: a handshake, or a session with the handshake before it.</summary>
/// <param name="Handshake">Null where the capture does not have the session's.</param>
/// <param name="Session">Null for a handshake.</param>
public readonly record struct WhereSubject(JudgedHandshake? Handshake, JudgedSession? Session);
