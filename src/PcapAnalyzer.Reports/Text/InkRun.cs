namespace PcapAnalyzer.Reports;

/// <summary>Some text in one ink.</summary>
public readonly record struct InkRun(string Text, Ink Ink);
