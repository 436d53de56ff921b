using System.Text.Json;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The program from end to end, as a process.</summary>
public sealed class ReportCommandTests : IDisposable
{
    private const string Ok = "captures/ractor/01_ok_new.pcap";
    private const string Wrong = "captures/ractor/02_wrong_cookie_new.pcap";
    private const string Sample = "captures/ractor/15_dribble_proxy_new.pcap";
    private const string Cookies = "captures/ractor/sample-cookies.json";

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static string Verdicts(Run run)
    {
        using var json = JsonDocument.Parse(run.Output);
        var digests = json.RootElement.GetProperty("handshakes")[0].GetProperty("digests").EnumerateArray();
        return string.Join(' ', digests.Select(digest => digest.GetProperty("verdict")
            .GetString() + (digest.TryGetProperty("cookie", out var label) ? $":{label.GetString()}" : "")));
    }

    [Fact]
    public void The_sample_is_reported_with_its_cookies()
    {
        var run = CommandLine.Report(Sample, "--cookies", Cookies);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("authentication-failed  cookie-mismatch", run.Output, StringComparison.Ordinal);
        Assert.Contains("proof ✓ cluster", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Output);
    }

    [Fact]
    public void Json_is_the_same_as_in_process()
    {
        var run = CommandLine.Report(Ok, "--format", "json");
        Assert.Equal(Analysis.Json(Analysis.Report("ractor/01_ok_new.pcap", CookieRing.Empty)),
            Analysis.Indented(System.Text.Encoding.UTF8.GetBytes(run.Output)));
    }

    [Theory]
    [InlineData("s3cret-cookie", "verified:file verified:file")]
    [InlineData("s3cret-cookie\n", "verified:file verified:file")]
    [InlineData("s3cret-cookie\r\nmore", "verified:file verified:file")]
    [InlineData("s3cret-cookie ", "mismatch mismatch")]
    public void A_cookie_file_is_read_as_Erlang_reads_it(string content, string verdicts) =>
        Assert.Equal(verdicts, Verdicts(CommandLine.Report(Ok, "--format", "json", "--cookie-file", $"file={Write("cookie", content)}")));

    [Fact]
    public void A_cookie_file_without_a_label_is_called_by_its_name() =>
        Assert.Equal("verified:.cookie verified:.cookie",
            Verdicts(CommandLine.Report(Ok, "--format", "json", "--cookie-file", Write(".cookie", "s3cret-cookie"))));

    [Fact]
    public void A_cookie_may_come_by_option_or_environment()
    {
        Assert.Equal("verified:cookie verified:cookie", Verdicts(CommandLine.Report(Ok, "--format", "json", "--cookie", "s3cret-cookie")));
        Assert.Equal("verified:environment verified:environment",
            Verdicts(CommandLine.Start(["report", Ok, "--format", "json"], ("PCAP_ANALYZER_COOKIE", "s3cret-cookie"))));
        Assert.Equal("no-cookie no-cookie", Verdicts(CommandLine.Report(Ok, "--format", "json")));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public void No_output_shows_a_cookie(string format)
    {
        var run = CommandLine.Report(Wrong, "--format", format, "-v", "--cookie", "s3cret-cookie", "--cookie", "guessed");
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain("s3cret", run.Output + run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("guessed", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_ring_is_refused_without_quoting_it()
    {
        var run = CommandLine.Report(Ok, "--cookies", Write("ring.json", "{ \"prod\": s3cret-cookie }"));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("ring.json: is no JSON object", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "established")]
    [InlineData(1, "authentication-failed")]
    [InlineData(1, "closed,authentication-failed")]
    [InlineData(1, "any")]
    public void Fail_on_chooses_what_makes_the_exit_code_1(int exitCode, string outcomes) =>
        Assert.Equal(exitCode, CommandLine.Report(Wrong, "--fail-on", outcomes).ExitCode);

    [Fact]
    public void An_established_handshake_is_no_trouble() => Assert.Equal(0, CommandLine.Report(Ok, "--fail-on", "any").ExitCode);

    [Fact]
    public void Output_goes_to_a_file_that_only_its_owner_reads()
    {
        var path = Path.Combine(_folder, "report.json");
        var run = CommandLine.Report(Ok, "--format", "json", "-o", path);
        Assert.Equal((0, "", ""), (run.ExitCode, run.Output, run.Error));
        Assert.StartsWith("{", File.ReadAllText(path), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Quiet_has_one_line_each_and_verbose_shows_every_field()
    {
        var lines = CommandLine.Report(Sample, "-q").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((4, 2), (lines.Count(IsHandshake), lines.Count(line => !IsHandshake(line))));
        Assert.Contains("connectionId = 0x918c3efeb81371c0", CommandLine.Report(Ok, "-v").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_and_protocols_narrow_what_is_looked_at()
    {
        static int Handshakes(params string[] options) =>
            CommandLine.Report([Sample, "-q", .. options]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(IsHandshake);
        Assert.Equal(2, Handshakes("--port", "7400"));
        Assert.Equal(4, Handshakes("--port", "7400", "--port", "7401"));
        Assert.Equal(4, Handshakes("--protocol", "ractor"));
    }

    private static bool IsHandshake(string line) => !line.Contains("session", StringComparison.Ordinal);

    [Fact]
    public void A_filter_narrows_what_is_read() => Assert.Single(CommandLine.Report("captures/ractor/07_ipv6_new.pcap", "-q", "--filter",
        "ip").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), IsHandshake);

    [Fact]
    public void Colour_comes_when_asked_for_and_glyphs_go_when_the_locale_has_none()
    {
        Assert.Contains('\e', CommandLine.Report(Ok, "--color", "always").Output);
        Assert.All(CommandLine.Report(Ok, "--ascii").Output, letter => Assert.InRange(letter, '\n', '~'));
        Assert.All(CommandLine.Start(["report", Wrong, "-q"], ("LC_ALL", "POSIX")).Output, letter => Assert.InRange(letter, '\n', '~'));
    }

    [Fact]
    public void A_ladder_stands_in_place_of_the_messages_and_is_80_cells_wide_in_a_pipe()
    {
        var text = CommandLine.Report(Wrong, "--ladder").Output;
        Assert.Contains("│◄╌ FIN  acceptor closed, no ack sent ╌╌", text, StringComparison.Ordinal);
        Assert.DoesNotContain("challenge-reply  ", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n').Where(line => line.Contains("►│", StringComparison.Ordinal)), line => Assert.Equal(78, line.Length));
        Assert.All(CommandLine.Report(Wrong, "--ladder", "--ascii").Output, letter => Assert.InRange(letter, '\n', '~'));
        Assert.Contains("\e[1;31m  acceptor closed", CommandLine.Report(Wrong, "--ladder", "--color", "always").Output,
            StringComparison.Ordinal);
        Assert.Equal(2, CommandLine.Report(Wrong, "--ladder", "-q").ExitCode);
    }

    [Fact]
    [HardCase("file cut in the middle of a record")]
    public void A_file_cut_mid_record_is_reported_as_far_as_it_goes()
    {
        var path = Path.Combine(_folder, "cut.pcap");
        File.WriteAllBytes(path, File.ReadAllBytes(Path.Combine(Repository.Root, Ok))[..1800]);
        var run = CommandLine.Report(path, "--format", "json");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("truncated mid-record", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"truncated-file\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"challenge-ack\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("jsonl")]
    public void Several_files_are_one_report_in_their_order(string format)
    {
        var run = CommandLine.Report("captures/erlang/wrong_cookie.pcap", Ok, "captures/erlang/ok.pcap", "--format", format);
        var handshakes = format == "json"
            ? JsonDocument.Parse(run.Output).RootElement.GetProperty("handshakes").EnumerateArray().ToList()
            : [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Where(
                line => line.TryGetProperty("id", out _)).GroupBy(line => line.GetProperty("id").GetInt32()).Select(lines => lines.Last())];
        Assert.Equal(["1 1", "2 1", "3 2", "4 3"],
            handshakes.Select(handshake => $"{handshake.GetProperty("id")} {handshake.GetProperty("source")}"));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public void One_of_several_files_that_cannot_be_read_is_named_and_the_others_are_reported()
    {
        var run = CommandLine.Report(Ok, "no-such.pcap", "captures/erlang/ok.pcap", "-q");
        Assert.Equal((3, 1), (run.ExitCode, run.Error.Count(letter => letter == '\n')));
        Assert.Contains("no-such.pcap: no such file", run.Error, StringComparison.Ordinal);
        Assert.Contains("#2", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Schema_and_version_are_printed()
    {
        Assert.Contains("\"title\": \"pcap-analyzer report\"", CommandLine.Report("--schema").Output, StringComparison.Ordinal);
        Assert.Equal(JsonReport.Version, CommandLine.Start(["--version"]).Output.Trim());
    }

    [Fact]
    public void A_reader_that_goes_away_is_no_error()
    {
        var run = CommandLine.Shell("$P report captures/ractor/05_simultaneous_new.pcap -v | head -1 >/dev/null; "
            + "[ ${PIPESTATUS[0]} = 0 -o ${PIPESTATUS[0]} = 141 ]");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }
}
