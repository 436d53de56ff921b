using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;

namespace PcapAnalyzer.Reports;

/// <summary>How serious an outcome is for an operator. The glyph shows the outcome, the colour its severity.</summary>
public enum Severity
{
    Good,

    /// <summary>A normal end without a connection: one of two simultaneous connects gives way.</summary>
    Quiet,

    /// <summary>The capture or the cookies are not conclusive, or a peer left.</summary>
    Warn,

    /// <summary>Someone has to change something.</summary>
    Bad,
}

/// <summary>The only place that gives outcomes and verdicts their severity, glyph and colour.</summary>
public static class Severities
{
    /// <summary>The severity, from the outcome and its cause.</summary>
    public static Severity Severity(this JudgedHandshake handshake) => (handshake.Outcome, handshake.Diagnosis.Code) switch
    {
        (Outcome.Established, _) => Reports.Severity.Good,
        (_, DiagnosisCode.SimultaneousConnect or DiagnosisCode.DuplicateConnection) => Reports.Severity.Quiet,
        (Outcome.Encrypted, DiagnosisCode.Encrypted) => Reports.Severity.Quiet,
        (Outcome.AuthenticationFailed or Outcome.ProtocolViolation or Outcome.Rejected, _) => Reports.Severity.Bad,
        _ => Reports.Severity.Warn,
    };

    /// <summary>The severity of what a session ended by or suffers from.</summary>
    public static Severity Severity(this JudgedSession session) => session.Code switch
    {
        DiagnosisCode.Healthy => Reports.Severity.Good,
        DiagnosisCode.ToolSession or DiagnosisCode.DuplicateConnection or DiagnosisCode.NodeStopped or DiagnosisCode.ClosedUnexplained
            or DiagnosisCode.LargeMessage => Reports.Severity.Quiet,
        DiagnosisCode.Disconnected or DiagnosisCode.GlobalOverlap or DiagnosisCode.OpenSilent or DiagnosisCode.PeerPaused
            or DiagnosisCode.PathFlap or DiagnosisCode.ReceiverStalled or DiagnosisCode.SessionDisplaced
            or DiagnosisCode.MessageNotUnderstood => Reports.Severity.Warn,
        _ => Reports.Severity.Bad,
    };

    /// <summary>Whether the session is a problem: severity <c>Warn</c> or <c>Bad</c>.</summary>
    public static bool IsProblem(this JudgedSession session) => session.Severity() is Reports.Severity.Warn or Reports.Severity.Bad;

    /// <summary>The sign of how a session stands: connected, closed in order, reset, or given up without either.</summary>
    public static char Glyph(this JudgedSession session) => (session.Close, session.Code, session.Judgement.Parted) switch
    {
        (_, DiagnosisCode.Healthy, _) => '✓',
        (_, DiagnosisCode.PeerFrozen or DiagnosisCode.PathDead or DiagnosisCode.PathDeadOneWay or DiagnosisCode.PathMtuBlackhole
            or DiagnosisCode.TickMismatch, not null) => '◷',
        (Closing.Rst, _, _) => '✗',
        (Closing.Fin, _, _) => '○',
        (_, _, null) => '◐',
        _ => '◷',
    };

    /// <summary>Whether the handshake is a problem, which an operator looks for first: severity <c>Warn</c> or <c>Bad</c>.</summary>
    public static bool IsProblem(this JudgedHandshake handshake) => handshake.Severity() is Reports.Severity.Warn or Reports.Severity.Bad;

    public static Ink Ink(this Severity severity) => severity switch
    {
        Reports.Severity.Good => Reports.Ink.Good,
        Reports.Severity.Quiet => Reports.Ink.Quiet,
        Reports.Severity.Warn => Reports.Ink.Warn,
        _ => Reports.Ink.Bad,
    };

    public static char Glyph(this Outcome outcome) => outcome switch
    {
        Outcome.Established => '✓',
        Outcome.AuthenticationFailed => '✗',
        Outcome.Rejected => '⊘',
        Outcome.Closed => '○',
        Outcome.Incomplete => '◐',
        Outcome.Encrypted => '▒',
        _ => '!',
    };

    /// <summary>The glyph and colour of a proof's verdict; a dot without a proof.</summary>
    public static InkRun Glyph(this Verdict? verdict) => verdict switch
    {
        Verdict.Verified => new("✓", Reports.Ink.Good),
        Verdict.Mismatch => new("✗", Reports.Ink.Bad),
        Verdict.NoCookie => new("∅", Reports.Ink.Warn),
        null => new("·", Reports.Ink.Quiet),
        _ => new("?", Reports.Ink.Warn),
    };
}
