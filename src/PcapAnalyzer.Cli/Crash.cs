namespace PcapAnalyzer.Cli;

/// <summary>What is told of a fault of ours.</summary>
internal static class Crash
{
    /// <summary>
    /// One line: what kind of fault, and where. Not its message, which may quote what was read: a name, a path, a cookie.
    /// </summary>
    internal static string Line(Exception problem)
    {
        var cause = problem.GetBaseException();
        // "at Place(Types)", then perhaps " in FILE:line N" of the machine that built it.
        var place = (cause.StackTrace ?? "").Split('\n')[0].Split(" in ")[0].Trim();
        return $"this should not happen: {cause.GetType().Name}{(place.Length == 0 ? "" : $" {place}")}. Please report it to the "
            + "maintainers, with the command line and, if you may share it, the capture.";
    }
}
