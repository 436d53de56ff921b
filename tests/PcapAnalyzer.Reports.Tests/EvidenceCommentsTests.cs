using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;
using E = PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Tests the comment at each packet of a handshake.</summary>
public sealed class EvidenceCommentsTests
{
    private static List<string> Comments(Playbook play, AnalyzerOptions? options = null, bool isJudged = true)
    {
        var analyzer = new CaptureAnalysis(options ?? Analysis.Options with { Evidence = new() },
            new CookieRing([Cookie.FromText("prod", "right")]), new FrameParser(), null);
        long number = 0;
        foreach (var packet in play.Packets)
        {
            var bytes = packet.ToDatagram();
            analyzer.Accept(new Frame(++number, packet.Time, LinkLayer.Raw, bytes, bytes.Length));
        }
        analyzer.Finish();
        var report = ReportBuilder.Of(analyzer.Cluster.Handshakes[1], analyzer.Cluster);
        return [.. EvidenceComments.Of(analyzer.Evidence!.Of(report.Evidence)!, 12, isJudged ? report : null).Select(one => one.Comment)];
    }

    [Fact]
    public void Each_packet_has_its_step_and_the_last_that_shows_it_the_verdict()
    {
        var reply = E.Reply(7, 42, "wrong");
        var comments = Comments(new Playbook().Connect().Initiator(E.Name("b@h")).Acceptor(E.Status(), E.Challenge("a@h", 42))
            .Initiator(reply[..9]).Initiator(reply[9..]).AcceptorCloses().InitiatorResets());
        Assert.Equal(
        [
            "handshake 12: SYN from initiator",
            "handshake 12: SYN-ACK from acceptor",
            "handshake 12: ACK from initiator",
            "handshake 12: name from initiator",
            "handshake 12: status, challenge from acceptor",
            "handshake 12: challenge-reply (part 1 of 2) from initiator",
            "handshake 12: challenge-reply (part 2 of 2) (digest: mismatch) from initiator",
        ], comments[..7]);
        Assert.StartsWith("handshake 12: FIN from acceptor. authentication-failed, cookie-mismatch (inferred): "
            + "a@h refused the proof of b@h", comments[7], StringComparison.Ordinal);
        Assert.Equal("handshake 12: RST from initiator", comments[8]);
    }

    [Fact]
    public void A_digest_that_fits_names_its_cookie() => Assert.Contains(
        "handshake 12: challenge-reply (digest: verified prod) from initiator", Comments(new Playbook().Erlang("b@h", "a@h")));

    [Fact]
    public void What_a_stranger_wrote_is_data()
    {
        var comments = Comments(new Playbook().Handshake("b\e[31m\n\u202e@h", "a@h", "right"));
        Assert.Contains(comments, comment => comment.Contains("\\u001b[31m\\u000a", StringComparison.Ordinal));
        Assert.All(comments, comment => Assert.DoesNotContain(comment, letter => char.IsControl(letter) || letter == '\u202e'));
    }

    [Fact]
    public void What_is_left_out_is_told()
    {
        var play = new Playbook().Connect().Initiator(E.Name("b@h"));
        for (var i = 0; i < 10; i++) play.Send(false, TcpFlags.Ack, []);
        Assert.Contains("7 more packets of it were too many to keep.",
            Comments(play.AcceptorCloses(), Analysis.Options with { Evidence = new() { MaxFrames = 8 } })[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_handshake_under_way_has_no_verdict() => Assert.All(Comments(new Playbook().Erlang("b@h", "a@h"), isJudged: false),
        comment => Assert.Equal("handshake 12: under way", comment));
}
