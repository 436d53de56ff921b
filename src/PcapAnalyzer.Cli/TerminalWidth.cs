namespace PcapAnalyzer.Cli;

/// <summary>The width of the terminal that standard output is.</summary>
internal static class TerminalWidth
{
    /// <summary>Narrower terminals are written to as if they had this width.</summary>
    private const int Least = 40;

    /// <summary>Null when standard output is no terminal.</summary>
    internal static int? OfOutput => Console.IsOutputRedirected ? null : Math.Max(Least, Console.WindowWidth);

    /// <summary>The width for help and explanations, which are wrapped for a pager too.</summary>
    internal static int ForReading => OfOutput ?? 80;
}
