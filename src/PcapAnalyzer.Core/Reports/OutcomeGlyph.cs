namespace PcapAnalyzer.Core.Reports;

/// <summary>How it went, as one character.</summary>
public static class OutcomeGlyph
{
    public static char Of(string outcome) => outcome switch
    {
        "established" => '✓',
        "authentication-failed" => '✗',
        "rejected" => '⊘',
        "closed" => '○',
        "incomplete" => '◐',
        "encrypted" => '▒',
        _ => '!',
    };
}
