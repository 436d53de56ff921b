using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.SessionFacts;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>The ladder goes on after the acknowledgement.</summary>
public sealed class SessionLadderTests
{
    private static List<string> Draw(Session session, double until, LadderStyle? style = null) =>
        [.. LadderDrawing.Draw(Report(Cluster(until, session)).Sessions[0], style ?? new LadderStyle { Width = 80 })
            .Select(row => row.ToString())];

    [Fact]
    public void Ticks_are_folded_and_a_silence_is_drawn_against_the_tick_time()
    {
        var rows = Draw(Of(1, "a@h1", "b@h2") with { FromAcceptor = Side("b@h2", 0, 34) }, until: 40);
        Assert.Contains(rows, row => row.Contains("··· 20 ticks, 1 message in 40.000 s", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains("← silent 6.000 s of 8 s [░░░░░░░···]", StringComparison.Ordinal));
        Assert.Contains("still open when the capture ends", rows[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_died_shows_who_gave_up_when()
    {
        var rows = Draw(Split()[0], until: 280);
        Assert.Contains(rows, row => row.Contains("◷ ", StringComparison.Ordinal)
            && row.Contains("gives it up  computed", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains("of 8 s [░░░░░░░░░░◷░░░░░]", StringComparison.Ordinal));
    }

    [Fact]
    public void The_end_shows_who_closed_and_why()
    {
        var rows = Draw(Of(1, "a@h1", "b@h2").ClosedBy(Role.Acceptor, 41), until: 60);
        Assert.Contains(rows, row => row.Contains("FIN  acceptor closed: closed-unexplained", StringComparison.Ordinal)
            && row.Contains('■', StringComparison.Ordinal));
        Assert.Contains(rows, row => row.Contains("■", StringComparison.Ordinal) && !row.Contains("closed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(60, 0)]
    [InlineData(80, 6)]
    [InlineData(110, 4)]
    public void Rows_fit_any_size_in_ASCII_too(int width, int height)
    {
        foreach (var isAscii in (bool[])[false, true])
        {
            foreach (var session in Split())
            {
                var rows = Draw(session, 280, new LadderStyle { Width = width, Height = height, IsAscii = isAscii });
                Assert.All(rows, row => Assert.True(CellText.Width(row) <= width, row));
                if (isAscii) Assert.All(rows,
                    row => Assert.True(System.Text.Ascii.IsValid(row) && !row.Contains("\\u", StringComparison.Ordinal), row));
            }
        }
    }

    [Fact]
    public void A_handshakes_ladder_keeps_its_scale_when_a_session_follows()
    {
        var report = Analysis.Report("erlang/ok.pcap", Analysis.TrueCookies("erlang/ok.pcap"));
        var (handshake, session) = (report.Handshakes[0], report.Sessions[0]);
        var style = new LadderStyle { Width = 80 };
        var (without, with) = (LadderDrawing.Draw(handshake, style), LadderDrawing.Draw(handshake, style, session));
        Assert.Equal(without[^1].ToString(), with[^1].ToString());
        Assert.Contains(with, row => row.ToString().Contains("···", StringComparison.Ordinal));
        Assert.Equal(without.Count(row => row.Message != null), with.Count(row => row.Message != null));
    }
}
