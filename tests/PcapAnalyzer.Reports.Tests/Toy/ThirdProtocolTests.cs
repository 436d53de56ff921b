using System.Text.Json;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Reports.Tests.Toy.ToyProtocol;

namespace PcapAnalyzer.Reports.Tests.Toy;

/// <summary>A protocol is one class and one line in a list. No other code knows the toy protocol.</summary>
public sealed class ThirdProtocolTests
{
    private static readonly IReadOnlyList<IHandshakeProtocol> Protocols = [.. HandshakeProtocols.All, new ToyProtocol()];

    [Fact]
    public void A_handshake_of_a_third_protocol_is_verified_and_reported()
    {
        var report = Report(Play("right"));
        using var json = JsonDocument.Parse(Analysis.Json(report));
        var handshake = json.RootElement.GetProperty("handshakes")[0];
        Assert.Equal("toy", handshake.GetProperty("protocol").GetString());
        Assert.Equal("established", handshake.GetProperty("outcome").GetString());
        Assert.Equal("ok", handshake.GetProperty("diagnosis").GetProperty("code").GetString());
        Assert.All(handshake.GetProperty("digests").EnumerateArray(), digest => Assert.Equal(
            ("verified", "prod", "sha256-toy"),
            (digest.GetProperty("verdict").GetString(), digest.GetProperty("cookie").GetString(),
                digest.GetProperty("scheme").GetString())));
        Assert.Equal(2, handshake.GetProperty("digests").GetArrayLength());
        Assert.Contains("a@toy", Analysis.Text(report), StringComparison.Ordinal);
        Assert.Contains("established", Analysis.Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_cookie_of_a_third_protocol_is_named()
    {
        var report = Report(Play("wrong").InitiatorCloses());
        Assert.Equal((Outcome.AuthenticationFailed, DiagnosisCode.CookieMismatch),
            (report.Handshakes[0].Outcome, report.Handshakes[0].Diagnosis.Code));
        Assert.Contains("cookie-mismatch", Analysis.Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_handshake_of_a_third_protocol_comes_back_from_its_bytes()
    {
        var cluster = Trace.Cluster(Play("right").Packets, null, Analysis.Options with { Protocols = Protocols });
        var handshake = cluster.Handshakes[cluster.Handshakes.Numbers.Single()];
        var bytes = FactBytes.Write(handshake);
        var read = (Handshake)new FactBytes(Protocols).Read(bytes)!;
        Assert.Equal(("toy", "a@toy", "b@toy"), (read.Protocol.Name, read.NodeOf(Role.Initiator), read.NodeOf(Role.Acceptor)));
        Assert.Equal(handshake.Messages.Select(message => message.Kind), read.Messages.Select(message => message.Kind));
        Assert.Equal(bytes, FactBytes.Write(read));
        Assert.Null(new FactBytes(HandshakeProtocols.All).Read(bytes)); // a reader without the toy protocol
    }

    [Fact]
    public void The_other_protocols_are_recognised_beside_a_third_one()
    {
        var report = Report(new Playbook().Erlang("a@h", "b@h"), new Playbook(initiator: "10.0.0.1:50001").Handshake("a", "b", "right"),
            Play("right", "10.0.0.1:50002"));
        Assert.Equal(["erlang", "ractor", "toy"], report.Handshakes.Select(handshake => handshake.Protocol.Name).Order());
        Assert.All(report.Handshakes, handshake => Assert.Equal(Outcome.Established, handshake.Outcome));
    }

    private static Playbook Play(string cookie, string initiator = "10.0.0.1:50000")
    {
        var play = new Playbook(initiator).Connect()
            .Initiator(Message('n', [.. "a@toy"u8]))
            .Acceptor(Message('s'), Message('c', [.. Bytes(42), .. "b@toy"u8]))
            .Initiator(Message('r', [.. Bytes(7), .. Digest(42, cookie)]));
        return cookie == "right" ? play.Acceptor(Message('a', Digest(7, cookie))).Initiator("more"u8.ToArray()) : play.AcceptorCloses();
    }

    private static CaptureReport Report(params Playbook[] plays) => Trace.Report(
        plays.SelectMany(play => play.Packets).OrderBy(packet => packet.Time),
        new CookieRing([Cookie.FromText("prod", "right")]),
        Analysis.Options with { Protocols = Protocols });
}
