namespace PcapAnalyzer.Core.Reports;

/// <summary>How much the text report says, and with which means. Pure data.</summary>
/// <param name="Colour">ANSI colours.</param>
/// <param name="Detail">How much.</param>
public sealed record TextStyle(bool Colour, TextDetail Detail)
{
    internal string Good(string text) => Ink("32", text);

    internal string Bad(string text) => Ink("1;31", text);

    internal string Warn(string text) => Ink("33", text);

    internal string Quiet(string text) => Ink("90", text);

    internal string Strong(string text) => Ink("1", text);

    internal string Accent(string text) => Ink("36", text);

    /// <summary>Cells of the ladder that stands for the list of messages; 0 for the list.</summary>
    public int LadderWidth { get; init; }

    /// <summary>The glyph is the outcome, the colour its severity, so that neither is decoration.</summary>
    internal string Glyph(string outcome)
    {
        var glyph = OutcomeGlyph.Of(outcome).ToString();
        return outcome switch
        {
            "established" => Good(glyph),
            "encrypted" => Quiet(glyph),
            "rejected" or "closed" or "incomplete" => Warn(glyph),
            _ => Bad(glyph),
        };
    }

    /// <summary>A row of a drawing.</summary>
    internal string Paint(IReadOnlyList<InkRun> runs) => string.Concat(runs.Select(run => run.Ink switch
    {
        Reports.Ink.Good => Good(run.Text),
        Reports.Ink.Warn => Warn(run.Text),
        Reports.Ink.Bad => Bad(run.Text),
        Reports.Ink.Quiet => Quiet(run.Text),
        Reports.Ink.Strong => Strong(run.Text),
        Reports.Ink.Accent => Accent(run.Text),
        Reports.Ink.Initiator => Ink("34", run.Text),
        Reports.Ink.Acceptor => Ink("35", run.Text),
        _ => run.Text,
    })).TrimEnd();

    internal string Outcome(string outcome) => outcome switch
    {
        "established" => Good(outcome),
        "authentication-failed" or "protocol-violation" => Bad(outcome),
        _ => Warn(outcome),
    };

    internal string Proof(DigestReport digest) => digest.Verdict switch
    {
        "verified" => Good($"proof ✓ {ReportText.Safe(digest.Cookie!)}"),
        "mismatch" => Bad($"proof ✗ fits none of the cookies given"),
        "no-cookie" => Warn($"proof ∅ no cookie given"),
        "no-challenge" => Warn("proof ? its challenge is not in the capture"),
        _ => Warn("proof ? not verifiable"),
    };

    private string Ink(string code, string text) => Colour && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}

public enum TextDetail
{
    /// <summary>A line a handshake.</summary>
    Quiet,

    /// <summary>And its timeline, with the deciding field of each message.</summary>
    Normal,

    /// <summary>And every decoded field with its place in the message.</summary>
    Verbose,
}
