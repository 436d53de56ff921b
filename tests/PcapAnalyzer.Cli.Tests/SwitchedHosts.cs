using PcapAnalyzer.Testing;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Three hosts, network namespaces, on a switch, a bridge in a fourth, until the test is over.</summary>
/// <remarks>Each set of hosts has networks of its own, so that several may be there at once with the same addresses.</remarks>
internal sealed class SwitchedHosts : IDisposable
{
    /// <summary>The interface of the switch: what any two hosts send each other passes it.</summary>
    internal const string Interface = "switch";

    private readonly string _name;

    /// <summary>Makes them, or skips the test where that is not allowed; under CI that is a failure.</summary>
    /// <param name="name">Tells them from others of this run.</param>
    internal SwitchedHosts(string name)
    {
        _name = $"pcap-analyzer-{Environment.ProcessId}-{name}";
        var made = CommandLine.Shell($$"""
            set -e
            ip netns add {{_name}}-switch
            ip -n {{_name}}-switch link add {{Interface}} up type bridge
            for host in 1 2 3; do
                ip netns add {{_name}}-$host
                ip link add eth0 netns {{_name}}-$host type veth peer name port$host netns {{_name}}-switch
                ip -n {{_name}}-switch link set port$host master {{Interface}} up
                ip -n {{_name}}-$host link set lo up
                ip -n {{_name}}-$host link set eth0 up
                ip -n {{_name}}-$host address add {{Address("$host")}}/24 dev eth0
                # Else segments exceed what a network carries.
                ip netns exec {{_name}}-$host ethtool -K eth0 tso off gso off gro off
                ip netns exec {{_name}}-$host iptables -w -n -L INPUT
            done
            """);
        if (made.ExitCode == 0) return;
        Dispose();
        Missing.Tool($"no network namespaces with a bridge can be made (that needs root, iproute2, ethtool and iptables): {made.Error}");
    }

    /// <param name="host">1, 2 or 3.</param>
    internal static string Address(object host) => $"10.213.79.{host}";

    /// <summary>What goes before a command to run it on the switch.</summary>
    internal string[] OnSwitch => ["ip", "netns", "exec", $"{_name}-switch"];

    /// <summary>What goes before a command to run it on the host with that address.</summary>
    internal string[] On(string address) => ["ip", "netns", "exec", $"{_name}-{address[^1]}"];

    /// <summary>A host loses whatever it sends to another one and whatever comes from there, silently.</summary>
    /// <param name="peer">The other's address, or a network's.</param>
    internal void Cut(string address, string peer) => Iptables(address, $"-A INPUT -s {peer} -j DROP", $"-A OUTPUT -d {peer} -j DROP");

    internal void Heal(string address) => Iptables(address, "-F");

    /// <summary>Ends whatever runs on them, too.</summary>
    public void Dispose() =>
        CommandLine.Shell($"for host in 1 2 3 switch; do ip netns pids {_name}-$host | xargs -r kill -9; ip netns delete {_name}-$host; "
            + "done");

    private void Iptables(string address, params string[] rules)
    {
        foreach (var rule in rules)
        {
            var run = CommandLine.Shell($"{string.Join(' ', On(address))} iptables -w {rule}");
            if (run.ExitCode != 0) throw new InvalidOperationException($"iptables {rule}: {run.Error}");
        }
    }
}
