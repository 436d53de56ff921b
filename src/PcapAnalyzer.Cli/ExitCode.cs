namespace PcapAnalyzer.Cli;

/// <summary>Words on the command line that cannot be meant; the message names the option and the remedy.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>A file other than a capture that cannot be used; the message names it and the remedy.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>An outcome named by <c>--fail-on</c> was there.</summary>
    internal const int OutcomeFound = 1;
    internal const int Usage = 2;

    /// <summary>Files: of what cannot be read there is no report, and what cannot be written is not whole.</summary>
    internal const int Input = 3;

    /// <summary>A fault of ours.</summary>
    internal const int Internal = 70;

    /// <summary>Whoever read the output has gone, by convention 128 + SIGPIPE.</summary>
    internal const int BrokenPipe = 141;

    /// <summary>Stopped by Ctrl-C, by convention 128 + SIGINT.</summary>
    internal const int Interrupted = 130;

    /// <summary>What the help and the man page tell of them.</summary>
    internal static IReadOnlyList<(int Code, string Meaning)> Meanings { get; } =
    [
        (Success, "done"),
        (OutcomeFound, "an outcome of --fail-on was there"),
        (Usage, "usage"),
        (Input, "input that cannot be read or output that cannot be written"),
        (Interrupted, "stopped by Ctrl-C (what was read is reported)"),
    ];

    internal static string Line => $"Exit codes: {string.Join(", ", Meanings.Select(one => $"{one.Code} {one.Meaning}"))}.";
}
