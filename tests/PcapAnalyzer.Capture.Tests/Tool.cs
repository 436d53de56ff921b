using System.ComponentModel;
using System.Diagnostics;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Capture.Tests;

/// <summary>Programs of others.</summary>
internal static class Tool
{
    /// <summary>Runs it to its end; skips the test where it is not installed.</summary>
    /// <returns>What it wrote, and its exit code.</returns>
    internal static (string Output, int Code) Run(string name, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments)
            { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (output + errors.Result, process.ExitCode);
        }
        catch (Win32Exception)
        {
            Missing.Tool($"{name} is not installed");
            throw new UnreachableException();
        }
    }
}
