using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Help fits the terminal, and a slip of the fingers gets a hint.</summary>
public sealed class HelpTests
{
    private const string Capture = "captures/erlang/ok.pcap";

    [Fact]
    public void The_top_page_names_the_verbs_on_one_screen()
    {
        var page = CommandLine.Start(["--help"]).Output;
        Assert.All(page.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.InRange(page.TrimEnd().Count(letter => letter == '\n') + 1, 1, 23); // the prompt stands below it
        foreach (var verb in new[] { "report FILE  ", "view FILE  ", "interfaces  ", "explain CODE  " })
            Assert.Contains($"\n  {verb}", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report")]
    [InlineData("view")]
    [InlineData("interfaces")]
    [InlineData("explain")]
    public void The_help_of_a_verb_is_wrapped(string verb) =>
        Assert.All(CommandLine.Start([verb, "--help"]).Output.Split('\n'),
            line => Assert.True(line.Length <= 80 || line.StartsWith("  pcap-analyzer ", StringComparison.Ordinal)
                || line.StartsWith("  ssh ", StringComparison.Ordinal), line));

    [Fact]
    public void The_argument_of_explain_is_called_code() =>
        Assert.Contains("pcap-analyzer explain [<CODE>]", CommandLine.Start(["explain", "--help"]).Output, StringComparison.Ordinal);

    [Fact]
    public void Help_and_explanations_fit_the_terminal()
    {
        foreach (var line in new[] { "--help", "report --help", "explain cookie-mismatch" })
        {
            var run = CommandLine.Shell($"script -qec 'stty cols 60; $P {line}' /dev/null < /dev/null");
            var lines = run.Output.Replace("\e[?1h\e=", "", StringComparison.Ordinal).Split("\r\n"); // what .NET sends to a terminal first
            Assert.Contains(lines, part => part.Length is > 50 and <= 60);
            // Quotations and the lines of examples stay whole.
            Assert.All(lines.Where(part => part.Length > 60), part => Assert.Matches("^(    |  pcap-analyzer |  s)", part));
        }
    }

    [Theory]
    [InlineData("$P C", "pcap-analyzer: C: say what to do with it: pcap-analyzer report C")]
    [InlineData("cat C | $P report", "pcap-analyzer: name a capture FILE to report on, - for standard input, or an interface with -i")]
    [InlineData("$P reprot C", "pcap-analyzer: reprot: no such command; is it report?")]
    [InlineData("$P nonsense", "pcap-analyzer: nonsense: no such command; use report, view, interfaces, explain")]
    [InlineData("$P --hepl", "pcap-analyzer: --hepl: no such option; is it --help?")]
    [InlineData("$P cookie-mismatch", "pcap-analyzer: cookie-mismatch is a diagnosis: pcap-analyzer explain cookie-mismatch")]
    [InlineData("$P explain cookie-mismach", "pcap-analyzer: cookie-mismach: no such diagnosis; is it cookie-mismatch?")]
    [InlineData("$P report C --fail-on cookie-mismach",
        "pcap-analyzer: --fail-on cookie-mismach: no such outcome or diagnosis code; is it cookie-mismatch?")]
    [InlineData("$P report C --where 'code == cookie-mismach'", "pcap-analyzer: --where: column 9: no such code; is it cookie-mismatch?")]
    [InlineData("$P report C --fromat json", "pcap-analyzer: --fromat: no such option; is it --format?")]
    [InlineData("$P report C -o -",
        "pcap-analyzer: --output -: without --output a report goes to standard output (a file of that name is ./-)")]
    [InlineData("$P report C --filter 'tcp prot 1'", "pcap-analyzer: --filter: can't parse filter expression: syntax error; "
        + "write it as for tcpdump, like 'tcp port 4400 and host 10.0.4.7'")]
    public void A_slip_gets_a_hint(string line, string hint)
    {
        var run = CommandLine.Shell(line.Replace("C", Capture, StringComparison.Ordinal));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal(hint.Replace(" C", $" {Capture}", StringComparison.Ordinal).Replace("a " + Capture, "a C", StringComparison.Ordinal),
            run.Error.Split('\n')[0]);
    }

    [Theory]
    [InlineData("--cookie-file /dev/null",
        "--cookie-file /dev/null: its first line is empty, so the cookie is empty too; is it the right file?")]
    [InlineData("--cookie-file <(echo)", "its first line is empty")]
    [InlineData("--cookie prod=secret", "--cookie takes a cookie without a label")]
    [InlineData("--cookie-file <(echo secret)", "")]
    [InlineData("--cookie c2VjcmV0Cg==", "")] // Base64 has its = at the end
    public void A_cookie_that_is_hardly_meant_is_used_and_gets_a_hint(string option, string hint)
    {
        var run = CommandLine.Shell($"$P report {Capture} -q {option}");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(hint.Length == 0, run.Error.Length == 0);
        Assert.Contains(hint, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Sentences_wrap_to_the_terminal_and_stay_whole_elsewhere()
    {
        const string Sentence = "Give both nodes the same cookie: compare the file .erlang.cookie or -setcookie on alice@localhost";
        const string Line = "$P report captures/erlang/wrong_cookie.pcap --color never --cookie secret";
        Assert.Contains($"    → {Sentence}", CommandLine.Shell(Line).Output, StringComparison.Ordinal);
        var wrapped = CommandLine.Shell($"script -qec 'stty cols 60; {Line}' /dev/null < /dev/null").Output.Split("\r\n");
        Assert.Contains("    → Give both nodes the same cookie: compare the file", wrapped);
        Assert.Contains("      .erlang.cookie or -setcookie on alice@localhost with", wrapped);
    }
}
