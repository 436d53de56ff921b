using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>TLS at an endpoint that a handshake showed to be a node's.</summary>
public sealed class TlsTests
{
    private static readonly byte[] ServerHello = [0x16, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3];
    private static readonly byte[] ChangeCipherSpec = [20, 3, 3, 0, 1, 1];
    private static readonly byte[] CertificateExpired = [21, 3, 3, 0, 2, 2, 45];
    private static readonly byte[] CloseNotify = [21, 3, 3, 0, 2, 1, 0];

    private static string Says(Func<Playbook, Playbook> talk)
    {
        var known = new Playbook().Erlang("b@h", "a@h");
        var report = Playbook.Report(FailureRow.Cookies, known, talk(new Playbook("10.0.0.1:50001", startMilliseconds: 10).Connect().Initiator(TlsHello)));
        return Playbook.Says(report).Split("; ")[1];
    }

    [Fact]
    public void A_plaintext_alert_explains_the_failure()
    {
        Assert.Equal("encrypted tls-failed proven", Says(play => play.Acceptor(ServerHello).Initiator(CertificateExpired).InitiatorCloses()));
        Assert.Equal("encrypted tls-failed proven", Says(play => play.Acceptor(CertificateExpired).AcceptorCloses()));
        foreach (var size in (int[])[1, 2, 5])
            Assert.Equal("encrypted tls-failed proven", Says(play => CertificateExpired.Chunk(size).Aggregate(play.Acceptor(ServerHello), (talk, piece) => talk.Initiator(piece)).InitiatorCloses()));
    }

    [Fact]
    public void Encrypted_bytes_and_bytes_after_a_gap_are_not_read()
    {
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello).Initiator(ChangeCipherSpec).Initiator(CertificateExpired).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello).Initiator(CloseNotify).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello).Initiator([0x16, 3, 3, 0, 4, 0]).Initiator([1, 2, 3]).LoseLast().Initiator(CertificateExpired).InitiatorCloses()));
    }

    [Fact]
    public void An_initiators_lone_alert_means_that_it_gave_up_on_a_plain_node() =>
        Assert.Equal("closed tls-to-plain inferred", Says(play => play.Wait(7000).Initiator(CertificateExpired).InitiatorCloses()));

    [Fact]
    public void A_refusal_of_an_uncaptured_name_may_be_for_its_flags() =>
        Assert.Equal("rejected not-allowed inferred", Playbook.Says(Playbook.Report(FailureRow.Cookies, new Playbook().Connect().Initiator(Name("b@h")).LoseLast().Acceptor(Status("not_allowed")).AcceptorCloses())));
}
