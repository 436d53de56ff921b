using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PcapAnalyzer.Testing;
using PcapAnalyzer.Tui;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The screen as an operator has it: a real terminal, keys, and what stands there then.</summary>
public sealed partial class ViewTests : IDisposable
{
    private const string Rows = "$C/rows/failure_rows.pcap";

    /// <summary>Two attempts: with the wrong cookie, and with the one the other node has.</summary>
    private const string Overlay = "$C/operators/encap_vxlan.pcap";

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-view-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Tmux Terminal(int width = 80, int height = 24) => new(width, height, _folder);

    /// <summary>Starts view on a file, and waits until it is read.</summary>
    private async Task<Tmux> OpenAsync(string line = $"$P view {Rows}", string until = "354 packets")
    {
        var terminal = Terminal();
        terminal.Run(line);
        await terminal.WaitAsync(until);
        return terminal;
    }

    /// <summary>Starts view on loopback; skips the test where it may not, which under CI is a failure.</summary>
    private async Task<Tmux> CaptureAsync(string filter, int width = 80, int height = 24)
    {
        var terminal = Terminal(width, height);
        terminal.Run($"$P view -i lo --filter '{filter}' --cookie nope");
        try
        {
            await terminal.WaitAsync(screen => screen.Contains("Nothing arrives yet", StringComparison.Ordinal) || terminal.HasEnded,
                "the screen");
            if (terminal.Screen().Contains("CAP_NET_RAW", StringComparison.Ordinal)) Missing.Tool(terminal.Screen());
            return terminal;
        }
        catch
        {
            terminal.Dispose();
            throw;
        }
    }

    public static TheoryData<string, int, int> Sources
    {
        get
        {
            var all = new TheoryData<string, int, int>();
            foreach (var source in (string[])[$"$P view {Overlay}", $"cat {Overlay} | $P view -",
                $"$P view - < <(cat {Overlay}; exec sleep 100)"])
            {
                all.Add(source, 80, 24);
                all.Add(source, 200, 50);
            }
            return all;
        }
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Sources))]
    public async Task The_wrong_cookie_is_found_the_right_one_added_and_the_report_saved(string source, int width, int height)
    {
        using var terminal = Terminal(width, height);
        terminal.Run(source.Replace("view", "view --cookie nope", StringComparison.Ordinal));
        await terminal.WaitAsync("96 packets");
        await JourneyAsync(terminal, "shop@db-1", "prodcookie", 2);
        if (source.Contains("sleep", StringComparison.Ordinal))
        {
            terminal.Press("C-c");
            await terminal.WaitAsync("■ stopped");
        }
        terminal.Press("q");
        if (source.Contains("view -", StringComparison.Ordinal))
        {
            await terminal.WaitAsync("q again quits"); // the packets of a pipe are in no file
            terminal.Press("q");
        }
        await terminal.EndAsync(0);
    }

    [Theory]
    [Trait("Only", "test-all")]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    public async Task Live_two_real_nodes_are_seen_to_fail_and_to_connect(int width, int height)
    {
        ErlangNodes.MustBeInstalled();
        using var nodes = new ErlangNodes();
        var port = ErlangNodes.FreePort();
        using var terminal = await CaptureAsync($"tcp port {port}", width, height);
        await nodes.StartAsync("bob@localhost", "right", port);
        Assert.Equal("false", await nodes.DialAsync("mallory@localhost", "wrong", "bob@localhost"));
        Assert.Equal("true", await nodes.DialAsync("alice@localhost", "right", "bob@localhost"));
        await terminal.WaitAsync("✗ 1   2 handshakes");
        await JourneyAsync(terminal, "mallory@localhost", "right", 2);

        terminal.Press("q");
        await terminal.WaitAsync("q again quits");
        Assert.StartsWith("1", terminal.Modes, StringComparison.Ordinal);
        terminal.Press("q");
        await terminal.EndAsync(0);
    }

    /// <summary>Finds the failed handshake, gives the cookie that the other one used, filters, saves.</summary>
    private async Task JourneyAsync(Tmux terminal, string wrong, string cookie, int handshakes)
    {
        terminal.Press("g");
        terminal.Press("n");
        await terminal.WaitAsync($"#1 {wrong} →");
        await terminal.WaitAsync("cookie-mismatch   ");
        await terminal.WaitAsync("→ Give both nodes the same cookie");

        terminal.Press("c");
        await terminal.WaitAsync("Add a cookie");
        terminal.Type(cookie);
        await terminal.WaitAsync($"{cookie.Length} characters");
        Assert.DoesNotContain(cookie, terminal.Screen(), StringComparison.Ordinal);
        terminal.Press("Enter");
        await terminal.WaitAsync("#2 now verified with cookie-2");
        await terminal.WaitAsync(screen => Regex.IsMatch(screen, @"✓✓ +[a-z]"), "two proofs");

        terminal.Press("/");
        terminal.Type("outcome == established");
        terminal.Press("Enter");
        await terminal.WaitAsync($"1 of {handshakes}");
        Assert.DoesNotContain("✗·", terminal.Screen().Split("─┤#")[0], StringComparison.Ordinal);

        terminal.Press("w", "r");
        await terminal.WaitAsync("Save the report as JSON");
        terminal.Press("Enter");
        await terminal.WaitAsync("Saved to");
        var report =
            JsonNode.Parse(File.ReadAllText(Assert.Single(Directory.GetFiles(_folder, "*-report.json"))))!["handshakes"]!.AsArray();
        Assert.Equal(["cookie-mismatch", "ok"], report.Select(one => (string?)one!["diagnosis"]!["code"]));
        Assert.All(report[1]!["digests"]!.AsArray(),
            digest => Assert.Equal(("verified", "cookie-2"), ((string?)digest!["verdict"], (string?)digest["cookie"])));
    }

    [Fact]
    public async Task The_capture_is_not_saved_over()
    {
        var capture = Path.Combine(_folder, "x-report.json"); // what the screen proposes
        File.Copy(Path.Combine(Repository.Root, "captures/ractor/01_ok_new.pcap"), capture);
        File.CreateSymbolicLink(Path.Combine(_folder, "x"), capture);
        using var terminal = await OpenAsync("$P view x", "1 handshake");
        terminal.Press("w", "r");
        await terminal.WaitAsync("Save the report as JSON");
        terminal.Press("Enter");
        await terminal.WaitAsync("enter again replaces it");
        terminal.Press("Enter");
        await terminal.WaitAsync("that file is read as FILE x");
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Root, "captures/ractor/01_ok_new.pcap")), File.ReadAllBytes(capture));
    }

    [Fact]
    public async Task Without_colour_no_sequence_of_a_colour_is_sent()
    {
        using var terminal = await OpenAsync($"NO_COLOR=1 $P view {Rows}");
        Assert.All(Style().Matches(terminal.Screen(withColours: true)).SelectMany(match => match.Groups[1].Value.Split(';')),
            code => Assert.Contains(code, (string[])["", "0", "1", "7", "39", "49"]));
        Assert.Contains("▸Handshakes", terminal.Screen(), StringComparison.Ordinal);
        terminal.Press("q");
        await terminal.EndAsync(0);
        terminal.Run($"$P view {Rows}");
        await terminal.WaitAsync("354 packets");
        Assert.Contains("\e[38;2;", terminal.Screen(withColours: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$P view CAPTURE --cookie x --theme dark --local-time --filter tcp 2>SAID | cat", "standard output is no terminal")]
    [InlineData("script -qec 'TERM=dumb $P view CAPTURE --local-time --theme=dark --cookie x --filter tcp 2>SAID' /dev/null < /dev/null | "
        + "tr -d '\\r'", "TERM=dumb")]
    [HardCase("no terminal")]
    public void Without_a_usable_terminal_the_report_comes_with_a_hint(string line, string why)
    {
        string Of(string text) => text.Replace("CAPTURE", "captures/erlang/wrong_cookie.pcap", StringComparison.Ordinal)
            .Replace("SAID", $"{_folder}/error", StringComparison.Ordinal);
        var report = CommandLine.Shell(Of("NO_COLOR=1 $P report CAPTURE --cookie x --filter tcp"));
        var run = CommandLine.Shell(Of($"export NO_COLOR=1; set -o pipefail; {line}"));
        // A terminal's lines are wrapped.
        string Words(string text) => string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((0, Words(report.Output)), (run.ExitCode, Words(run.Output)));
        Assert.Contains("cookie-mismatch", run.Output, StringComparison.Ordinal);
        Assert.Matches($"^pcap-analyzer: .*{why}.*\n$", File.ReadAllText($"{_folder}/error"));
    }

    [Fact]
    public void Errors_in_a_pipe_are_those_of_report()
    {
        var run = CommandLine.Shell("$P view none.pcap | cat; exit ${PIPESTATUS[0]}");
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.EndsWith("none.pcap: no such file; check the path\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, CommandLine.Shell("$P view | cat; exit ${PIPESTATUS[0]}").ExitCode);
        Assert.Contains("and there is none", CommandLine.Shell(
            "script -qec 'cat captures/erlang/ok.pcap | setsid -w $P view -' /dev/null < /dev/null").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$P view none.pcap", "none.pcap: no such file")]
    [InlineData("$P view $C", "is a directory")]
    [InlineData("$P view -", "standard input is the terminal")]
    [InlineData("$P view $C/erlang/ok.pcap --filter 'tcp prot'", "syntax error")]
    public async Task A_wrong_name_is_told_before_the_screen_comes(string line, string says)
    {
        using var terminal = Terminal(200);
        terminal.Run(line);
        await terminal.WaitAsync(_ => terminal.HasEnded, "its end");
        Assert.Contains(says, terminal.Screen(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$P view $C/README.md", "is not a capture file")]
    [InlineData("$P view - < /dev/null", "standard input: is empty")]
    public async Task A_problem_of_reading_is_shown_on_the_screen_and_after_it(string line, string says)
    {
        using var terminal = await OpenAsync(line, says);
        terminal.Press("q");
        await terminal.WaitForEndAsync(3);
        Assert.Contains(says, terminal.Screen(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_that_is_silent_at_first_does_not_keep_the_screen_waiting()
    {
        using var terminal = await OpenAsync($"mkfifo pipe; $P view - < <(cat pipe; exec sleep 100)", "Nothing arrives yet");
        Assert.Equal(0, CommandLine.Shell($"cat {Rows.Replace("$C", "captures", StringComparison.Ordinal)} > {_folder}/pipe").ExitCode);
        await terminal.WaitAsync("354 packets");
        terminal.Press("Q");
        await terminal.WaitAsync("Unsaved packets: Q again quits, w a saves them");
        terminal.Press("Q");
        await terminal.EndAsync(0);
        terminal.Run("$P view - < <(exec sleep 100)");
        await terminal.WaitAsync("Nothing arrives yet");
        terminal.Press("C-c");
        await terminal.WaitAsync("stopped before anything came");
        terminal.Press("q");
        await terminal.EndAsync(3);
    }

    [Fact]
    [HardCase("terminal of any size, and its changes")]
    public async Task It_lives_through_every_size()
    {
        using var terminal = Terminal(52, 12);
        terminal.Run($"$P view {Rows}");
        await terminal.WaitAsync("60x15 needed, this is 52x12");
        foreach (var (width, height, says) in ((int, int, string)[])[(60, 15, "─┤Handshakes├"), (80, 24, "cookie-mismatch  "),
            (200, 50, "─┤Fields"), (30, 5, "needed"), (132, 30, "─┤Fields"), (80, 24, "n  next problem")])
        {
            terminal.Resize(width, height);
            await terminal.WaitAsync(says);
            await terminal.WaitAsync(screen => screen.TrimEnd('\n').Split('\n').All(row => row.Length <= width), "rows that fit");
        }
        terminal.Press("q");
        await terminal.EndAsync(0);
    }

    [Fact]
    public async Task Ctrl_C_stops_a_capture_and_keeps_the_screen_and_twice_leaves()
    {
        using var terminal = await CaptureAsync("udp port 39009"); // nobody else's: other tests send on loopback too
        CommandLine.Shell("echo >/dev/udp/127.0.0.1/39009");
        await terminal.WaitAsync("1 packets");
        terminal.Press("C-c");
        await terminal.WaitAsync("■ stopped");
        Assert.StartsWith("1", terminal.Modes, StringComparison.Ordinal);
        terminal.Press("C-c");
        await terminal.EndAsync(0);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    [InlineData("INT")]
    [HardCase("signal, suspension, a terminal that goes")]
    public async Task A_signal_leaves_the_terminal_as_it_was(string signal)
    {
        using var terminal = await OpenAsync($"sh -c 'echo $$ > pid; exec $P view {Rows}'");
        terminal.Press("?"); // with something open
        await terminal.WaitAsync("─┤Keys├".TrimStart('─'));
        CommandLine.Shell($"kill -{signal} $(cat {_folder}/pid)");
        await terminal.EndAsync(130);
    }

    [Fact]
    [HardCase("signal, suspension, a terminal that goes")]
    public async Task The_program_ends_with_its_terminal()
    {
        using var terminal = await OpenAsync($"sh -c 'echo $$ > pid; exec $P view {Rows}'");
        terminal.Kill();
        // Ended, though nobody may be there to take note of it.
        Assert.Equal(0, CommandLine.Shell($"for i in $(seq 250); do grep -qs 'State:.[^Z]' /proc/$(cat {_folder}/pid)/status || exit 0; "
            + "sleep 0.1; done; exit 1").ExitCode);
    }

    [Fact]
    public async Task A_screen_that_breaks_gives_the_terminal_back()
    {
        using var terminal = Terminal(200);
        terminal.Run($"{AppContext.BaseDirectory}PcapAnalyzer.Cli.Tests -explicit only -method '*.{nameof(Breaks_a_screen)}' -noColor");
        await terminal.WaitForEndAsync(1);
        Assert.Contains("NullReferenceException", terminal.Screen(), StringComparison.Ordinal);
        await terminal.EndAsync(1);
    }

    /// <summary>For the test above, which runs it in a terminal: there is nothing to show once the terminal is taken.</summary>
    [Fact(Explicit = true)]
    public void Breaks_a_screen() => TimelineScreen.Run(null!, null!, "dark", isLocal: false, CancellationToken.None);

    [Fact]
    public async Task Times_are_UTC_and_local_ones_by_option_or_key()
    {
        using var terminal = await OpenAsync($"TZ=Asia/Kolkata $P view {Rows} --local-time");
        await terminal.WaitAsync("   local▴");
        terminal.Press("Z");
        await terminal.WaitAsync("   UTC▴");
        terminal.Press("Z");
        await terminal.WaitAsync("Times are local: Asia/Kolkata");
        terminal.Press("q");
        await terminal.EndAsync(0);
    }

    [Fact]
    [HardCase("signal, suspension, a terminal that goes")]
    public async Task Ctrl_Z_goes_back_to_the_shell_and_fg_returns()
    {
        using var terminal = await OpenAsync();
        terminal.Press("C-z");
        await terminal.EndAsync(148);
        terminal.Run("fg");
        await terminal.WaitAsync("354 packets");
        terminal.Press("j");
        await terminal.WaitAsync("─┤#2 ");
        terminal.Press("q");
        await terminal.EndAsync(0);
    }

    [GeneratedRegex(@"\e\[([\d;]*)m")]
    private static partial Regex Style();
}
