using System.Text;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Reports.Tests;

/// <summary>With <c>--redact</c>, no output format contains a name, challenge or digest.</summary>
public sealed class RedactionTests
{
    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    [Theory]
    [MemberData(nameof(Captures))]
    public void No_format_tells_a_name_a_challenge_or_a_digest(string capture)
    {
        var ring = Analysis.TrueCookies(capture);
        var whole = Analysis.Report(capture, ring);
        var secrets = Secrets.Of(whole);
        var outputs = Outputs(capture, ring, new Pseudonyms()).ToList();
        Assert.All(outputs, output => Assert.Equal([], secrets.In(output)));
        if (!whole.Handshakes.Any(one => one.Initiator.Node != null)) return;
        Assert.NotEmpty(secrets.Names.Concat(secrets.Challenges));
        Assert.NotEmpty(secrets.In(string.Concat(Outputs(capture, ring, null))));
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Nothing_else_is_changed(string capture)
    {
        var ring = Analysis.TrueCookies(capture);
        var names = new Pseudonyms();
        var (whole, redacted) = (Analysis.Report(capture, ring), Report(capture, ring, names, out _));
        Assert.Equal((whole.Statistics.Packets, whole.Statistics.TcpSegments, whole.Statistics.UndecodedPackets),
            (redacted.Statistics.Packets, redacted.Statistics.TcpSegments, redacted.Statistics.UndecodedPackets));
        Assert.Equal(whole.Outcomes, redacted.Outcomes);
        Assert.Equal(whole.Handshakes.Count, redacted.Handshakes.Count);
        foreach (var (was, now) in whole.Handshakes.Zip(redacted.Handshakes))
        {
            Assert.Equal(
                (was.Outcome, was.Diagnosis.Code, was.Initiator.Endpoint, was.Acceptor.Endpoint, was.Started, was.Close, was.NearMiss?.Near,
                    string.Join(' ', was.Messages.Select(message => message.Kind.Word()))),
                (now.Outcome, now.Diagnosis.Code, now.Initiator.Endpoint, now.Acceptor.Endpoint, now.Started, now.Close, now.NearMiss?.Near,
                    string.Join(' ', now.Messages.Select(message => message.Kind.Word()))));
            Assert.Equal(was.Proofs.Select(digest => (digest.By, digest.Verdict, digest.Cookie, digest.Scheme)),
                now.Proofs.Select(digest => (digest.By, digest.Verdict, digest.Cookie, digest.Scheme)));
            foreach (var (known, told) in new[] { (was.Initiator.Node, now.Initiator.Node), (was.Acceptor.Node, now.Acceptor.Node) })
                if (known is { Length: > 0 }) Assert.Equal(names.Of(known), told);
        }
        Assert.Equal(whole.Nodes.Select(node => names.Of(node.Name)).Order(), redacted.Nodes.Select(node => node.Name).Order());
        Assert.Equal(whole.Nodes.Count, redacted.Nodes.Select(node => (node.Name, node.Protocol)).Distinct().Count());
        Assert.Equal(whole.Pairs.Select(pair => (pair.Starts.Count, pair.Simultaneous, Winner: names.Of(pair.PredictedWinner))).Order(),
            redacted.Pairs.Select(pair => (pair.Starts.Count, pair.Simultaneous, pair.PredictedWinner)).Order());
    }

    [Fact]
    public void Handshakes_are_selected_by_the_names_they_have()
    {
        var whole = Analysis.Report("erlang/ok.pcap", CookieRing.Empty);
        var name = whole.Handshakes[0].Initiator.Node!;
        var report = Report("erlang/ok.pcap", CookieRing.Empty, new Pseudonyms(), out _) with
        {
            Selection = new Selection(name,
            handshake => handshake.Initiator.Node == name, (_, handshake) => handshake?.Initiator.Node == name)
        };
        Assert.NotEmpty(report.Handshakes);
        Assert.DoesNotContain(name, Analysis.Json(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rabbit@web1", "node-1@host-1")]
    [InlineData("rabbit@10.0.0.7", "node-1@10.0.0.7")]
    [InlineData("rabbit@::1", "node-1@::1")]
    [InlineData("rabbit@10", "node-1@host-1")]
    [InlineData("rabbit@fe80::1%secret", "node-1@host-1")]
    [InlineData("rabbit", "node-1")]
    [InlineData("a@b@c", "node-1@host-1@host-2")]
    [InlineData("@web1", "@host-1")]
    [InlineData("", "")]
    public void A_name_is_replaced_part_by_part(string name, string pseudonym) => Assert.Equal(pseudonym, new Pseudonyms().Of(name));

    [Theory]
    [InlineData("web1:4400", "host-1:4400")]
    [InlineData("10.0.0.7:4400", "10.0.0.7:4400")]
    [InlineData("[::1]:4400", "[::1]:4400")]
    [InlineData("web1", "host-1")]
    [InlineData("web1:secret", "host-1")]
    public void Of_an_address_the_host_is_replaced(string address, string pseudonym) =>
        Assert.Equal(pseudonym, new Pseudonyms().OfAddress(address));

    [Fact]
    public void Equal_parts_have_equal_pseudonyms_and_others_have_others()
    {
        var names = new Pseudonyms();
        Assert.Equal(["node-1@host-1", "node-2@host-1", "node-1@host-2", "node-1", "node-1@host-1"],
            new[] { "a@h", "b@h", "a@i", "a", "a@h" }.Select(names.Of));
    }

    private static IEnumerable<string> Outputs(string capture, CookieRing ring, Pseudonyms? names)
    {
        var report = Report(capture, ring, names, out var lines);
        yield return lines;
        yield return Analysis.Json(report);
        foreach (var detail in Enum.GetValues<TextDetail>())
            foreach (var ladder in new[] { null, new LadderStyle { Width = 110 } })
            {
                using var text = new StringWriter();
                TextReport.Write(report, text, new TextStyle(Colour: false, detail) { Ladder = ladder });
                yield return text.ToString().Replace("\n", "", StringComparison.Ordinal);
                yield return text.ToString();
            }
    }

    private static CaptureReport Report(string capture, CookieRing ring, Pseudonyms? names, out string jsonLines)
    {
        using var lines = new MemoryStream();
        var analyzer = new CaptureAnalysis(Analysis.Options, ring, new FrameParser(), new PacketDotNetParser(), names);
        var live = new JsonLines(analyzer.Cluster, lines);
        analyzer.HandshakeKnown = live.Accept;
        using var source = new CaptureFileSource(Path.Combine(Repository.Captures, capture));
        var read = source.Read(analyzer.Accept, CancellationToken.None);
        analyzer.Finish();
        var report = ReportBuilder.Build([new AnalyzedCapture(analyzer.Cluster, read)]);
        live.Finish(report);
        jsonLines = Encoding.UTF8.GetString(lines.ToArray());
        return report;
    }
}
