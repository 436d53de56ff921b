using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>
/// Two hosts, network namespaces, and a cable between them that loses, delays, repeats and reorders, until the test is over.
/// </summary>
internal sealed class BadCable : IDisposable
{
    internal const string Left = "10.213.78.1";
    internal const string Right = "10.213.78.2";

    /// <summary>What the interface to the cable is called on either host.</summary>
    internal const string Interface = "cable";

    private const int NetworkNamespace = 0x4000_0000;

    /// <summary>Of this run; the wire runs in a third namespace, so that nothing of the machine is touched.</summary>
    private static readonly string Name = $"pcap-analyzer-{Environment.ProcessId}";

    private readonly Process _wire;

    /// <summary>Lays it, or skips the test where that is not allowed; under CI that is a failure.</summary>
    internal BadCable()
    {
        var laid = CommandLine.Shell($$"""
            set -e
            for host in left right wire; do ip netns add {{Name}}-$host; done
            for host in left right; do
                ip link add {{Interface}} netns {{Name}}-$host type veth peer name $host netns {{Name}}-wire
                ip -n {{Name}}-wire link set $host up
                ip -n {{Name}}-$host link set lo up
                ip -n {{Name}}-$host link set {{Interface}} up
                # Else checksums stay unfilled, and segments exceed what the wire carries.
                ip netns exec {{Name}}-$host ethtool -K {{Interface}} tx off tso off gso off gro off
            done
            ip -n {{Name}}-left address add {{Left}}/24 dev {{Interface}}
            ip -n {{Name}}-right address add {{Right}}/24 dev {{Interface}}
            """);
        if (laid.ExitCode != 0)
        {
            Remove();
            Missing.Tool($"no network namespaces joined by veth can be made (that needs root, iproute2 and ethtool): {laid.Error}");
        }
        _wire = Process.Start("ip",
            ["netns", "exec", $"{Name}-wire", "python3", Path.Combine(Repository.Root, "tests/lossy_wire.py"), "left", "right",
            "--loss", "0.08", "--duplicate", "0.1", "--reorder", "0.25", "--delay", "0.02", "--seconds", "300"]);
    }

    /// <summary>What goes before a command to run it on the host with that address.</summary>
    internal static string[] On(string address) => ["ip", "netns", "exec", NamespaceOf(address)];

    /// <summary>A socket of the host with that address: it belongs to the namespace of the thread that makes it.</summary>
    internal static Socket NewSocket(IPAddress address)
    {
        Socket? socket = null;
        Exception? problem = null;
        var thread = new Thread(() =>
        {
            try
            {
                using var there = File.OpenHandle($"/run/netns/{NamespaceOf(address.ToString())}", share: FileShare.ReadWrite);
                if (setns((int)there.DangerousGetHandle(), NetworkNamespace) != 0)
                    throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
                socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            }
            catch (Exception why)
            {
                problem = why;
            }
        });
        thread.Start();
        thread.Join();
        return socket ?? throw problem!;
    }

    /// <summary>Ends whatever runs on either host, too.</summary>
    public void Dispose()
    {
        _wire.Kill();
        _wire.Dispose();
        Remove();
    }

    private static string NamespaceOf(string address) => $"{Name}-{(address == Left ? "left" : "right")}";

    private static void Remove() => CommandLine.Shell(
        $"for host in left right wire; do ip netns pids {Name}-$host | xargs -r kill -9; ip netns delete {Name}-$host; done");

    [DllImport("libc", SetLastError = true)]
    private static extern int setns(int descriptor, int type);
}
