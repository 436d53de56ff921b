namespace PcapAnalyzer.Reports;

/// <summary>Text in one colour.</summary>
public readonly record struct InkRun(string Text, Ink Ink);
