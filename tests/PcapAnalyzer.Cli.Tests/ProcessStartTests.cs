using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The process among its shells: signals that were ignored, standard error that takes nothing, and core dumps.</summary>
public sealed class ProcessStartTests : IDisposable
{
    private const string Capture = "captures/ractor/01_ok_new.pcap";

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-process-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_hang_up_that_nohup_ignores_stays_ignored()
    {
        var run = CommandLine.Shell($$"""
            mkfifo {{_folder}}/in {{_folder}}/out
            env --ignore-signal=HUP $P report {{_folder}}/in --format jsonl > {{_folder}}/out & pid=$!
            exec 9< {{_folder}}/out 8> {{_folder}}/in
            cat {{Capture}} >&8; read -t 30 -u 9 line; kill -HUP $pid; sleep 0.5; exec 8>&-; cat <&9; wait $pid
            """);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData("2</dev/null")]
    public void Standard_error_that_takes_nothing_ends_nothing(string error)
    {
        Assert.Equal(3, CommandLine.Shell($"$P report no-such.pcap {error}").ExitCode);
        Assert.Equal(2, CommandLine.Shell($"$P report --no-such-option {error}").ExitCode);
        var whole = CommandLine.Report(Capture, "-q").Output;
        var cut = CommandLine.Shell($"head -c -1 {Capture} | $P report - -q {error}");
        Assert.Equal((0, ""), (cut.ExitCode, cut.Error));
        Assert.Contains("established", cut.Output, StringComparison.Ordinal);
        // The file may get the descriptor that is free: no message goes into it.
        Assert.Equal(0, CommandLine.Shell($"$P report {Capture} -q --cookie-file /dev/null -o {_folder}/r {error}").ExitCode);
        Assert.Equal(CommandLine.Report(Capture, "-q", "--cookie-file", "/dev/null").Output, File.ReadAllText($"{_folder}/r"));
        Assert.NotEqual("", whole);
    }

    [Fact]
    public void A_core_dump_never_holds_a_cookie()
    {
        const string Ended = "did not dump core";
        // The first signal may be taken by the runtime, which then takes its handler away.
        string Abort(string command) => CommandLine.Shell($$"""
            cd {{_folder}}; ulimit -c unlimited || exit 9; mkfifo in; exec 8<> in
            {{command}} & pid=$!; sleep 2; while kill -ABRT $pid 2>/dev/null; do sleep 0.2; done; wait $pid; echo {{Ended}}; rm -f core* in
            """).Error;
        if (!Abort("sleep 60").Contains("core dumped", StringComparison.Ordinal)) Missing.Tool("no process dumps core here");
        Assert.DoesNotContain("core dumped", Abort("$P report in --cookie secret"), StringComparison.Ordinal);
    }
}
