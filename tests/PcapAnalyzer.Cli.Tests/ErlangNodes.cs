using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Real Erlang nodes with a home, an EPMD and ports of their own, so that nothing else on the machine is met.</summary>
/// <remarks>A node whose host is an address runs there: on the bad cable, or where <paramref name="on"/> says.</remarks>
/// <param name="on">What goes before a command to run it on the host with that address.</param>
public sealed class ErlangNodes(Func<string, string[]>? on = null) : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("pcap-analyzer-erl-").FullName;
    private readonly List<Process> _running = [];

    public int EpmdPort { get; } = FreePort();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a node that stays, and returns its process once it said that it is ready.</summary>
    public async Task<Process> StartAsync(string name, string cookie, int port, string eval = "ok", params string[] more)
    {
        var node = Erl(name, cookie, $"{eval}, io:format(\"ready~n\").",
            [.. more, "-kernel", "inet_dist_listen_min", $"{port}", "inet_dist_listen_max", $"{port}"]);
        _running.Add(node);
        await MustSayAsync(node, "ready");
        return node;
    }

    /// <summary>Waits for a line of a node, 30 s at most.</summary>
    public static async Task MustSayAsync(Process node, string line)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromSeconds(30));
        string? said;
        do said = await node.StandardOutput.ReadLineAsync(late.Token);
        while (said != null && said != line);
        Assert.Equal(line, said);
    }

    /// <summary>Starts a node that dials another one and goes; tells what it made of it.</summary>
    public async Task<string> DialAsync(string name, string cookie, string target, params string[] more)
    {
        var node = Erl(name, cookie, $"io:format(\"~p~n\", [net_kernel:connect_node('{target}')]), halt().", more);
        _running.Add(node);
        var said = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return said.Trim().Split('\n')[^1];
    }

    /// <summary>Skips the test where there is no Erlang; under CI that is a failure.</summary>
    public static void MustBeInstalled()
    {
        try
        {
            using var erl = Process.Start(new ProcessStartInfo("erl", ["-noshell", "-eval", "halt()."]))!;
            erl.WaitForExit();
        }
        catch (Win32Exception)
        {
            Missing.Tool("erl is not installed: apt-get install erlang-base");
        }
    }

    private Process Erl(string name, string cookie, string eval, string[] more)
    {
        var host = name[(name.IndexOf('@') + 1)..];
        var isAddress = IPAddress.TryParse(host, out _);
        string[] command = [.. isAddress ? (on ?? BadCable.On)(host) : [], "erl", "-noinput", isAddress ? "-name" : "-sname", name,
            "-setcookie",
            cookie, .. more, "-eval", eval];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = _home;
        start.Environment["ERL_EPMD_PORT"] = $"{EpmdPort}";
        var names = Path.Combine(_home, "inetrc");
        File.WriteAllText(names, "{lookup,[file,native]}.\n{host,{0,0,0,0,0,0,0,1},[\"vm6\"]}.\n");
        start.Environment["ERL_INETRC"] = names;
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    public void Dispose()
    {
        foreach (var process in _running)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }
        using var epmd = Process.Start(new ProcessStartInfo("epmd", ["-port", $"{EpmdPort}", "-kill"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        epmd.WaitForExit();
        Directory.Delete(_home, recursive: true);
    }
}
