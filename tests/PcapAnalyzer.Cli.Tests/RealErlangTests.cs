using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Real nodes on this machine, captured while they dial each other.</summary>
public sealed class RealErlangTests
{
    private const string Right = "the_right_one";

    private static readonly CookieRing Ring = new([Cookie.FromText("right", Right), Cookie.FromText("wrong", "the_wrong_one")]);

    [Fact]
    [Trait("Only", "test-all")]
    public async Task Real_nodes_are_judged_as_they_behaved()
    {
        ErlangNodes.MustBeInstalled();
        using var nodes = new ErlangNodes();
        var (bob, strict, six) = (ErlangNodes.FreePort(), ErlangNodes.FreePort(), ErlangNodes.FreePort());
        using var dump = await Tcpdump.StartAsync($"tcp port {nodes.EpmdPort} or tcp port {bob} or tcp port {strict} or tcp port {six}");
        await nodes.StartAsync("bob@localhost", Right, bob);
        await nodes.StartAsync("strict@localhost", Right, strict, "net_kernel:allow([nobody@localhost])");
        await nodes.StartAsync("bob6@vm6", Right, six, "ok", "-proto_dist", "inet6_tcp");

        Assert.Equal("true", await nodes.DialAsync("alice@localhost", Right, "bob@localhost"));
        Assert.Equal("false", await nodes.DialAsync("mallory@localhost", "the_wrong_one", "bob@localhost"));
        Assert.Equal("true", await nodes.DialAsync("ghost@localhost", Right, "bob@localhost", "-hidden"));
        Assert.Equal("false", await nodes.DialAsync("carol@localhost", Right, "strict@localhost"));
        Assert.Equal("true", await nodes.DialAsync("undefined@localhost", Right, "bob@localhost"));
        Assert.Equal("true", await nodes.DialAsync("alice6@vm6", Right, "bob6@vm6", "-proto_dist", "inet6_tcp"));
        Assert.Equal("false", await nodes.DialAsync("alice@localhost", Right, "hare@localhost"));

        var report = await dump.ReportWhenAsync(report => report.Findings.Count > 0
            && report.Handshakes.Count(handshake => handshake.Connection.FirstLeft != null) >= 6, Ring);
        JudgedHandshake Of(string node) => Assert.Single(report.Handshakes, handshake => handshake.Initiator.Node == node);
        string Says(string node) => ($"{Of(node).Outcome.Kebab()} {Of(node).Diagnosis.Code.Kebab()} "
            + string.Join(' ', Of(node).Proofs.Select(proof => $"{proof.By.Word()}:{proof.Verdict.Kebab()}:{proof.Cookie}"))).Trim();

        const string Good = "established ok initiator:verified:right acceptor:verified:right";
        Assert.Equal(Good, Says("alice@localhost"));
        Assert.Equal("authentication-failed cookie-mismatch initiator:verified:wrong", Says("mallory@localhost"));
        Assert.Equal(Good, Says("ghost@localhost"));
        Assert.Equal((false, true), (Of("alice@localhost").Initiator.IsHidden, Of("ghost@localhost").Initiator.IsHidden));
        Assert.Equal("rejected not-allowed", Says("carol@localhost"));
        Assert.Equal(Good, Says("localhost"));
        Assert.Equal("named", Of("localhost").Status);
        Assert.Equal(Good, Says("alice6@vm6"));
        Assert.StartsWith("[::1]:", Of("alice6@vm6").Acceptor.Endpoint.ToString(), StringComparison.Ordinal);
        Assert.Equal("bob", Of("alice@localhost").Lookup?.Name);
        Assert.Contains(report.Findings, finding => (finding.Code, finding.Node) == (DiagnosisCode.NameNotRegistered, "hare"));
    }
}
