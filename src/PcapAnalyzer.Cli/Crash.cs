namespace PcapAnalyzer.Cli;

/// <summary>The message for a bug in this program.</summary>
internal static class Crash
{
    /// <summary>One line with the exception's type and place, and not its message, which may quote a name, a path or a cookie.</summary>
    internal static string Line(Exception problem)
    {
        var cause = problem.GetBaseException();
        // A line is "at Place(Types)", perhaps followed by " in FILE:line N" with a path of the build machine.
        var place = (cause.StackTrace ?? "").Split('\n')[0].Split(" in ")[0].Trim();
        return $"this should not happen: {cause.GetType().Name}{(place.Length == 0 ? "" : $" {place}")}. Please report it to the "
            + "maintainers, with the command line and, if you may share it, the capture.";
    }
}
