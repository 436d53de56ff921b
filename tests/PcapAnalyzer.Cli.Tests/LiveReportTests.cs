using System.Text.Json;
using System.Text.Json.Nodes;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The real libpcap on loopback, while real nodes and the simulator's connect.</summary>
public sealed class LiveReportTests : IDisposable
{
    private const string Net = "net 127.0.1.0/24 or net 127.0.2.0/24";
    private readonly string _folder = Directory.CreateTempSubdirectory("pcap-analyzer-live-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static Task PlayAsync(string row) => NodeSimulator.PlayAsync(FailureRow.All.Single(one => one.Row == row).Plays,
        TestContext.Current.CancellationToken);

    private string Ring(params (string Label, string Cookie)[] cookies)
    {
        var path = In("cookies.json");
        File.WriteAllText(path, JsonSerializer.Serialize(cookies.ToDictionary(one => one.Label, one => one.Cookie)));
        return path;
    }

    [Fact]
    [Trait("Only", "test-all")]
    public async Task A_line_appears_during_the_capture_and_ends_as_the_file_says()
    {
        ErlangNodes.MustBeInstalled();
        using var nodes = new ErlangNodes();
        var (port, kept) = (ErlangNodes.FreePort(), In("kept.pcapng"));
        var cookies = Ring(("prod", "right"), ("old", "wrong"));
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", $"tcp port {port} or tcp port {nodes.EpmdPort} or {Net}",
            "--format", "jsonl", "-w", kept, "--cookies", cookies);
        bool Told(string initiator, string verdict) => run.Lines.Any(line => (string?)line["initiator"]!["node"] == initiator
            && $"{line["outcome"]} {line["diagnosis"]!["code"]}" == verdict);

        await nodes.StartAsync("bob@localhost", "right", port);
        Assert.Equal("true", await nodes.DialAsync("alice@localhost", "right", "bob@localhost"));
        Assert.Equal("false", await nodes.DialAsync("mallory@localhost", "wrong", "bob@localhost"));
        await Task.WhenAll(PlayAsync("R1"), PlayAsync("R2"), PlayAsync("E16"));
        await run.WaitAsync(() => Told("alice@localhost", "established ok")
            && Told("mallory@localhost", "authentication-failed cookie-mismatch")
            && run.Lines.Count(line => (string?)line["protocol"] == "ractor" && (string?)line["outcome"] == "authentication-failed") >= 2
            && run.Lines.Any(line => (string?)line["diagnosis"]!["code"] == "unknown-status"));

        Assert.Equal(0, await run.EndAsync("INT"));
        run.MustSayWhatTheFileSays(kept, cookies);
    }

    [Fact]
    [Trait("Only", "test-all")]
    public async Task A_bad_cable_changes_no_reported_handshake()
    {
        ErlangNodes.MustBeInstalled();
        using var cable = new BadCable();
        using var nodes = new ErlangNodes();
        var (kept, cookies) = (In("kept.pcapng"), Ring(("prod", "right"), ("old", "wrong")));
        using var run = await LiveRun.StartOnAsync(BadCable.On(BadCable.Right), "-i", BadCable.Interface, "--format", "jsonl", "-w", kept,
            "--cookies", cookies);
        bool Told(string initiator, string verdict) => run.Lines.Any(line => (string?)line["initiator"]!["node"] == initiator
            && $"{line["outcome"]} {line["diagnosis"]!["code"]}" == verdict);

        string[] patient = ["-kernel", "net_setuptime", "60"];
        var (alice, mallory, bob) = ($"alice@{BadCable.Left}", $"mallory@{BadCable.Left}", $"bob@{BadCable.Right}");
        await nodes.StartAsync(bob, "right", ErlangNodes.FreePort(), more: patient);
        Assert.Equal("true", await nodes.DialAsync(alice, "right", bob, patient));
        Assert.Equal("false", await nodes.DialAsync(mallory, "wrong", bob, patient));
        Playbook Ractor(int port) => new($"{BadCable.Left}:0", $"{BadCable.Right}:{port}");
        Playbook[] plays =
        [
            Ractor(4400).Handshake("carol@h", "dave@h", "right").InitiatorCloses().AcceptorCloses(),
            Ractor(4401).Connect().Initiator(RactorBytes.Name("eve@h")).Acceptor(RactorBytes.Status(), RactorBytes.Challenge("dave@h", 42))
                .Initiator(RactorBytes.Reply(7, 42, "wrong")).AcceptorCloses(),
        ];
        await Task.WhenAll(plays.Select(play => NodeSimulator.PlayAsync([play], TestContext.Current.CancellationToken,
            BadCable.NewSocket)));

        await run.WaitAsync(() => Told(alice, "established ok") && Told("carol@h", "established ok")
            && Told(mallory, "authentication-failed cookie-mismatch") && Told("eve@h", "authentication-failed cookie-mismatch"));
        // The cable fails at random: run until a damaged handshake is reported.
        for (var port = 4402; !run.Lines.Any(line =>
            (int)line["connection"]!["retransmissions"]! + (int)line["connection"]!["outOfOrder"]! > 0); port++)
        {
            var initiator = $"carol{port}@h";
            await NodeSimulator.PlayAsync([Ractor(port).Handshake(initiator, "dave@h", "right").InitiatorCloses().AcceptorCloses()],
                TestContext.Current.CancellationToken, BadCable.NewSocket);
            await run.WaitAsync(() => Told(initiator, "established ok"));
        }
        Assert.Equal(0, await run.EndAsync("INT"));
        run.MustSayWhatTheFileSays(kept, cookies);
    }

    [Fact]
    public async Task Silence_is_told_of_while_it_lasts()
    {
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", Net, "--format", "jsonl");
        // The acceptor owes a status for longer than the protocol's 7 s.
        var play = NodeSimulator.PlayAsync([new Playbook("127.0.2.200:0", "127.0.1.200:9102").Connect()
            .Initiator(ErlangBytes.Name("slow@h")).Wait(9000).InitiatorCloses()], TestContext.Current.CancellationToken);
        await run.WaitAsync(() =>
            run.Lines.Any(line => (string?)line["outcome"] == "incomplete" && (string?)line["diagnosis"]!["code"] == "peer-silent"));
        await run.WaitAsync(() => run.Lines.Any(line => (string?)line["outcome"] == "closed" && (int)line["revision"]! > 1));
        await play;
        Assert.Equal(0, await run.EndAsync("TERM"));
    }

    [Fact]
    public async Task Silence_of_a_pipe_is_told_of_while_it_lasts()
    {
        var play = new Playbook().Connect().Initiator(RactorBytes.Name("slow@h"));
        var capture = new CaptureBuilder().Pcap(CaptureBuilder.Nanoseconds, link: 101);
        foreach (var packet in play.Packets) capture.Record((uint)(packet.Time / 1_000_000_000), (uint)(packet.Time % 1_000_000_000),
            packet.ToDatagram());
        using var run = LiveRun.OfPipe(capture.Bytes, "--format", "jsonl");
        await run.WaitAsync(() => run.Lines.Any(line => $"{line["outcome"]} {line["diagnosis"]!["code"]}" == "incomplete peer-silent"));
        Assert.Equal(0, await run.EndPipeAsync());
    }

    [Fact]
    public async Task Text_names_a_handshake_as_it_happens_and_the_end_tells_all()
    {
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", Net, "--cookies", Ring(("prod", "right")));
        await PlayAsync("E1");
        await run.WaitAsync(() => run.Output.Any(line => line.Contains("cookie-mismatch", StringComparison.Ordinal)));
        Assert.Equal(0, await run.EndAsync("HUP"));
        Assert.Contains(run.Output, line => line.StartsWith("1 handshake: 1 authentication-failed.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_run_leaves_a_file_that_opens_and_whole_lines()
    {
        var kept = In("kept.pcapng");
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", Net, "--format", "jsonl", "-w", kept);
        await PlayAsync("E1");
        await run.WaitAsync(() => run.Lines.Any()
            && JsonNode.Parse(CommandLine.Report(kept, "--format", "json").Output)!["handshakes"]!.AsArray().Count == 1);
        await run.EndAsync("KILL");
        Assert.All(run.Output, line => Assert.NotNull(JsonNode.Parse(line)));
        var report = CommandLine.Report(kept, "--format", "json");
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        Assert.Single(JsonNode.Parse(report.Output)!["handshakes"]!.AsArray());
    }

    [Fact]
    public async Task A_handshakes_packets_are_written_when_its_connection_is_over_and_the_rest_at_the_end()
    {
        var written = In("written.pcapng");
        string[] Verdicts() =>
            [.. Analysis.Report(written, CookieRing.Empty).Handshakes.Select(one => $"{one.Initiator.Node} {one.Outcome.Kebab()}")];
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", Net, "--format", "jsonl", "--write-handshakes", written);
        Assert.Empty(Verdicts());
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var open = NodeSimulator.PlayAsync([new Playbook("127.0.2.201:0", "127.0.1.201:9102").Erlang("open@h", "a@h").Wait(60_000)
            .InitiatorCloses()], over.Token);
        await run.WaitAsync(() => run.Lines.Any(line => (string?)line["outcome"] == "established"));
        await PlayAsync("E1");
        await run.WaitAsync(() => Verdicts().SequenceEqual(["b1@h authentication-failed"]));
        Assert.Equal(0, await run.EndAsync("INT"));
        Assert.Equal(["b1@h authentication-failed", "open@h established"], Verdicts());
        var source = Analysis.Report(written, CookieRing.Empty).Sources[0];
        Assert.Equal(("lo", 0), (Assert.Single(source.Interfaces!).Name, source.Problems.Count));
        Assert.Contains(source.Comments!, comment => comment.Text.StartsWith(
            "handshake 1: challenge-ack (digest: no-cookie) from acceptor. established, unverified (proven)", StringComparison.Ordinal));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open);
    }

    [Fact]
    public async Task A_killed_run_leaves_the_packets_of_the_handshakes_that_were_over()
    {
        var written = In("written.pcapng");
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", Net, "--write-handshakes", written);
        await PlayAsync("E1");
        await run.WaitAsync(() => new FileInfo(written).Length > 500);
        await run.EndAsync("KILL");
        var report = CommandLine.Report(written, "-q");
        Assert.Equal((0, ""), (report.ExitCode, report.Error));
        Assert.Contains("cookie-mismatch", report.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_count_a_duration_and_a_reader_that_goes_end_it()
    {
        const string Traffic = "for i in $(seq 40); do (echo >/dev/tcp/127.0.0.1/9) 2>/dev/null; sleep 0.05; done &";
        Assert.Contains("\"packets\":6", CommandLine.Shell($"{Traffic} $P report -i lo --filter 'tcp port 9' -c 6 --format json").Output,
            StringComparison.Ordinal);
        Assert.Equal(0, CommandLine.Shell("$P report -i lo --filter 'tcp port 9' --duration 0.5 -q").ExitCode);
        var gone = CommandLine.Shell($"$P report captures/rows/failure_rows.pcap -v | head -1");
        Assert.Equal((0, ""), (gone.ExitCode, gone.Error));
    }

    [Fact]
    public void A_full_disk_ends_the_writing_with_one_error_and_not_the_analysis()
    {
        if (Environment.UserName != "root") Missing.Tool("a tmpfs of our own needs root");
        var run = CommandLine.Shell($"""
            mkdir {_folder}/full && mount -t tmpfs -o size=64k none {_folder}/full || exit 9
            (while kill -0 $$ 2>/dev/null; do head -c 100000 /dev/zero >/dev/udp/127.0.0.1/9; sleep 0.01; done) 2>/dev/null &
            $P report -i lo --filter 'udp port 9' -c 400 -w {_folder}/full/kept.pcapng; code=$?
            umount -l {_folder}/full; exit $code
            """);
        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.Error.Split('\n'), line => line.Contains("nothing is written any more", StringComparison.Ordinal));
        Assert.Contains("400 packets", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Handshakes_that_could_not_be_written_are_no_success()
    {
        var run = CommandLine.Shell("$P report -i lo --filter 'tcp port 9' --duration 0.5 -q --write-handshakes /dev/full");
        if (run.Error.Contains("CAP_NET_RAW", StringComparison.Ordinal)) Missing.Tool(run.Error);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("/dev/full: nothing is written any more", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    [HardCase("packets dropped by the kernel")]
    public async Task Packets_dropped_by_the_kernel_are_reported_in_every_format()
    {
        using var run = await LiveRun.StartAsync("-i", "lo", "--filter", "udp port 9", "--buffer-size", "1", "--format", "jsonl");
        await run.SignalAsync("STOP");
        CommandLine.Shell("for i in $(seq 20); do head -c 1000000 /dev/zero >/dev/udp/127.0.0.1/9; done");
        await run.SignalAsync("CONT");
        Assert.Equal(0, await run.EndAsync("INT"));
        Assert.Matches("[1-9][0-9]* packets dropped by the kernel", run.Error);
    }

    [Theory]
    [InlineData(2, "name an interface with -i", "captures/erlang/ok.pcap", "-w", "x.pcapng")]
    [InlineData(2, "one of the two", "-i", "lo", "captures/erlang/ok.pcap")]
    [InlineData(2, "--keep needs --rotate-size", "-i", "lo", "--keep", "3", "-w", "x.pcapng")]
    [InlineData(2, "syntax error", "-i", "lo", "--filter", "tcp prot 1")]
    [InlineData(2, "above 0", "-i", "lo", "--count", "-1")]
    [InlineData(3, "no such interface; there are", "-i", "nosuch0")]
    [InlineData(3, "cannot be written", "-i", "lo", "-w", "/no/such/folder/x.pcapng")]
    public void An_impossible_command_is_refused_in_one_line(int exitCode, string says, params string[] arguments)
    {
        var run = CommandLine.Report(arguments);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    [HardCase("missing rights")]
    public void Without_the_right_to_capture_the_ways_to_it_are_named()
    {
        if (Environment.UserName != "root") Missing.Tool("dropping a capability needs root");
        var run = CommandLine.Shell("setpriv --bounding-set=-net_raw,-net_admin --inh-caps=-all --ambient-caps=-all $P report -i lo");
        Assert.Equal(3, run.ExitCode);
        foreach (var word in new[] { "lo", "CAP_NET_RAW", "setcap cap_net_raw=eip", "tcpdump" })
            Assert.Contains(word, run.Error, StringComparison.Ordinal);
        Assert.Contains("\"missingRight\"",
            CommandLine.Shell("setpriv --bounding-set=-net_raw,-net_admin --inh-caps=-all --ambient-caps=-all $P interfaces --json").Output,
            StringComparison.Ordinal);
    }
}
