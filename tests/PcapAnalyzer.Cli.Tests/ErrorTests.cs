using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Every error is one line that names the thing and the remedy; never a stack trace.</summary>
public sealed class ErrorTests : IDisposable
{
    private const string Capture = "captures/ractor/01_ok_new.pcap";

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
    public void Usage_errors_say_what_is_meant(string says, params string[] arguments)
    {
        var run = CommandLine.Report(arguments);
        Refuses(2, says, run);
        Assert.Contains("Try 'pcap-analyzer report --help'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void No_verb_teaches_the_verbs() => Assert.Contains("report", CommandLine.Start([]).Output + CommandLine.Start([]).Error,
        StringComparison.Ordinal);

    [Fact]
    public void Input_that_is_no_capture_is_refused_by_name()
    {
        Refuses(3, "no-such.pcap: no such file", CommandLine.Report("no-such.pcap"));
        Refuses(3, "captures: is a directory", CommandLine.Report("captures"));
        Refuses(3, "is empty", CommandLine.Report(Write("empty.pcap")));
        Refuses(3, "is not a capture file", CommandLine.Report("README.md"));
        Refuses(3, "only 3 bytes", CommandLine.Report(Write("short", 1, 2, 3)));
        Refuses(3, "only 6 bytes", CommandLine.Report(Write("header.pcap", 0xD4, 0xC3, 0xB2, 0xA1, 2, 0)));
        Refuses(3, "a.pcap.gz: cannot be read", CommandLine.Report(Write("a.pcap.gz", 0x1F, 0x8B, 8, 0)));
        Refuses(3, "a.pcap.zst: cannot be read", CommandLine.Report(Write("a.pcap.zst", 0x28, 0xB5, 0x2F, 0xFD)));
        Refuses(3, "xz -dc", CommandLine.Report(Write("a.pcap.xz", 0xFD, 0x37, 0x7A, 0x58, 0x5A, 0)));
    }

    [Fact]
    public void Standard_input_without_a_capture_is_refused_by_name()
    {
        Refuses(3, "standard input: is empty", CommandLine.Shell("$P report - < /dev/null"));
        Refuses(3, "standard input: is not a capture file", CommandLine.Shell("$P report - < README.md"));
        Refuses(3, "standard input: cannot be read: Is a directory", CommandLine.Shell("$P report - < captures"));
        Refuses(3, "standard input: is closed", CommandLine.Shell("$P report - <&-"));
        var terminal = CommandLine.Shell("script -qec '$P report -' /dev/null < /dev/null");
        Assert.Equal(3, terminal.ExitCode);
        Assert.Contains("standard input is the terminal; pipe a capture into it", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_peer_reader_takes_plain_files_only()
    {
        Refuses(3, "a.gz: --reader libpcap reads plain files only",
            CommandLine.Shell($"gzip -c {Capture} > {_folder}/a.gz; $P report {_folder}/a.gz --reader libpcap"));
        Refuses(3, "standard input: --reader libpcap reads plain files only",
            CommandLine.Shell($"cat {Capture} | $P report - --reader libpcap"));
    }

    [Theory]
    [InlineData("cat C | $P report -")]
    [InlineData("$P report - < C")]
    [InlineData("$P report <(cat C)")]
    [InlineData("mkfifo F/pipe; cat C > F/pipe & $P report F/pipe")]
    [InlineData("gzip -c C | $P report -")]
    [InlineData("gzip -c C > F/a; $P report F/a")]
    [InlineData("{ head -c 999 C | gzip; tail -c +1000 C | gzip; } > F/a; $P report F/a")]
    [InlineData("cat C | $P report - --filter 'tcp or udp'")]
    [InlineData("$P report C --reader libpcap")]
    public void The_report_is_the_same_for_every_kind_of_input(string line)
    {
        var file = CommandLine.Report(Capture, "-q");
        Assert.Contains("established", file.Output, StringComparison.Ordinal);
        Assert.Equal(file, CommandLine.Shell(
            $"{line.Replace("C", Capture, StringComparison.Ordinal).Replace("F", _folder, StringComparison.Ordinal)} -q"));
    }

    [Fact]
    public void A_filter_filters_standard_input() =>
        Assert.Equal(new Run(0, "", ""), CommandLine.Shell($"cat {Capture} | $P report - -q --filter 'tcp port 4'"));

    [Theory]
    [InlineData("head -c -1 C | $P report -", "standard input: reading ended after packet", "truncated mid-record")]
    [InlineData("gzip -c C | head -c -1 | $P report -", "standard input: reading ended after packet", "truncated")]
    [HardCase("file cut in the middle of a record")]
    public void A_truncated_file_is_reported_up_to_the_cut(string line, string says, string why)
    {
        var run = CommandLine.Shell($"{line.Replace("C", Capture, StringComparison.Ordinal)} -q");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("established", run.Output, StringComparison.Ordinal);
        Assert.Matches($"^pcap-analyzer: {says}.*{why}.*\n$", run.Error);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void A_signal_ends_the_waiting_for_a_silent_pipe_with_what_was_read(string signal)
    {
        // A shell without job control lets what it puts behind it ignore SIGINT: it is heard all the same, as tcpdump hears it.
        var run = CommandLine.Shell($$"""
            mkfifo {{_folder}}/in {{_folder}}/out
            $P report {{_folder}}/in --format jsonl > {{_folder}}/out & pid=$!; exec 9< {{_folder}}/out 8> {{_folder}}/in
            cat {{Capture}} >&8; read -t 30 -u 9 line; kill -{{signal}} $pid; cat <<< "$line"; cat <&9; wait $pid
            """);
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("\"outcome\":\"established\"", run.Output, StringComparison.Ordinal);
        Assert.Matches("stopped after packet [1-9]", run.Error);
    }

    [Fact]
    public void A_program_that_waits_for_a_pipe_to_open_or_to_speak_dies_at_the_first_signal()
    {
        Assert.Equal(124, CommandLine.Shell($"mkfifo {_folder}/b; timeout --kill-after=20 1 $P report {_folder}/b").ExitCode);
        Assert.Equal(124, CommandLine.Shell($"mkfifo {_folder}/c; timeout --kill-after=20 1 $P report - <> {_folder}/c").ExitCode);
    }

    [Fact]
    public void A_device_is_written_to_and_stays_one()
    {
        Assert.Equal(0, CommandLine.Report("captures/ractor/01_ok_new.pcap", "-o", "/dev/null").ExitCode);
        Refuses(3, "No space left", CommandLine.Report("captures/ractor/01_ok_new.pcap", "-o", "/dev/full"));
        var told =
            CommandLine.Shell($"mkfifo {_folder}/d; cat {_folder}/d & $P report captures/ractor/01_ok_new.pcap -q -o {_folder}/d; wait");
        Assert.Contains("established", told.Output, StringComparison.Ordinal);
        Assert.Equal("fifo\n", CommandLine.Shell($"stat -c %F {_folder}/d").Output);
        Assert.Equal("character special file\ncharacter special file\n", CommandLine.Shell("stat -c %F /dev/null /dev/full").Output);
    }

    [Fact]
    public void A_full_disk_is_no_silent_success()
    {
        Refuses(3, "standard output: cannot be written", CommandLine.Shell("$P report captures/ractor/01_ok_new.pcap > /dev/full"));
        Refuses(3, "--output", CommandLine.Report("captures/ractor/01_ok_new.pcap", "-o", "/proc/no/report"));
    }

    [Theory]
    [InlineData("report C >&-", "is closed")]
    [InlineData("report C --format json >&-", "is closed")]
    [InlineData("report - --format jsonl <C >&-", "is closed")]
    [InlineData("report C --write-handshakes F >&-", "is closed")]
    [InlineData("report --schema >&-", "is closed")]
    [InlineData("report --help >&-", "is closed")]
    [InlineData("--version >&-", "is closed")]
    [InlineData("explain >&-", "is closed")]
    [InlineData("report C 1</dev/null", "cannot be written: Bad file descriptor")]
    [InlineData("--help >/dev/full", "cannot be written: No space left on device")]
    public void Standard_output_that_takes_nothing_is_named(string line, string why)
    {
        var written = Path.Combine(_folder, "written");
        Refuses(3, $"standard output: {why}", CommandLine.Shell(
            $"$P {line.Replace("C", Capture, StringComparison.Ordinal).Replace("F", written, StringComparison.Ordinal)}"));
        Assert.False(File.Exists(written));
    }

    [Fact]
    public void A_report_to_a_file_needs_no_standard_output() =>
        Assert.Equal(new Run(0, "", ""), CommandLine.Shell($"$P report {Capture} -o {_folder}/r --write-handshakes {_folder}/h >&-"));

    [Fact]
    [HardCase("unknown link type")]
    public void An_unknown_link_type_is_named_alike_in_every_container()
    {
        var pcap = Write("user0.pcap", new CaptureBuilder().Pcap(link: 147).Record(1, 2, new byte[40]).Bytes);
        var pcapng = Write("user0.pcapng", new CaptureBuilder().Section().Interface(147).Enhanced(0, 1, new byte[40]).Bytes);
        var runs = new[] { CommandLine.Report(pcap), CommandLine.Report(pcapng), CommandLine.Report(pcap, "--reader", "libpcap"),
            CommandLine.Shell($"cat {pcap} | $P report -") };
        Assert.All(runs, run =>
        {
            Assert.Equal(0, run.ExitCode);
            Assert.Contains("have link type 147, which is not supported", run.Error, StringComparison.Ordinal);
            Assert.Contains("1 packet of 1 may hold TCP that is not read here: 1 link type 147.", run.Output, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_file_without_read_permission_is_named()
    {
        var path = Write("secret.pcap", 1, 2, 3, 4);
        // root reads everything: as root, drop the capabilities that let it.
        var drop = Environment.UserName == "root"
            ? "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all --ambient-caps=-all" : "";
        Refuses(3, "permission denied", CommandLine.Shell($"chmod 0 {path}; {drop} $P report {path}"));
    }

    [Fact]
    public void Output_that_cannot_be_written_is_named()
    {
        Refuses(3, "no such directory", CommandLine.Report(Capture, "-o", Path.Combine(_folder, "none", "r.json")));
        Refuses(3, "is a directory", CommandLine.Report(Capture, "-o", _folder));
    }

    [Theory]
    [InlineData("--cookie-file")]
    [InlineData("--cookies")]
    public void A_missing_cookie_file_is_named(string option) =>
        Refuses(3, $"{option} none: no such file", CommandLine.Report("captures/ractor/01_ok_new.pcap", option, "none"));
    [Theory]
    [InlineData("--cookie-file", "/dev/zero", "1 MiB")]
    [InlineData("--cookies", "/dev/zero", "64 MiB")]
    [InlineData("--cookie-file", "<(yes)", "1 MiB")]
    public void A_cookie_file_without_end_is_not_read_to_its_end(string option, string path, string limit) =>
        Refuses(3, $"holds more than {limit}", CommandLine.Shell($"$P report {Capture} {option} {path}"));

    [Theory]
    [InlineData("--cookie-file F/ck", 1024 * 1024)]
    [InlineData("--cookies F/ck", 64 * 1024 * 1024)]
    public void A_cookie_file_may_be_as_large_as_the_limit(string line, int size)
    {
        // The rest is space, which JSON allows; of a cookie file the first line counts.
        line = $"$P report {Capture} -q {line.Replace("F", _folder, StringComparison.Ordinal)}";
        var run = CommandLine.Shell($$"""
            { printf '{"a":"b"}\n'; head -c {{size - 10}} /dev/zero | tr '\0' ' '; } > {{_folder}}/ck
            {{line}} && printf x >> {{_folder}}/ck && {{line}}
            """);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("established", run.Output, StringComparison.Ordinal);
        Assert.Matches("^pcap-analyzer: --cookie.* holds more than .*\n$", run.Error);
    }
}
