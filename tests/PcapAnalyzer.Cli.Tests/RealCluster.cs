using System.Diagnostics;
using System.Text.Json.Nodes;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Three real nodes that know each other, and the program on the switch between them while something happens to bob.</summary>
internal sealed class RealCluster : IDisposable
{
    internal const string Ticktime = "8";

    internal static readonly string Bob = SwitchedHosts.Address(1);
    internal static readonly string Carol = SwitchedHosts.Address(2);
    internal static readonly string Alice = SwitchedHosts.Address(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-cluster-").FullName;
    private readonly ErlangNodes _nodes;
    private readonly Dictionary<string, Process> _running = [];
    private LiveRun? _live;

    private RealCluster(string name)
    {
        Hosts = new SwitchedHosts(name);
        _nodes = new ErlangNodes(Hosts.On);
    }

    internal SwitchedHosts Hosts { get; }

    internal LiveRun Live => _live!;

    private string Kept => Path.Combine(_folder, "kept.pcapng");

    /// <summary>Starts the program, then the nodes, and returns once each has a session with each.</summary>
    /// <param name="name">Of the hosts.</param>
    /// <param name="redials">Whether alice dials a node again and again that she lost.</param>
    internal static async Task<RealCluster> StartAsync(string name, bool redials)
    {
        ErlangNodes.MustBeInstalled();
        var cluster = new RealCluster(name);
        try
        {
            cluster._live = await LiveRun.StartOnAsync(cluster.Hosts.OnSwitch, "-i", SwitchedHosts.Interface, "--format", "jsonl", "-w",
                cluster.Kept, "--net-ticktime", Ticktime);
            await cluster.StartNodeAsync("bob", Bob, redials: false);
            await cluster.StartNodeAsync("carol", Carol, redials: false, $"bob@{Bob}");
            await cluster.StartNodeAsync("alice", Alice, redials, $"bob@{Bob}", $"carol@{Carol}");
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    /// <summary>Waits until a node says this: <c>lost NAME</c> of another one, or <c>alone</c> when that was the last.</summary>
    internal Task SaysAsync(string node, string line) => ErlangNodes.MustSayAsync(_running[node], line);

    /// <summary>TERM makes a node stop as init:stop() does.</summary>
    internal void Signal(string node, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_running[node].Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits until a line tells this of a session between two nodes.</summary>
    internal Task ToldAsync(string nodes, string code) =>
        Live.WaitAsync(() => Live.LinesOf("session").Any(line => PairOf(line) == nodes && CodeOf(line) == code));

    /// <summary>Ends the program, and reports on what it kept; its last lines must say the same.</summary>
    internal async Task<JsonNode> ReportAsync()
    {
        Assert.Equal(0, await Live.EndAsync("INT"));
        var report = JsonNode.Parse(CommandLine.Report(Kept, "--format", "json", "--net-ticktime", Ticktime).Output)!;
        foreach (var (kind, list) in ((string, string)[])[("session", "sessions"), ("split", "splits")])
        {
            var last = Live.LinesOf(kind).GroupBy(line => (int)line["id"]!).OrderBy(lines => lines.Key).Select(lines => lines.Last())
                .ToList();
            Assert.Equal(report[list]!.AsArray().OrderBy(one => (int)one!["id"]!).Select(one => WithoutNow(one!)), last.Select(WithoutNow));
        }
        return report;
    }

    /// <summary>Without how long a silence lasts at the end: a file ends with its last packet, a run when it is ended.</summary>
    private static string WithoutNow(JsonNode told)
    {
        var one = told.DeepClone();
        one["revision"] = 1;
        foreach (var side in (string[])["fromInitiator", "fromAcceptor"]) (one[side] as JsonObject)?.Remove("silenceAtEnd");
        foreach (var silence in one["events"]?.AsArray() ?? []) silence!.AsObject().Remove("duration");
        return one.ToJsonString();
    }

    /// <summary>The sessions that are over for their nodes, each as its nodes and its code; the others as nodes.</summary>
    internal static (string[] Lost, string[] Open) Sessions(JsonNode report)
    {
        var all = report["sessions"]!.AsArray().OfType<JsonNode>().ToLookup(session => session["parted"] != null);
        return ([.. all[true].Select(session => $"{PairOf(session)} {CodeOf(session)}").Order()], [.. all[false].Select(PairOf).Order()]);
    }

    /// <summary>A split's groups and its cause.</summary>
    internal static string Says(JsonNode split, JsonNode report)
    {
        var groups = split["groups"]!.AsArray().Select(group => string.Join(' ', group!.AsArray().Select(node => NameOf(node!)).Order()))
            .Order();
        var first = report["sessions"]!.AsArray().Single(session => (int)session!["id"]! == (int)split["cause"]!["session"]!)!;
        return $"{string.Join(" | ", groups)}: {PairOf(first)} {split["cause"]!["code"]}";
    }

    internal static string CodeOf(JsonNode session) => $"{session["diagnosis"]!["code"]}";

    internal static string PairOf(JsonNode session) =>
        string.Join(' ', ((string[])["initiator", "acceptor"]).Select(side => session[side]!["node"] is { } node ? NameOf(node) : "?")
            .Order());

    private static string NameOf(JsonNode node) => $"{node}".Split('@')[0];

    public void Dispose()
    {
        _live?.Dispose();
        _nodes.Dispose();
        Hosts.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A node that watches an application's process of each peer, tells which nodes it loses, and may dial those again.</summary>
    private async Task StartNodeAsync(string name, string address, bool redials, params string[] peers)
    {
        var eval = $$"""
            application:start(sasl), Self = self(), Peers = [{{string.Join(',', peers.Select(peer => $"'{peer}'"))}}],
            [true = net_kernel:connect_node(Peer) || Peer <- Peers],
            Tell = fun Tell() ->
                receive
                    {nodedown, Node} -> io:format("lost ~s~n", [hd(string:split(atom_to_list(Node), "@"))]),
                        [io:format("alone~n") || nodes() =:= []];
                    _ -> ok
                after 500 -> [net_kernel:connect_node(Peer) || {{(redials ? "true" : "false")}}, Peer <- Peers -- nodes()] end,
                Tell() end,
            spawn(fun() ->
                net_kernel:monitor_nodes(true), [erlang:monitor(process, {sasl_sup, Peer}) || Peer <- Peers],
                [pong = net_adm:ping(Peer) || Peer <- Peers],
                Self ! watching, Tell() end),
            receive watching -> ok end
            """;
        _running[name] = await _nodes.StartAsync($"{name}@{address}", "right", ErlangNodes.FreePort(), eval.ReplaceLineEndings(" "), "+S",
            "1:1", "-kernel", "net_ticktime", Ticktime);
    }
}
