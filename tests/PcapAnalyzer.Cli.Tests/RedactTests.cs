using System.Text;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary><c>--redact</c>: what is written can be handed on.</summary>
public sealed class RedactTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-redact-").FullName;

    private string Written => Path.Combine(_folder, "written.pcapng");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_comment_says_that_its_packet_is_redacted_and_what_was_verified()
    {
        CommandLine.Report("captures/ractor/01_ok_new.pcap", "--cookies", "captures/ractor/sample-cookies.json", "--write-handshakes",
            Written, "-q", "--redact");
        var text = Encoding.UTF8.GetString(File.ReadAllBytes(Written));
        Assert.Matches("handshake 1, redacted: challenge-reply \\(digest: verified [a-z0-9-]+\\) from initiator", text);
        Assert.Matches("node-1@host-1 and node-2@host-[0-9] both proved cookie [a-z0-9-]+\\.", text);
        Assert.DoesNotContain("01_ok_new", text, StringComparison.Ordinal);
        Assert.All(Analysis.Report("ractor/01_ok_new.pcap", CookieRing.Empty).Nodes,
            node => Assert.DoesNotContain(node.Name, text, StringComparison.Ordinal));
        Assert.Equal(Analysis.Report("ractor/01_ok_new.pcap", CookieRing.Empty).Handshakes.Count,
            Analysis.Report(Written, CookieRing.Empty).Handshakes.Count);
    }

    [Fact]
    [Trait("Only", "test-all")]
    public void Checksums_are_right()
    {
        if (CommandLine.Shell("command -v tshark").ExitCode != 0) Missing.Tool("tshark is not installed");
        foreach (var capture in new[] { "captures/erlang/ipv6.pcap", "captures/ractor/01_ok_new.pcap",
            "captures/operators/encap_vxlan.pcap" })
        {
            CommandLine.Report(capture, "--write-handshakes", Written, "-q", "--redact");
            var run = CommandLine.Shell($"tshark -r {Written} -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -T fields -e "
                + "tcp.checksum.status -e ip.checksum.status | sort | uniq");
            Assert.Matches("^1\t1?\n$", run.Output);
        }
    }

    [Theory]
    [InlineData("cookie-hash", "captures/erlang/ok.pcap", "--redact", "--cookie-hash")]
    [InlineData("--write-handshakes instead", "-i", "lo", "--redact", "-w", "/dev/null")]
    public void Options_that_would_undo_the_redaction_are_refused(string says, params string[] arguments)
    {
        var run = CommandLine.Report(arguments);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_screen_says_that_it_cannot()
    {
        var run = CommandLine.Start(["view", "captures/erlang/ok.pcap", "--redact"]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("pcap-analyzer report FILE --redact", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$P report C D --redact --where W -v")]
    [InlineData("$P report C D --redact --where W --format json")]
    [InlineData("$P report C D --redact --where W --format jsonl")]
    [InlineData("$P report - --redact --where W < C")]
    public void Neither_a_files_name_nor_an_expression_is_told(string line)
    {
        var node = Analysis.Report("erlang/ok.pcap", CookieRing.Empty).Handshakes[0].Initiator.Node!;
        var run = CommandLine.Shell(line.Replace("W", $"'node == \"{node}\"'", StringComparison.Ordinal).Replace("C",
            "captures/erlang/ok.pcap", StringComparison.Ordinal).Replace("D", "captures/erlang/ok.pcapng", StringComparison.Ordinal));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("node-1@host-1", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(node, run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ok.pcap", run.Output, StringComparison.Ordinal);
    }
}
