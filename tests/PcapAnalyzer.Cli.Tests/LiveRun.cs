using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The program while it captures: its lines as they come, until it is stopped.</summary>
internal sealed class LiveRun : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _error = new();

    private LiveRun(string[] command)
    {
        var start = new ProcessStartInfo("env", [.. CommandLine.HeedSignals, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => { if (line.Data != null) _output.Enqueue(line.Data); };
        _process.ErrorDataReceived += (_, line) => { if (line.Data != null) _error.Enqueue(line.Data); };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Error => string.Join('\n', _error);

    internal IReadOnlyList<string> Output => [.. _output];

    /// <summary>The lines of handshakes, as JSON. Sessions and splits have lines of their own.</summary>
    internal IEnumerable<JsonNode> Lines => _output.Select(line => JsonNode.Parse(line)!).Where(line => line["id"] != null);

    /// <summary>The lines of sessions, or of splits, as JSON.</summary>
    /// <param name="kind"><c>session</c> or <c>split</c>.</param>
    internal IEnumerable<JsonNode> LinesOf(string kind) => _output.Select(line => JsonNode.Parse(line)![kind]).OfType<JsonNode>();

    /// <summary>Starts it and waits until it listens; skips the test where it may not, which under CI is a failure.</summary>
    internal static Task<LiveRun> StartAsync(params string[] arguments) => StartOnAsync([], arguments);

    /// <param name="host">What goes before the command to run it elsewhere, as in <see cref="BadCable.On"/>.</param>
    /// <param name="arguments">Of the report.</param>
    internal static async Task<LiveRun> StartOnAsync(string[] host, params string[] arguments)
    {
        var run = new LiveRun([.. host, CommandLine.Program, "report", .. arguments]);
        await run.WaitAsync(() => run.Error.Contains("listening on", StringComparison.Ordinal) || run._process.HasExited);
        if (run._process.HasExited && run.Error.Contains("CAP_NET_RAW", StringComparison.Ordinal)) Missing.Tool(run.Error);
        Assert.False(run._process.HasExited, run.Error);
        return run;
    }

    /// <summary>Starts it on a pipe that has brought this much so far.</summary>
    internal static LiveRun OfPipe(byte[] capture, params string[] arguments)
    {
        var run = new LiveRun([CommandLine.Program, "report", "-", .. arguments]);
        run._process.StandardInput.BaseStream.Write(capture);
        run._process.StandardInput.BaseStream.Flush();
        return run;
    }

    /// <summary>Ends the pipe, and waits for the end.</summary>
    internal Task<int> EndPipeAsync()
    {
        _process.StandardInput.Close();
        return EndAsync();
    }

    /// <summary>Waits for what must become true, 30 s at most.</summary>
    internal async Task WaitAsync(Func<bool> isTrue)
    {
        for (var clock = Stopwatch.StartNew(); !isTrue(); await Task.Delay(50, TestContext.Current.CancellationToken))
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30),
                $"waited in vain; output:\n{string.Join('\n', _output)}\nerror:\n{Error}");
    }

    internal async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    internal async Task<int> EndAsync(string signal)
    {
        await SignalAsync(signal);
        return await EndAsync();
    }

    private async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>The last revision of each handshake is, field by field, what the report on the kept packets says.</summary>
    internal void MustSayWhatTheFileSays(string kept, string cookies)
    {
        var last = Lines.GroupBy(line => (int)line["id"]!).ToDictionary(lines => lines.Key, lines => lines.Last());
        var offline = JsonNode.Parse(CommandLine.Report(kept, "--format", "json", "--cookies", cookies).Output)!;
        Assert.Equal(last.Count, offline["handshakes"]!.AsArray().Count);
        foreach (var handshake in offline["handshakes"]!.AsArray())
        {
            var line = last[(int)handshake!["id"]!];
            line["revision"] = 1;
            Assert.True(JsonNode.DeepEquals(handshake, line), $"live {line}\noffline {handshake}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
