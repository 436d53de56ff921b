using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols.Epmd;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;
using static PcapAnalyzer.Testing.ErlangBytes;

namespace PcapAnalyzer.Judging.Tests;

/// <summary>What EPMD is asked and answers, from bytes on the wire, on any port.</summary>
public sealed class EpmdTests
{
    private static EpmdExchange Exchange(byte[] request, byte[] answer, bool oneByteEach = false)
    {
        var play = new Playbook(acceptor: "10.0.0.2:14369").Connect();
        foreach (var piece in oneByteEach ? request.Chunk(1) : [request]) play.Initiator(piece);
        foreach (var piece in oneByteEach ? answer.Chunk(1) : [answer]) if (piece.Length > 0) play.Acceptor(piece);
        return Assert.Single(Trace.Cluster(play.AcceptorCloses().Packets).Facts.EpmdExchanges);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lookups_registrations_and_name_lists_are_read(bool oneByteEach)
    {
        var found = Exchange(Lookup("a"), Convert.FromHexString("77008db34d00000600050001610000"), oneByteEach);
        Assert.Equal((EpmdRequest.Lookup, "a", (ushort)0x8db3, true, (5, 6)),
            (found.Request, found.Name, found.Port!.Value, found.IsSuccess, found.Versions!.Value));
        var missed = Exchange(Lookup("hare"), NotFound, oneByteEach);
        Assert.Equal((false, null), (missed.IsSuccess, missed.Port));
        var request = Convert.FromHexString("000e788db34d00000600050001610000");
        foreach (var answer in (string[])["76006b049467", "79000001"]) // ALIVE2_X_RESP, ALIVE2_RESP
            Assert.Equal((EpmdRequest.Register, "a", (ushort)0x8db3, true), Exchange(request, Convert.FromHexString(answer),
                oneByteEach) is var it ? (it.Request, it.Name, it.Port!.Value, it.IsSuccess) : default);
        var names = Exchange([0, 1, 110], [0, 0, 0x11, 0x11, .. "name rabbit at port 25672\nname a at port 1\n"u8], oneByteEach);
        Assert.Equal([("rabbit", (ushort)25672), ("a", (ushort)1)], names.Names);
    }

    [Fact]
    public void An_unanswered_or_refused_EPMD_request_is_a_finding()
    {
        var silent = new Playbook(acceptor: "10.0.0.2:4369").Connect().Initiator(Lookup("a")).Wait(3000).InitiatorCloses();
        var refused = new Playbook("10.0.0.1:50001", "10.0.0.3:4369").Syn().Refuse();
        var report = Playbook.Report(new Dictionary<string, string>(), silent, refused);
        Assert.Equal(["unreachable refused 10.0.0.3:4369", "unreachable no-reply 10.0.0.2:4369"],
            report.Findings.Select(finding => $"{finding.Code.Kebab()} {finding.How} {finding.To}"));
    }

    [Fact]
    public void A_lookup_is_linked_to_its_connection_and_proves_a_mismatch()
    {
        var lookup = new Playbook("10.0.0.1:40000", "10.0.0.2:4369").Connect().Initiator(Lookup("hare")).Acceptor(Found("hare", 4400))
            .AcceptorCloses();
        var play = new Playbook(startMilliseconds: 10).Connect().Initiator(Name("b@h")).Acceptor(Status(), Challenge("rabbit@h", 42))
            .InitiatorCloses();
        var report = Playbook.Report(new Dictionary<string, string>(), lookup, play);
        Assert.Equal("closed name-mismatch proven", Playbook.Says(report));
        Assert.Equal("hare", Assert.Single(report.Handshakes).Lookup?.Name);
    }

    [Theory]
    [InlineData("right\n", "trailing-newline")]
    [InlineData("right ", "trailing-space")]
    [InlineData("\"right\"", "double-quotes")]
    [InlineData("something else", null)]
    public void A_usual_cookie_mistake_is_named(string used, string? how)
    {
        var report = Playbook.Report(FailureRow.Cookies, new Playbook().Connect().Initiator(Name("b@h"))
            .Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, used)).AcceptorCloses());
        Assert.Equal(how, Assert.Single(report.Handshakes).NearMiss?.Near!.How);
        Assert.Equal(how == null ? null : "prod", report.Handshakes[0].NearMiss?.Near!.Cookie);
    }

    [Fact]
    public void A_name_answered_by_another_program_is_a_wrong_service()
    {
        var http = "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray();
        var report = Playbook.Report(FailureRow.Cookies, new Playbook().Connect().Initiator(Name("b@h")).Acceptor(http).AcceptorCloses());
        var handshake = Assert.Single(report.Handshakes);
        Assert.Equal((Outcome.ProtocolViolation, DiagnosisCode.WrongService), (handshake.Outcome, handshake.Diagnosis.Code));
        Assert.Contains("HTTP answered", handshake.Diagnosis.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Five_hundred_retries_are_shown_as_one_attempt()
    {
        var plays = Enumerable.Range(0, 500).Select(i => new Playbook($"10.0.0.1:{40000 + i}", startMilliseconds: i * 5000).Connect()
            .Initiator(Name("b@h")).Acceptor(Status(), Challenge("a@h", 42)).Initiator(Reply(7, 42, "wrong")).AcceptorCloses()).ToArray();
        var report = Playbook.Report(FailureRow.Cookies, plays);
        var pair = Assert.Single(report.Pairs);
        Assert.Equal((500, 5_000_000_000L, DiagnosisCode.CookieMismatch), (pair.Starts.Count, pair.Interval, pair.Cause));
        Assert.Contains("and 499 more of the same, about 5.000 s apart", Analysis.Text(report), StringComparison.Ordinal);
    }
}
