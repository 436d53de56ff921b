using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Every row of both failure tables, done over real sockets, captured, and judged.</summary>
public sealed class FailureRowsOnTheWireTests
{
    [Fact(Timeout = 60_000)]
    public async Task Each_is_judged_as_it_must_be()
    {
        using var dump = await Tcpdump.StartAsync("net 127.0.1.0/24 or net 127.0.2.0/24");
        await Task.WhenAll(FailureRow.All.Select(row => NodeSimulator.PlayAsync(row.Plays, TestContext.Current.CancellationToken)));
        var ring = new CookieRing([.. FailureRow.Cookies.Select(cookie => Cookie.FromText(cookie.Key, cookie.Value))]);
        var report = await dump.ReportWhenAsync(report => FailureRow.All.All(row => row.VerdictsIn(report).Contains(row.Verdict)), ring);
        if (Environment.GetEnvironmentVariable("RECORD") == "1")
            File.Copy(dump.File, Path.Combine(Repository.Captures, "rows/failure_rows.pcap"), overwrite: true);
        var wrong = FailureRow.All.Where(row => !row.VerdictsIn(report).Contains(row.Verdict));
        Assert.Empty(wrong.Select(row => $"{row.Row}: expected {row.Verdict}, got {string.Join(", ", row.VerdictsIn(report))}"));
    }
}
