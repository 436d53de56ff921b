using System.Diagnostics;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>tcpdump on the loopback interface, from when it listens until the test has seen what it waits for.</summary>
public sealed class Tcpdump : IDisposable
{
    private readonly Process _process;
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-").FullName;

    private Tcpdump(string filter)
    {
        File = Path.Combine(_folder, "lo.pcap");
        _process = Process.Start(new ProcessStartInfo("tcpdump",
            ["-i", "lo", "-s", "0", "-U", "-Z", Environment.UserName, "-w", File, filter])
        { RedirectStandardError = true })!;
    }

    public string File { get; }

    /// <summary>Starts it, or skips the test where it cannot capture; under CI that is a failure.</summary>
    public static async Task<Tcpdump> StartAsync(string filter)
    {
        Tcpdump? dump = null;
        var said = "tcpdump is not installed";
        try
        {
            dump = new Tcpdump(filter);
            while (await dump._process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                said = line;
                if (!line.Contains("listening on", StringComparison.Ordinal)) continue;
                return dump;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }
        dump?.Dispose();
        Missing.Tool(said);
        throw new UnreachableException();
    }

    /// <summary>Reports on what was captured so far until it is what is waited for, 30 s at most; then the last report.</summary>
    public async Task<CaptureReport> ReportWhenAsync(Predicate<CaptureReport> isThere, CookieRing ring)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            var report = Analysis.Report(File, ring);
            if (isThere(report) || clock.Elapsed > TimeSpan.FromSeconds(30)) return report;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
