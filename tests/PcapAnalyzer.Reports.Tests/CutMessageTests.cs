using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>Messages whose end a snapshot length cut off: what is whole is shown, a name as far as it goes.</summary>
public sealed class CutMessageTests
{
    /// <summary>A conversation of which each segment keeps so many bytes.</summary>
    private static CaptureReport Report(Playbook play, int kept) =>
        Trace.Report(play.Packets.Select(packet => packet.Payload.Length <= kept ? packet
        : packet with { Payload = packet.Payload[..kept], WireLength = packet.Payload.Length }), CookieRing.Empty);

    private static string Text(CaptureReport report, TextDetail detail = TextDetail.Normal, bool ladder = false)
    {
        using var text = new StringWriter();
        TextReport.Write(report, text, new TextStyle(Colour: false, detail) { Ladder = ladder ? new LadderStyle { Width = 110 } : null });
        return text.ToString();
    }

    private static string Fields(JudgedMessage message) => string.Join(' ', message.Fields.Select(field => field.Name));

    [Fact]
    public void A_cut_Erlang_name_is_listed_as_far_as_it_goes()
    {
        var report = Report(new Playbook().Erlang("shop@db-1", "stock@db-2"), 24);
        var handshake = Assert.Single(report.Handshakes);
        Assert.Equal("Name Status Challenge ChallengeReply ChallengeAck",
            string.Join(' ', handshake.Messages.Select(message => message.Kind)));
        Assert.Equal("flags creation nodeBeginning", Fields(handshake.Messages[0]));
        Assert.Equal("shop@db", handshake.Messages[0]["nodeBeginning"]);
        Assert.Equal("flags challenge creation", Fields(handshake.Messages[2]));
        // The beginning of a name is not a name.
        Assert.Null(handshake.Initiator.Node);
        Assert.Empty(report.Nodes);
        Assert.Contains("name               24 B  #4        shop@db…  ~OTP 25 to 27  cut", Text(report), StringComparison.Ordinal);
        Assert.Contains("shop@db…", Text(report, ladder: true), StringComparison.Ordinal);
        using var json = new MemoryStream();
        JsonReport.Write(report, json);
        Assert.Contains("\"cut\":true,\"fields\":{\"flags\":", System.Text.Encoding.UTF8.GetString(json.ToArray()),
            StringComparison.Ordinal);
        Assert.Contains("\"nodeBeginning\":\"shop@db\"", System.Text.Encoding.UTF8.GetString(json.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_cut_before_its_first_letter_leaves_its_other_fields()
    {
        var handshake = Assert.Single(Report(new Playbook().Erlang("shop@db-1", "stock@db-2"), 17).Handshakes);
        Assert.Equal("flags creation", Fields(handshake.Messages[0]));
        Assert.Equal("OTP 25 to 27", handshake.Initiator.Release);
    }

    [Fact]
    public void A_cut_ractor_name_and_address_are_shown_as_far_as_they_go()
    {
        var play = new Playbook().Handshake("shop@db-1", "stock@db-2", "right", at: "db-1.example:4401");
        var whole = play.Packets.First(packet => packet.Payload.Length > 0).Payload;
        var name = whole.AsSpan().IndexOf("shop@db-1"u8);
        var address = whole.AsSpan().IndexOf("db-1.example:4401"u8);
        Assert.Equal("shop@", Assert.Single(Report(play, name + 5).Handshakes).Messages[0]["nodeBeginning"]);
        var later = Assert.Single(Report(play, address + 6).Handshakes);
        Assert.Equal("db-1.e", later.Messages[0]["connectionStringBeginning"]);
        Assert.Null(later.Initiator.ConnectionString);
    }

    [Fact]
    public void Bytes_that_are_cut_like_a_name_make_no_handshake_alone()
    {
        var dns = new Playbook().Connect().Initiator(ErlangBytes.Name("shop@db-1"));
        Assert.Empty(Report(dns, 24).Handshakes);
        Assert.Empty(Report(dns.Acceptor("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()).AcceptorCloses(), 24).Handshakes);
    }

    [Fact]
    public void A_redacted_report_shows_no_beginning_of_a_name()
    {
        var packets = new Playbook().Erlang("shop@db-1", "stock@db-2").Packets.Select(packet => packet.Payload.Length <= 24 ? packet
            : packet with { Payload = packet.Payload[..24], WireLength = packet.Payload.Length });
        var analysis = new CaptureAnalysis(Analysis.Options, CookieRing.Empty, new FrameParser(), null, new Pseudonyms());
        foreach (var packet in packets)
        {
            var bytes = packet.ToDatagram();
            analysis.Accept(new Frame(1, packet.Time, LinkLayer.Raw, bytes,
                bytes.Length + Math.Max(0, packet.WireLength - packet.Payload.Length)));
        }
        analysis.Finish();
        var text = Text(ReportBuilder.Build([new AnalyzedCapture(analysis.Cluster, null)]), TextDetail.Verbose);
        Assert.Contains("cut", text, StringComparison.Ordinal);
        Assert.DoesNotContain("shop", text, StringComparison.Ordinal);
    }
}
