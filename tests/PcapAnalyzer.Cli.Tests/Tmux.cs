using System.Diagnostics;
using System.Text.RegularExpressions;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>A shell in a real terminal: keys go in, and what stands on the screen is waited for.</summary>
internal sealed class Tmux : IDisposable
{
    private readonly string _socket = $"pcap-analyzer-{Guid.NewGuid():N}";
    private int _runs;

    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="folder">Where the shell stands.</param>
    internal Tmux(int width, int height, string folder)
    {
        if (CommandLine.Shell("command -v tmux").ExitCode != 0) Missing.Tool("tmux is not installed: apt-get install tmux");
        Do("-f", "/dev/null", "new-session", "-d", "-x", $"{width}", "-y", $"{height}", "-c", folder,
            "-e", $"P={CommandLine.Program}", "-e", $"C={Repository.Captures}", "-e", "LC_ALL=C.UTF-8", "-e", "COLORTERM=truecolor", "-e",
                "HISTFILE=", "bash --norc --noprofile");
        Do("set-option", "-s", "escape-time", "10");
        Do("set-option", "remain-on-exit", "on");
    }

    /// <summary>The screen's text, with colours as escape sequences and spaces up to the edge where they are wanted.</summary>
    internal string Screen(bool withColours = false) => Do(["capture-pane", "-p", .. withColours ? ["-e", "-N"] : Array.Empty<string>()]);

    /// <summary>Whether the alternate screen, the cursor and the mouse are on: <c>0 1 0</c> where a shell has the terminal.</summary>
    internal string Modes => Do("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").Trim();

    /// <summary>The shell's process.</summary>
    internal int ProcessId => int.Parse(Do("display-message", "-p", "#{pane_pid}"), null);

    internal void Type(string text) => Do("send-keys", "-l", text);

    /// <summary>Keys by tmux's names: <c>Enter</c>, <c>C-c</c>, <c>j</c>.</summary>
    internal void Press(params string[] keys) => Do(["send-keys", .. keys]);

    internal void Resize(int width, int height) => Do("resize-window", "-x", $"{width}", "-y", $"{height}");

    /// <summary>Takes the terminal away.</summary>
    internal void Kill() => Do("kill-server");

    /// <summary>Has the shell run a line, and then say how it ended.</summary>
    internal void Run(string line)
    {
        Type($"clear; {line}; echo end {++_runs}: $?");
        Press("Enter");
    }

    /// <summary>The line has ended, whichever way.</summary>
    internal bool HasEnded => Regex.IsMatch(Screen(), $"end {_runs}: [0-9]");

    /// <summary>Waits for the end of the line, 30 s at most.</summary>
    internal Task WaitForEndAsync(int exitCode) => WaitAsync($"end {_runs}: {exitCode}\n");

    /// <summary>Waits for a text on the screen, 30 s at most.</summary>
    internal Task WaitAsync(string text) => WaitAsync(screen => screen.Contains(text, StringComparison.Ordinal), text);

    internal async Task WaitAsync(Func<string, bool> isThere, string what)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var screen = Screen();
            if (isThere(screen)) return;
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"waited in vain for {what}:\n{screen}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the shell has the terminal again, as it was before.</summary>
    internal async Task EndAsync(int exitCode)
    {
        await WaitForEndAsync(exitCode);
        Assert.Equal("0 1 0", Modes);
        Run("stty -a | grep -ow -e -echo -e -icanon -e -isig -e -opost -e -ixon | wc -l");
        await WaitForEndAsync(0);
        Assert.StartsWith("0\nend", Screen(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        using var kill = Process.Start(new ProcessStartInfo("tmux", ["-L", _socket, "kill-server"]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    private string Do(params string[] arguments)
    {
        string[] command = ["env", .. CommandLine.HeedSignals, "tmux", "-L", _socket, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in (string[])["TMUX", "NO_COLOR", "PCAP_ANALYZER_COOKIE"]) start.Environment.Remove(name);
        using var tmux = Process.Start(start)!;
        var error = tmux.StandardError.ReadToEndAsync();
        var output = tmux.StandardOutput.ReadToEnd();
        tmux.WaitForExit();
        Assert.True(tmux.ExitCode == 0, $"tmux {string.Join(' ', arguments)}: {error.GetAwaiter().GetResult()}");
        return output;
    }
}
