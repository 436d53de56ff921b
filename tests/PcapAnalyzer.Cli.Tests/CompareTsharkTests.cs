using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

public sealed class CompareTsharkTests
{
    /// <summary>
    /// The counts of sessions, and what tshark decodes of their handshakes; <c>make compare-tshark</c> compares more captures.
    /// </summary>
    [Fact]
    [Trait("Only", "test-all")]
    public void Tshark_counts_the_same_ticks_and_messages()
    {
        if (CommandLine.Shell("command -v tshark").ExitCode != 0) Missing.Tool("tshark is not installed");
        var run = CommandLine.Shell("tests/compare-tshark $P captures/erlang-sessions");
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Matches("(?m)^idle[^ ]* +22 [+] 28 +22 [+] 28 *$", run.Output);
    }
}
