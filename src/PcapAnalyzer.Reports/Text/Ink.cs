namespace PcapAnalyzer.Reports;

/// <summary>Colours by meaning; a theme maps them to real colours.</summary>
public enum Ink
{
    Plain,

    /// <summary>Times, TCP, normal ends.</summary>
    Quiet,
    Good,

    /// <summary>Odd, silent, unknown.</summary>
    Warn,

    /// <summary>Failed, wrong.</summary>
    Bad,

    /// <summary>The initiator's lifeline and arrows.</summary>
    Initiator,
    Acceptor,

    /// <summary>Remedies, focus, keys.</summary>
    Accent,

    /// <summary>Names and labels.</summary>
    Strong,
}
