namespace PcapAnalyzer.Reports;

/// <summary>The amount of detail of the text report, and its means. Pure data.</summary>
public sealed record TextStyle(bool Colour, TextDetail Detail)
{
    /// <summary>Draws a ladder in this style instead of the list of messages; null for the list.</summary>
    public LadderStyle? Ladder { get; init; }

    /// <summary>Wraps sentences to so many columns; null leaves them whole, for a file or another program.</summary>
    public int? Width { get; init; }

    /// <summary>Wraps a sentence under itself.</summary>
    /// <param name="head">What stands before it.</param>
    /// <param name="text">Safe text.</param>
    internal IEnumerable<string> Wrap(string head, string text)
    {
        var width = Width ?? int.MaxValue;
        var indent = Math.Min(CellText.Width(head), width / 2); // a long head leaves room for the sentence
        return CellText.Wrap(text, width, head, new string(' ', indent));
    }

    internal string Good(string text) => In(Ink.Good, text);

    internal string Bad(string text) => In(Ink.Bad, text);

    internal string Warn(string text) => In(Ink.Warn, text);

    internal string Quiet(string text) => In(Ink.Quiet, text);

    internal string Strong(string text) => In(Ink.Strong, text);

    internal string Accent(string text) => In(Ink.Accent, text);

    /// <summary>Text in the colour of a severity.</summary>
    internal string Of(Severity severity, string text) => In(severity.Ink(), text);

    /// <summary>A row of a drawing.</summary>
    internal string Line(IEnumerable<InkRun> runs) => string.Concat(runs.Select(run => In(run.Ink, run.Text)));

    private string In(Ink ink, string text) => !Colour || ink == Ink.Plain || text.Length == 0 ? text : $"\e[{Code(ink)}m{text}\e[0m";

    private static string Code(Ink ink) => ink switch
    {
        Ink.Quiet => "90",
        Ink.Good => "32",
        Ink.Warn => "33",
        Ink.Bad => "1;31",
        Ink.Initiator => "94",
        Ink.Acceptor => "95",
        Ink.Accent => "36",
        _ => "1",
    };
}

public enum TextDetail
{
    /// <summary>One line per handshake.</summary>
    Quiet,

    /// <summary>Adds the timeline, with the deciding field of each message.</summary>
    Normal,

    /// <summary>Adds every decoded field with its offset in the message.</summary>
    Verbose,
}
