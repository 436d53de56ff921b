namespace PcapAnalyzer.Reports;

/// <summary>How much an outcome should worry an operator. The glyph is the outcome, the colour its severity: two facts.</summary>
public enum Severity
{
    Good,

    /// <summary>A normal end that is no connection: one of two simultaneous connects gives way.</summary>
    Quiet,

    /// <summary>The capture or the cookies do not say enough, or a peer went away.</summary>
    Warn,

    /// <summary>Somebody has to change something.</summary>
    Bad,
}

public static class Severities
{
    /// <summary>How bad it is, by the outcome and its cause.</summary>
    public static Severity Severity(this HandshakeReport handshake) => (handshake.Outcome, handshake.Diagnosis.Code) switch
    {
        (_, "simultaneous-connect" or "duplicate-connection") when handshake.Outcome != "established" => Reports.Severity.Quiet,
        ("established", _) => Reports.Severity.Good,
        ("encrypted", "encrypted") => Reports.Severity.Quiet,
        ("authentication-failed" or "protocol-violation" or "rejected", _) => Reports.Severity.Bad,
        _ => Reports.Severity.Warn,
    };

    /// <summary>Neither established, nor a normal end, nor simply out of sight: what an operator looks for first.</summary>
    public static bool IsProblem(this HandshakeReport handshake) => handshake.Severity() is Reports.Severity.Warn or Reports.Severity.Bad;
}
