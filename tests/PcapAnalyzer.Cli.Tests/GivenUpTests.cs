using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>
/// What the analyzer gave up by a limit of its own is told in the text, too: a handshake given up looks like one that hangs.
/// </summary>
public sealed class GivenUpTests
{
    [Fact]
    [HardCase("floods of connections")]
    public void Conversations_given_up_early_are_counted_in_the_totals() =>
        Assert.Matches("\n[1-9][0-9]* conversations were given up early, since too many were open at once: handshakes on what was given up "
            + "may look unfinished\\.\n", Text(Analysis.Options with { Connections = new() { MaxConnections = 1 } }));

    [Fact]
    public void Handshakes_that_are_not_kept_are_counted_in_the_totals() =>
        Assert.Matches("\n[1-9][0-9]* sightings of handshakes, TLS or EPMD are left out: there are too many to keep\\.\n",
            Text(Analysis.Options with { Facts = new() { MaxHandshakeBytes = 1 } }));

    [Fact]
    public void Nothing_is_reported_when_nothing_was_given_up()
    {
        var text = Text(Analysis.Options);
        Assert.DoesNotContain("given up", text, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", text, StringComparison.Ordinal);
    }

    private static string Text(AnalyzerOptions options)
    {
        var analyzer = new CaptureAnalysis(options, CookieRing.Empty, new FrameParser(), new PacketDotNetParser());
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, "rows/failure_rows.pcap"));
        var read = source.Read(analyzer.Accept, CancellationToken.None);
        analyzer.Finish();
        using var text = new StringWriter();
        TextReport.Write(ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, read)]), text, new TextStyle(false, TextDetail.Normal));
        return text.ToString();
    }
}
