using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Every error is one line that names the thing and the remedy; never a stack trace.</summary>
public sealed class ErrorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, params byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    private static void Refuses(int exitCode, string says, Run run)
    {
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("pcap-analyzer: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.InRange(run.Error.Count(letter => letter == '\n'), 1, 2);
    }

    [Theory]
    [InlineData("name a capture FILE")]
    [InlineData("--no-such-option", "--no-such-option")]
    [InlineData("xml", "--format", "xml")]
    [InlineData("no such outcome", "captures/ractor/01_ok_new.pcap", "--fail-on", "bad")]
    [InlineData("syntax error", "captures/ractor/01_ok_new.pcap", "--filter", "tcp prot 1")]
    [InlineData("contradict", "captures/ractor/01_ok_new.pcap", "-q", "-v")]
    [InlineData("70000", "captures/ractor/01_ok_new.pcap", "--port", "70000")]
    [InlineData("standard input", "-")]
    public void Usage_errors_say_what_is_meant(string says, params string[] arguments)
    {
        var run = CommandLine.Report(arguments);
        Refuses(2, says, run);
        Assert.Contains("Try 'pcap-analyzer report --help'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_verb_teaches_the_verbs() => Assert.Contains("report", CommandLine.Start([]).Output + CommandLine.Start([]).Error, StringComparison.Ordinal);

    [Fact]
    public void What_is_no_capture_is_refused_by_name()
    {
        Refuses(3, "no-such.pcap: no such file", CommandLine.Report("no-such.pcap"));
        Refuses(3, "captures: is a directory", CommandLine.Report("captures"));
        Refuses(3, "is empty", CommandLine.Report(Write("empty.pcap")));
        Refuses(3, "is no capture file", CommandLine.Report("README.md"));
        Refuses(3, "gunzip", CommandLine.Report(Write("a.pcap.gz", 0x1F, 0x8B, 8, 0)));
        Refuses(3, "only 3 bytes", CommandLine.Report(Write("short", 1, 2, 3)));
        Refuses(3, "libpcap", CommandLine.Report(Write("header.pcap", 0xD4, 0xC3, 0xB2, 0xA1, 2, 0)));
    }

    [Fact]
    public void A_pipe_is_refused_and_a_program_that_blocks_on_one_dies_at_the_first_signal()
    {
        Refuses(3, "is no regular file", CommandLine.Shell($"mkfifo {_folder}/a; cat README.md 2>/dev/null > {_folder}/a & $P report {_folder}/a"));
        Assert.Equal(124, CommandLine.Shell($"mkfifo {_folder}/b; timeout --kill-after=20 1 $P report {_folder}/b").ExitCode);
    }

    [Fact]
    public void A_full_disk_is_no_silent_success()
    {
        Refuses(3, "standard output: cannot be written", CommandLine.Shell("$P report captures/ractor/01_ok_new.pcap > /dev/full"));
        Refuses(3, "--output", CommandLine.Report("captures/ractor/01_ok_new.pcap", "-o", "/proc/no/report"));
    }

    [Fact]
    public void An_unknown_link_type_is_named()
    {
        var header = new byte[24];
        new byte[] { 0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0 }.CopyTo(header, 0);
        header[18] = 4;
        header[20] = 147;
        Refuses(3, "link type 147", CommandLine.Report(Write("user0.pcap", header)));
    }

    [Fact]
    public void A_file_without_read_permission_is_named()
    {
        var path = Write("secret.pcap", 1, 2, 3, 4);
        // root reads everything: as root, drop the capabilities that let it.
        var drop = Environment.UserName == "root" ? "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all --ambient-caps=-all" : "";
        Refuses(3, "permission denied", CommandLine.Shell($"chmod 0 {path}; {drop} $P report {path}"));
    }

    [Fact]
    public void Output_that_cannot_be_written_is_named()
    {
        const string Capture = "captures/ractor/01_ok_new.pcap";
        Refuses(3, "no such directory", CommandLine.Report(Capture, "-o", Path.Combine(_folder, "none", "r.json")));
        Refuses(3, "is a directory", CommandLine.Report(Capture, "-o", _folder));
    }

    [Theory]
    [InlineData("--cookie-file")]
    [InlineData("--cookies")]
    public void A_missing_cookie_file_is_named(string option) =>
        Refuses(3, $"{option} none: no such file", CommandLine.Report("captures/ractor/01_ok_new.pcap", option, "none"));
}
