using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
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
        var report = Playbook.Report(FailureRow.Cookies, known,
            talk(new Playbook("10.0.0.1:50001", startMilliseconds: 10).Connect().Initiator(TlsHello)));
        return Playbook.Says(report).Split("; ")[1];
    }

    [Fact]
    public void A_plaintext_alert_explains_the_failure()
    {
        Assert.Equal("encrypted tls-failed proven",
            Says(play => play.Acceptor(ServerHello).Initiator(CertificateExpired).InitiatorCloses()));
        Assert.Equal("encrypted tls-failed proven", Says(play => play.Acceptor(CertificateExpired).AcceptorCloses()));
        foreach (var size in (int[])[1, 2, 5])
            Assert.Equal("encrypted tls-failed proven", Says(play => CertificateExpired.Chunk(size)
                .Aggregate(play.Acceptor(ServerHello), (talk, piece) => talk.Initiator(piece)).InitiatorCloses()));
    }

    [Theory]
    [InlineData(45, "Renew the certificate of 10.0.0.1:50001")]
    [InlineData(48, "signed the certificate of 10.0.0.1:50001")]
    [InlineData(42, "Check the certificate of 10.0.0.1:50001")]
    [InlineData(70, "Compare the TLS versions")]
    [InlineData(10, "a certificate does not")]
    [InlineData(80, "not about certificates")]
    [InlineData(99, "not about certificates")]
    public void The_remedy_fits_the_alert(byte alert, string words)
    {
        var play = new Playbook("10.0.0.1:50001", startMilliseconds: 10).Connect().Initiator(TlsHello).Acceptor(ServerHello)
            .Acceptor([21, 3, 3, 0, 2, 2, alert]);
        var report = Playbook.Report(FailureRow.Cookies, new Playbook().Erlang("b@h", "a@h"), play.AcceptorCloses());
        Assert.Contains(words, report.Handshakes[1].Diagnosis.Remedy);
    }

    [Fact]
    public void Encrypted_bytes_and_bytes_after_a_gap_are_not_read()
    {
        Assert.Equal("encrypted encrypted proven",
            Says(play => play.Acceptor(ServerHello).Initiator(ChangeCipherSpec).Initiator(CertificateExpired).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello).Initiator(CloseNotify).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello).Initiator([0x16, 3, 3, 0, 4, 0])
            .Initiator([1, 2, 3]).LoseLast().Initiator(CertificateExpired).InitiatorCloses()));
    }

    [Fact]
    public void An_initiators_lone_alert_means_that_it_gave_up_on_a_plain_node() =>
        Assert.Equal("closed tls-to-plain inferred", Says(play => play.Wait(7000).Initiator(CertificateExpired).InitiatorCloses()));

    /// <summary>
    /// The records of a session whose handshake is over: name, ok, challenge and reply, with what encryption adds to each.
    /// </summary>
    private static Playbook ToReply(Playbook play, int added, int name = 16, int status = 3, int reply = 21) => play
        .Acceptor(ServerHello, ChangeCipherSpec, Record(22, 40)).Initiator(ChangeCipherSpec, Record(22, 40))
        .Initiator(Record(23, 19 + name + added))
        .Acceptor(Record(23, 4 + status + added), Record(23, 23 + name + added))
        .Initiator(Record(23, 4 + reply + added));

    private static byte[] Record(byte type, int length) => [type, 3, 3, (byte)(length >> 8), (byte)length, .. new byte[length]];

    [Theory]
    [InlineData(24)]
    [InlineData(16)]
    [InlineData(17)]
    public void The_sizes_of_encrypted_records_tell_a_refused_cookie(int added)
    {
        Assert.Equal("encrypted cookie-mismatch inferred", Says(play => ToReply(play, added).AcceptorCloses()));
        Assert.Equal("encrypted cookie-mismatch inferred", Says(play => ToReply(play, added).Wait(300).AcceptorCloses().InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, added).Acceptor(Record(23, 21 + added)).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, added).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, added).AcceptorResets()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, added).Wait(7100).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, added)));
    }

    [Fact]
    public void A_refused_cookie_is_seen_in_records_cut_into_segments()
    {
        var whole = ToReply(new Playbook("10.0.0.1:50001", startMilliseconds: 10).Connect().Initiator(TlsHello), 17);
        foreach (var size in (int[])[1, 4, 7, 30])
        {
            var cut = new Playbook("10.0.0.1:50001", startMilliseconds: 10).Connect();
            foreach (var packet in whole.Packets.Where(packet => packet.Payload.Length > 0))
                foreach (var piece in packet.Payload.Chunk(size))
                    cut.Send(packet.Source.Port == 50001, Pipeline.Packets.TcpFlags.Ack, piece);
            Assert.Equal("encrypted cookie-mismatch inferred", Playbook.Says(Playbook.Report(FailureRow.Cookies,
                new Playbook().Erlang("b@h", "a@h"), cut.AcceptorCloses())).Split("; ")[1]);
        }
    }

    [Fact]
    public void The_sizes_of_encrypted_records_come_back_from_their_bytes()
    {
        var play = ToReply(new Playbook().Connect().Initiator(TlsHello), 17).AcceptorCloses();
        var session = Assert.Single(Trace.Cluster(play.Packets).Facts.TlsSessions);
        Assert.Equal([-40, 40, 52, -24, -56, 42],
            session.Sealed.Select(record => record.From == Role.Initiator ? record.Length : -record.Length));
        var bytes = FactBytes.Write(session);
        Assert.Equal(session.Sealed, Assert.IsType<TlsSession>(new FactBytes(HandshakeProtocols.All).Read(bytes)).Sealed);
    }

    [Fact]
    public void Other_sizes_say_nothing_of_a_cookie()
    {
        foreach (var added in (int[])[0, 8, 18, 32])
            Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, added).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, 17, name: 2).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, 17, name: 512).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, 17, status: 4).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, 17, reply: 22).AcceptorCloses()));
        // More records than a handshake has, a record that is not whole, no record at all, and bytes that are missing.
        Assert.Equal("encrypted encrypted proven", Says(play =>
            ToReply(Enumerable.Range(0, 24).Aggregate(play, (talk, _) => talk.Initiator(Record(23, 42))), 17).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, 17).Initiator(Record(23, 40)[..9]).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play, 17).Initiator([1, 2, 3, 4, 5, 6, 7]).AcceptorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => ToReply(play.Acceptor(Record(22, 60)).LoseLast(), 17).AcceptorCloses()));
    }

    [Fact]
    public void Sizes_are_judged_only_at_a_port_that_is_an_Erlang_nodes()
    {
        Playbook Refused() => ToReply(new Playbook("10.0.0.1:50001", startMilliseconds: 10).Connect().Initiator(TlsHello), 17)
            .AcceptorCloses();
        Assert.Equal("", Playbook.Says(Playbook.Report(FailureRow.Cookies, Refused())));
        Assert.Equal("encrypted encrypted proven",
            Playbook.Says(Playbook.Report(FailureRow.Cookies, new Playbook().Handshake("b", "a", "right"), Refused())).Split("; ")[1]);
    }

    [Fact]
    public void An_initiator_that_encrypts_an_alert_only_refused_the_session()
    {
        Assert.Equal("encrypted tls-failed inferred", Says(play => play.Acceptor(ServerHello, ChangeCipherSpec, Record(23, 90),
            Record(23, 900)).Initiator(ChangeCipherSpec, Record(23, 19)).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello, ChangeCipherSpec, Record(23, 90),
            Record(23, 900)).Initiator(ChangeCipherSpec, Record(23, 53), Record(23, 19)).InitiatorCloses()));
        Assert.Equal("encrypted encrypted proven", Says(play => play.Acceptor(ServerHello, ChangeCipherSpec, Record(23, 90),
            Record(23, 900)).Initiator(ChangeCipherSpec, Record(23, 19))));
    }

    [Fact]
    public void A_refusal_of_an_uncaptured_name_may_be_for_its_flags() =>
        Assert.Equal("rejected not-allowed inferred", Playbook.Says(Playbook.Report(FailureRow.Cookies,
            new Playbook().Connect().Initiator(Name("b@h")).LoseLast().Acceptor(Status("not_allowed")).AcceptorCloses())));
}
