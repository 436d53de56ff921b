namespace PcapAnalyzer.Cli;

/// <summary>The command line is invalid. The message names the option and the remedy.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>A file other than a capture cannot be used. The message names the file and the remedy.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>The exit codes of the process.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>A handshake or a finding is what <c>--fail-on</c> names.</summary>
    internal const int OutcomeFound = 1;
    internal const int Usage = 2;

    /// <summary>A file could not be read, so it is not in the report; or a file could not be written completely.</summary>
    internal const int Input = 3;

    /// <summary>A bug in this program.</summary>
    internal const int Internal = 70;

    /// <summary>The reader of the output is gone; by convention 128 + SIGPIPE.</summary>
    internal const int BrokenPipe = 141;

    /// <summary>Stopped by Ctrl-C, by convention 128 + SIGINT.</summary>
    internal const int Interrupted = 130;

    /// <summary>The exit codes that the help and the man page list.</summary>
    internal static IReadOnlyList<(int Code, string Meaning)> Meanings { get; } =
    [
        (Success, "done"),
        (OutcomeFound, "what --fail-on names was there"),
        (Usage, "usage"),
        (Input, "input that cannot be read or output that cannot be written"),
        (Interrupted, "stopped by Ctrl-C (what was read is reported)"),
    ];

    internal static string Line => $"Exit codes: {string.Join(", ", Meanings.Select(one => $"{one.Code} {one.Meaning}"))}.";
}
