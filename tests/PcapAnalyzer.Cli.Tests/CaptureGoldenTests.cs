using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Every capture of the repository has its expected reports beside it.</summary>
public sealed class CaptureGoldenTests
{
    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Report_is_as_expected(string capture)
    {
        var report = Analysis.Report(capture, Analysis.TrueCookies(capture));
        var path = Path.Combine(Repository.Captures, capture);
        Golden.Matches($"{path}.report.json", Analysis.Json(report));
        Golden.Matches($"{path}.report.txt", Analysis.Text(report));
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void PacketDotNet_alone_reports_the_same(string capture)
    {
        var ring = Analysis.TrueCookies(capture);
        Assert.Equal(Analysis.Json(Analysis.Report(capture, ring)), Analysis.Json(Analysis.Report(capture, ring, generalOnly: true)));
    }
}
