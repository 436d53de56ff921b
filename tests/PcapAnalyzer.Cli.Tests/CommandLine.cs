using System.Diagnostics;
using System.Text;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>What a run of the program gave back.</summary>
internal sealed record Run(int ExitCode, string Output, string Error);

/// <summary>Runs the program as a user does: the native one where PCAP_ANALYZER names it, else the one just built.</summary>
internal static class CommandLine
{
    internal static readonly string Program = Environment.GetEnvironmentVariable("PCAP_ANALYZER")
        ?? Path.Combine(AppContext.BaseDirectory, "pcap-analyzer");

    /// <summary>
    /// Arguments of <c>env</c>: nohup, and a shell's <c>&amp;</c>, let whatever they start ignore signals. The tests send some.
    /// </summary>
    internal static readonly string[] HeedSignals = ["--default-signal=HUP,INT,TERM"];

    internal static Run Report(params string[] arguments) => Start(["report", .. arguments]);

    internal static Run Start(string[] arguments, params (string Name, string? Value)[] environment) =>
        Start(Program, arguments, environment);

    /// <summary>Runs a shell line in which $P stands for the program.</summary>
    internal static Run Shell(string line) => Start("env", [.. HeedSignals, "/bin/bash", "-c", line], [("P", Program)]);

    private static Run Start(string program, string[] arguments, (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment.Remove("PCAP_ANALYZER_COOKIE");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(30_000))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end");
        }
        return new Run(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
