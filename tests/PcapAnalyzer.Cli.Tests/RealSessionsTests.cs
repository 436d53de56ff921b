using System.Text.Json.Nodes;
using Xunit;
using static PcapAnalyzer.Cli.Tests.RealCluster;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>Sessions of real nodes, each ended in another way, judged while the program captures and from what it kept.</summary>
[Trait("Only", "test-all")]
public sealed class RealSessionsTests(RealSessionsTests.Scenarios scenarios) : IClassFixture<RealSessionsTests.Scenarios>
{
    /// <summary>What happens to the nodes, all at once: most of it is waiting for ticks.</summary>
    public sealed class Scenarios : IAsyncDisposable
    {
        internal Task Freeze { get; } = Again(FreezeAsync);

        internal Task Isolate { get; } = Again(IsolateAsync);

        internal Task Stop { get; } = Again(() => EndAsync("TERM", "node-stopped"));

        internal Task Kill { get; } = Again(() => EndAsync("KILL", "node-died"));

        internal Task CutOneLink { get; } = Again(CutOneLinkAsync);

        /// <summary>Real nodes race: what global does may overtake what a scenario is about. Then it is played once more.</summary>
        private static Task Again(Func<Task> scenario) => Task.Run(async () =>
        {
            try
            {
                await scenario();
            }
            catch (Exception first)
            {
                TestContext.Current.SendDiagnosticMessage("played once more: {0}", first.Message);
                await scenario();
            }
        });

        public async ValueTask DisposeAsync()
        {
            foreach (var task in (Task[])[Freeze, Isolate, Stop, Kill, CutOneLink])
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [Fact]
    public Task A_frozen_node_is_told_by_both_others() => scenarios.Freeze;

    [Fact]
    public Task A_node_that_is_cut_off_is_a_split_until_the_path_heals() => scenarios.Isolate;

    [Fact]
    public Task A_node_that_is_stopped_has_stopped() => scenarios.Stop;

    [Fact]
    public Task A_node_that_is_killed_has_died() => scenarios.Kill;

    [Fact]
    public Task One_cut_link_of_three_makes_global_close_another() => scenarios.CutOneLink;

    private static async Task FreezeAsync()
    {
        using var cluster = await StartAsync("freeze", redials: false);
        cluster.Signal("bob", "STOP");
        await cluster.ToldAsync("alice bob", "open-silent");
        await cluster.ToldAsync("bob carol", "open-silent");
        await cluster.SaysAsync("alice", "lost bob");
        await cluster.SaysAsync("carol", "lost bob");
        await cluster.ToldAsync("alice bob", "peer-frozen");
        await cluster.ToldAsync("bob carol", "peer-frozen");
        await cluster.Live.WaitAsync(() => cluster.Live.LinesOf("split").Any());

        var report = await cluster.ReportAsync();
        MustBe(report, lost: ["alice bob peer-frozen", "bob carol peer-frozen"], open: ["alice carol"]);
        Assert.Matches("^alice carol [|] bob: (alice bob|bob carol) peer-frozen$",
            Says(Assert.Single(report["splits"]!.AsArray())!, report));
        foreach (var session in report["sessions"]!.AsArray().Where(session => session!["parted"] != null))
        {
            Assert.Equal("initiator", $"{session!["closedBy"]}"); // bob dialled nobody
            Assert.Contains(session["events"]!.AsArray(),
                one => $"{one!["kind"]} {one["by"]}" == "silence acceptor" && (double)one["duration"]! >= 8);
        }
    }

    private static async Task IsolateAsync()
    {
        using var cluster = await StartAsync("isolate", redials: true);
        cluster.Hosts.Cut(Bob, "0.0.0.0/0");
        await cluster.ToldAsync("alice bob", "open-silent");
        await cluster.ToldAsync("bob carol", "open-silent");
        await cluster.SaysAsync("alice", "lost bob");
        await cluster.SaysAsync("carol", "lost bob");
        await cluster.SaysAsync("bob", "alone");
        await cluster.Live.WaitAsync(() => cluster.Live.LinesOf("split").Any(split => split["healed"] == null));
        cluster.Hosts.Heal(Bob);
        await cluster.Live.WaitAsync(() => cluster.Live.LinesOf("split").Any(split => split["healed"] != null));
        await cluster.Live.WaitAsync(() => cluster.Live.LinesOf("session")
            .Where(line => line["parted"] == null && CodeOf(line) == "healthy")
            .Select(line => (int)line["id"]!).Distinct().Count() >= 5);

        var report = await cluster.ReportAsync();
        // When the path heals, a dead session's ticks may come with its FIN, and global may close the third: not always the same.
        var sessions = Sessions(report);
        Assert.NotEmpty(sessions.Open);
        Assert.Contains(sessions.Lost, lost => lost is "alice bob path-dead" or "bob carol path-dead");
        Assert.Contains(report["splits"]!.AsArray(),
            split => split!["healed"] != null && Says(split, report).EndsWith("path-dead", StringComparison.Ordinal));
    }

    private static async Task EndAsync(string signal, string code)
    {
        using var cluster = await StartAsync(code, redials: true);
        cluster.Signal("bob", signal);
        await cluster.ToldAsync("alice bob", code);
        await cluster.ToldAsync("bob carol", code);

        var report = await cluster.ReportAsync();
        MustBe(report, lost: [$"alice bob {code}", $"bob carol {code}"], open: ["alice carol"]);
        Assert.Empty(report["splits"]!.AsArray());
        Assert.All(report["sessions"]!.AsArray().Where(session => session!["parted"] != null),
            session => Assert.Equal("acceptor", $"{session!["closedBy"]}"));
    }

    /// <summary>Whichever of alice and bob misses the other first tells carol so, who then closes to the one that was missed.</summary>
    private static async Task CutOneLinkAsync()
    {
        using var cluster = await StartAsync("link", redials: false);
        cluster.Hosts.Cut(Alice, Bob);
        await cluster.ToldAsync("alice bob", "open-silent");
        await cluster.SaysAsync("alice", "lost bob");
        await cluster.SaysAsync("bob", "lost alice");
        JsonNode? Overlap() => cluster.Live.LinesOf("session").LastOrDefault(line => CodeOf(line) == "global-overlap");
        await cluster.Live.WaitAsync(() => Overlap() != null);
        await cluster.Live.WaitAsync(() => cluster.Live.LinesOf("split").Any());
        var (missed, other) = PairOf(Overlap()!) == "alice carol" ? ("alice", "bob") : ("bob", "alice");

        var report = await cluster.ReportAsync();
        MustBe(report, lost: ["alice bob path-dead", $"{missed} carol global-overlap"], open: [$"{other} carol"]);
        Assert.Equal($"{(missed == "alice" ? "alice | bob carol" : "alice carol | bob")}: alice bob path-dead",
            Says(Assert.Single(report["splits"]!.AsArray())!, report));
        Assert.Matches($"{other}@[^ ]* had lost {missed}@",
            $"{report["sessions"]!.AsArray().Single(session => CodeOf(session!) == "global-overlap")!["diagnosis"]!["summary"]}");
    }

    private static void MustBe(JsonNode report, string[] lost, string[] open)
    {
        var sessions = Sessions(report);
        Assert.Equal(lost, sessions.Lost);
        Assert.Equal(open, sessions.Open);
    }
}
