using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary><c>--write-handshakes</c>: what was reported can be handed on.</summary>
public sealed class HandshakesFileTests : IDisposable
{
    private const string Wrong = "captures/ractor/02_wrong_cookie_new.pcap";
    private const string Two = "captures/erlang/wrong_cookie.pcap";

    /// <summary>Captures whose handshakes alone tell less, and why.</summary>
    private static readonly Dictionary<string, string> TellLess = new()
    {
        ["erlang/tls.pcap"] = "EPMD alone told that TLS reached a node",
        ["erlang/tls_to_plain.pcap"] = "EPMD alone told that TLS reached a node",
        ["operators/tls_expired_cert.pcap"] = "EPMD alone told that TLS reached a node",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-handshakes-").FullName;

    public static TheoryData<string> Captures => [.. Repository.AllCaptures];

    private string Written => In("written.pcapng");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static List<string> Verdicts(CaptureReport report) =>
        [.. report.Handshakes.Select(one => $"{one.Initiator} {one.Acceptor} {one.Outcome.Kebab()} {one.Diagnosis.Code.Kebab()} "
            + $"{one.Status} {string.Join(' ', one.Proofs.Select(Trace.Essence))} {one.Connection.Syns > 0} {one.Connection.MissingBytes} "
            + $"{one.Close}").Order()];

    private CaptureReport Again(CookieRing? ring = null) => Analysis.Report(Written, ring ?? CookieRing.Empty);

    /// <summary>What tshark shows of each packet.</summary>
    private string[] Fields(params string[] fields)
    {
        if (CommandLine.Shell("command -v tshark").ExitCode != 0) Missing.Tool("tshark is not installed");
        return CommandLine.Shell($"tshark -r {Written} -T fields {string.Join(' ', fields.Select(field => $"-e {field}"))}")
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Captures))]
    public void The_written_packets_say_what_the_capture_said(string capture)
    {
        var ring = Analysis.TrueCookies(capture);
        var run = CommandLine.Report($"captures/{capture}", "--write-handshakes", Written, "-q");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var (whole, written) = (Analysis.Report(capture, ring), Again(ring));
        Assert.True(written.Statistics.Packets <= whole.Statistics.Packets);
        Assert.Empty(written.Sources[0].Problems);
        if (TellLess.TryGetValue(capture, out var why))
            Assert.True(written.Handshakes.Count < whole.Handshakes.Count, $"no longer true: {why}");
        else Assert.Equal(Verdicts(whole), Verdicts(written));
    }

    [Fact]
    public void Nothing_but_handshakes_is_written()
    {
        CommandLine.Report("captures/ractor/10_noise_new.pcap", "--write-handshakes", Written, "-q");
        var written = Again();
        Assert.Equal(written.Handshakes.Count, written.Statistics.Conversations);
        Assert.InRange(written.Statistics.Packets, 1, Analysis.Report("ractor/10_noise_new.pcap", CookieRing.Empty).Statistics.Packets - 1);
    }

    [Fact]
    [Trait("Only", "test-all")]
    public void Each_packets_comment_is_there_for_Wireshark()
    {
        CommandLine.Report(Wrong, "--write-handshakes", Written, "-q");
        Assert.Equal(
        [
            "handshake 1: SYN from initiator",
            "handshake 1: SYN-ACK from acceptor",
            "handshake 1: ACK from initiator",
            "handshake 1: name from initiator",
            "handshake 1: ACK from acceptor",
            "handshake 1: status, challenge from acceptor",
            "handshake 1: ACK from initiator",
            "handshake 1: challenge-reply (digest: no-cookie) from initiator",
            "handshake 1: FIN from acceptor. authentication-failed, cookie-mismatch (inferred): " + Again().Handshakes[0].Diagnosis.Summary,
            "handshake 1: FIN from initiator",
            "handshake 1: ACK from acceptor",
        ], Fields("frame.comment"));
    }

    [Theory]
    [InlineData("report - --write-handshakes $F <$C")]
    [InlineData("report - --write-handshakes $F --format json <$C")]
    [InlineData("report - --write-handshakes $F --format jsonl --reader own <$C")]
    [InlineData("report $C --write-handshakes $F --reader libpcap")]
    [InlineData("report $C --write-handshakes $F --parser packetdotnet")]
    [InlineData("report - --write-handshakes $F < <(gzip -c $C)")]
    [InlineData("report $C --write-handshakes >(cat >$F) && sleep 0.2")]
    public void The_same_packets_are_written_for_every_kind_of_input(string line)
    {
        var run = CommandLine.Shell($"C={Two}; F={Written}; $P {line}");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(Verdicts(Analysis.Report("erlang/wrong_cookie.pcap", CookieRing.Empty)), Verdicts(Again()));
    }

    [Theory]
    [Trait("Only", "test-all")]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("jsonl")]
    public void Of_several_captures_each_is_an_interface_and_handshakes_have_the_reports_numbers(string format)
    {
        var run = CommandLine.Report(Two, Wrong, "captures/erlang/ok_any_sll2.pcap", "--format", format, "--write-handshakes", Written);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(["1 captures/erlang/wrong_cookie.pcap", "2 captures/erlang/wrong_cookie.pcap", $"3 {Wrong}",
            "4 captures/erlang/ok_any_sll2.pcap"],
            Fields("frame.comment", "frame.interface_name").Select(line => line.Split('\t'))
                .Select(line => $"{line[0].Split(' ')[1].TrimEnd(':')} {line[1]}").Distinct());
        Assert.Equal(4, Again().Handshakes.Count);
    }

    [Fact]
    public void The_file_is_its_owners_and_takes_the_place_of_what_stood_there()
    {
        var precious = In("precious");
        File.WriteAllText(precious, "precious");
        File.CreateSymbolicLink(Written, precious);
        Assert.Equal(0, CommandLine.Report(Wrong, "--write-handshakes", Written).ExitCode);
        Assert.Equal("precious", File.ReadAllText(precious));
        Assert.Null(new FileInfo(Written).LinkTarget);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Written));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
        Assert.Single(Again().Handshakes);
    }

    [Theory]
    [InlineData(2, "that file is read as FILE", "$F", "$F")]
    [InlineData(2, "that file is read as FILE", "$L", "$F")]
    [InlineData(2, "that file is written as --output", "$F", "$F.txt", "-o", "$F.txt")]
    [InlineData(2, "name a file", "$F", "-")]
    [InlineData(3, "no such directory", "$F", "/no/such/folder/x.pcapng")]
    [InlineData(3, "is a directory", "$F", "/tmp")]
    public void A_failed_write_is_reported_in_one_line_and_nothing_is_lost(int exitCode, string says, string capture, string path,
        params string[] more)
    {
        File.Copy(Path.Combine(Repository.Root, Wrong), Written);
        File.CreateSymbolicLink(In("link"), Written);
        string Of(string word) => word.Replace("$F", Written, StringComparison.Ordinal).Replace("$L", In("link"), StringComparison.Ordinal);
        var run = CommandLine.Report([Of(capture), "--write-handshakes", Of(path), .. more.Select(Of)]);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, Wrong)), File.ReadAllBytes(Written));
    }

    [Fact]
    public void A_full_disk_ends_the_writing_with_one_error_and_not_the_analysis()
    {
        var run = CommandLine.Report(Two, Wrong, "-q", "--write-handshakes", "/dev/full");
        Assert.Equal((3, 1), (run.ExitCode, run.Error.Count(letter => letter == '\n')));
        Assert.Contains("/dev/full: nothing is written any more, after packet 0: No space left on device", run.Error,
            StringComparison.Ordinal);
        Assert.Contains("#3", run.Output, StringComparison.Ordinal);
        Assert.Equal(3, CommandLine.Shell($"$P report - -q --write-handshakes /dev/full --format jsonl < {Two}").ExitCode);
    }
}
