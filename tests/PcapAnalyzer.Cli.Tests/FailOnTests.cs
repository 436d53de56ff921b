using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary><c>--fail-on</c>: what makes the exit code 1.</summary>
public sealed class FailOnTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-fail-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1, "operators/tls_expired_cert.pcap", "any")] // outcome encrypted, diagnosis tls-failed
    [InlineData(1, "operators/tls_expired_cert.pcap", "tls-failed")]
    [InlineData(0, "operators/tls_expired_cert.pcap", "cookie-mismatch")]
    [InlineData(0, "erlang/tls.pcap", "any")]
    [InlineData(1, "erlang/tls.pcap", "encrypted")]
    [InlineData(1, "erlang/epmd_only.pcap", "any")] // no handshake, one finding
    [InlineData(1, "erlang/epmd_only.pcap", "name-not-registered")]
    [InlineData(0, "erlang/epmd_only.pcap", "unreachable")]
    [InlineData(1, "erlang/wrong_cookie.pcap", "cookie-mismatch")]
    [InlineData(1, "erlang/wrong_cookie.pcap", "established, cookie-mismatch")]
    [InlineData(0, "erlang/wrong_cookie.pcap", "name-in-use,unreachable")]
    [InlineData(1, "erlang/ok.pcap", "node-died")] // of its session
    [InlineData(0, "erlang/ok.pcap", "split,path-dead")]
    [InlineData(1, "erlang/erl_call.pcap", "tool-session")]
    public void An_outcome_a_code_a_finding_or_a_session_is_named(int exitCode, string capture, string words) =>
        Assert.Equal(exitCode, CommandLine.Report($"captures/{capture}", "-q", "--fail-on", words).ExitCode);

    [Fact]
    public void The_loser_of_a_simultaneous_connect_is_no_trouble()
    {
        var capture = new CaptureBuilder().Pcap(CaptureBuilder.Nanoseconds, link: 101);
        foreach (var play in FailureRow.All.Single(row => row.Row == "E9").Plays)
            foreach (var packet in play.Packets)
                capture.Record((uint)(packet.Time / 1_000_000_000), (uint)(packet.Time % 1_000_000_000), packet.ToDatagram());
        var path = Path.Combine(_folder, "both.pcap");
        File.WriteAllBytes(path, capture.Bytes);
        Assert.Equal(0, CommandLine.Report(path, "--fail-on", "any").ExitCode);
        Assert.Equal(1, CommandLine.Report(path, "--fail-on", "simultaneous-connect").ExitCode);
        Assert.Equal(1, CommandLine.Report(path, "--fail-on", "rejected").ExitCode);
    }

    [Fact]
    public void With_where_only_handshakes_that_match_count()
    {
        Assert.Equal(0, CommandLine.Report("captures/erlang/epmd_only.pcap", "--fail-on", "any", "--where", "problem").ExitCode);
        Assert.Equal(1, CommandLine.Report("captures/erlang/wrong_cookie.pcap", "--fail-on", "any", "--where", "problem").ExitCode);
        Assert.Equal(0, CommandLine.Report("captures/erlang/wrong_cookie.pcap", "--fail-on", "any", "--where", "not problem").ExitCode);
    }
}
