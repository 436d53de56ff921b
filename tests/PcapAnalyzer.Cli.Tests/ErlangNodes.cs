using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Real Erlang nodes with a home, an EPMD and ports of their own, so that nothing else on the machine is met.</summary>
/// <remarks>A node whose host is an address of the bad cable's runs there.</remarks>
public sealed class ErlangNodes : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("pcap-analyzer-erl-").FullName;
    private readonly List<Process> _running = [];

    public ErlangNodes() => File.WriteAllText(Path.Combine(_home, "inetrc"),
        "{lookup,[file,native]}.\n{host,{0,0,0,0,0,0,0,1},[\"vm6\"]}.\n");

    public int EpmdPort { get; } = FreePort();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a node that stays, and returns once it said that it is ready.</summary>
    public async Task StartAsync(string name, string cookie, int port, string eval = "ok", params string[] more)
    {
        var node = Erl(name, cookie, $"{eval}, io:format(\"ready~n\").",
            [.. more, "-kernel", "inet_dist_listen_min", $"{port}", "inet_dist_listen_max", $"{port}"]);
        _running.Add(node);
        var said = await node.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("ready", said);
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
        string[] command = [.. isAddress ? BadCable.On(host) : [], "erl", "-noinput", isAddress ? "-name" : "-sname", name, "-setcookie",
            cookie, .. more, "-eval", eval];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = _home;
        start.Environment["ERL_EPMD_PORT"] = $"{EpmdPort}";
        start.Environment["ERL_INETRC"] = Path.Combine(_home, "inetrc");
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
