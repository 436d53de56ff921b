using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>The last line of a handshake whose connection stays open.</summary>
public sealed class OpenEndTests
{
    private const string Limit = "given up: too many connections were open at once";
    private const string Open = "still open when the capture ends";

    private static string Text(int most, bool ladder)
    {
        var plays = Enumerable.Range(0, 8)
            .Select(n => new Playbook($"10.0.0.1:{50_000 + n}", startMilliseconds: n).Connect().Initiator(ErlangBytes.Name("b@h")));
        var packets = plays.SelectMany(play => play.Packets).OrderBy(packet => packet.Time);
        var report = Trace.Report(packets, CookieRing.Empty, Analysis.Options with { Connections = new() { MaxConnectionsRead = most } });
        using var text = new StringWriter();
        TextReport.Write(report, text,
            new TextStyle(Colour: false, TextDetail.Verbose) { Ladder = ladder ? new LadderStyle { Width = 110 } : null });
        return text.ToString();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_handshake_that_was_given_up_names_the_limit(bool ladder)
    {
        Assert.Contains(Limit, Text(2, ladder), StringComparison.Ordinal);
        Assert.Contains("more connections were open at once", Text(2, ladder), StringComparison.Ordinal);
        Assert.DoesNotContain(Limit, Text(100, ladder), StringComparison.Ordinal);
        Assert.Contains(Open, Text(100, ladder), StringComparison.Ordinal);
    }
}
