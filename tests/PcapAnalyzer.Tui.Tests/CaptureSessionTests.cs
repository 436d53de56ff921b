using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>What the screen is told of a capture, while it is read and after.</summary>
public sealed class CaptureSessionTests
{
    private const string Capture = "rows/failure_rows.pcap";

    [Fact]
    public void The_screen_is_told_what_the_report_says()
    {
        using var run = new Run(HeldInput.FramesOf(Capture), Analysis.TrueCookies(Capture));
        run.End();
        Assert.Equal(Verdicts(Analysis.Report(Capture, Analysis.TrueCookies(Capture)).Handshakes), Verdicts(run.Told));
    }

    /// <summary>Wherever in a capture the cookies come: in the end it is as if they had been there from the beginning.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(150)]
    [InlineData(10_000)]
    public void Cookies_added_while_frames_flow_judge_everything_again(int frames)
    {
        var ring = Analysis.TrueCookies(Capture);
        using var run = new Run(HeldInput.FramesOf(Capture), CookieRing.Empty);
        run.Input.Give(frames);
        foreach (var cookie in ring.Cookies)
        {
            run.Session.Add(cookie);
            run.Session.Rejudge();
            run.Take();
            // What was decided by now is judged with it already.
            Assert.Equal(Verdicts(run.Session.Report().Handshakes.Where(report => run.Latest.ContainsKey(report.Id))), Verdicts(run.Told));
        }
        run.End();
        Assert.Equal(Verdicts(Analysis.Report(Capture, ring).Handshakes), Verdicts(run.Told));
    }

    [Fact]
    public void Cookies_added_during_reads_never_leave_an_older_verdict_last()
    {
        var ring = Analysis.TrueCookies(Capture);
        using var run = new Run(HeldInput.FramesOf(Capture), CookieRing.Empty);
        run.Input.GiveAll();
        foreach (var cookie in ring.Cookies) run.Session.Add(cookie);
        run.Session.Rejudge();
        run.End();
        Assert.Equal(Verdicts(Analysis.Report(Capture, ring).Handshakes), Verdicts(run.Told));
    }

    [Fact]
    public void A_number_is_never_given_to_another_handshake()
    {
        // TLS between nodes is told at the end only, with the last number: until then more handshakes come.
        using var run = new Run(Story.Frames, Story.Prod);
        run.Input.Give(Story.Frames.Count - 8);
        run.Session.Rejudge();
        run.Take();
        var before = run.Latest.ToDictionary(pair => pair.Key, pair => pair.Value.Report.Started);
        run.End();
        Assert.Equal(before, run.Latest.Where(pair => before.ContainsKey(pair.Key))
            .ToDictionary(pair => pair.Key, pair => pair.Value.Report.Started));
    }

    [Fact]
    public void A_handshake_under_way_is_told_at_a_tick_and_decided_in_place()
    {
        using var run = new Run(Story.Frames, Story.Prod, isLive: true);
        run.Input.Give(4);
        run.Take();
        Assert.Empty(run.Latest);
        run.Input.Tell(Story.Frames[3].Time + 1_000_000);
        run.Take();
        Assert.Equal((1, true), (run.Latest.Count, run.Latest[1].IsOpen));
        run.Input.Give(4);
        run.Take();
        Assert.Equal((1, false, Outcome.Established), (run.Latest.Count, run.Latest[1].IsOpen, run.Latest[1].Report.Outcome));
        Assert.Equal(8, run.Session.Packets);
    }

    [Fact]
    public void Several_captures_are_judged_each_by_itself_and_numbered_on()
    {
        using var run = new Run([Story.Frames, HeldInput.FramesOf(Capture)], Story.Prod);
        run.End();
        var story = Trace.Report(Story.Packets.OrderBy(packet => packet.Time), Story.Prod).Handshakes.Count;
        Assert.Equal(Enumerable.Range(1, run.Told.Count), run.Told.Select(report => report.Id));
        Assert.Equal(story, run.Told.Count(report => report.Source == 1));
        Assert.Equal(run.Session.Report().Handshakes.Select(report => (report.Id, report.Source, report.Outcome)),
            run.Told.Select(report => (report.Id, report.Source, report.Outcome)));
        foreach (var report in run.Told.Where(report => report.Messages.Count > 0))
        {
            var facts = run.Session.Facts(report)!;
            Assert.Equal(report.Initiator.Endpoint, facts.Initiator);
            var frame = report.Messages[0].Frames[0];
            Assert.Equal(frame, run.Session.Layers(report, frame)!.Number);
            Assert.Contains(run.Session.PacketsOf(report), packet => packet.Frame.Number == frame);
        }
    }

    [Fact]
    public void Results_before_a_failure_stay_and_its_reason_is_shown()
    {
        using var run = new Run(HeldInput.FramesOf(Capture), CookieRing.Empty);
        run.Input.Give(100);
        run.Input.Fail("the interface went down");
        run.Await();
        Assert.Equal("the interface went down", run.Session.Failure);
        Assert.NotEmpty(run.Told);
        Assert.Equal(100, run.Session.Packets);
    }

    [Fact]
    public void Stop_ends_a_capture_that_would_go_on()
    {
        using var run = new Run(Story.Frames, Story.Prod, isLive: true);
        run.Input.Give(20);
        run.Session.Stop();
        run.Await();
        Assert.Equal((20, 0, null), (run.Session.Packets, run.Session.OpenConversations, run.Session.Failure));
        Assert.Equal(run.Session.Report().Handshakes.Count, run.Told.Count);
        Assert.True(run.Told.Count > 1);
    }

    [Fact]
    [HardCase("who draws and who reads")]
    public void Queries_are_answered_while_frames_flow()
    {
        var run = new Run(HeldInput.FramesOf(Capture), CookieRing.Empty);
        using (run)
        {
            run.Input.GiveAll();
            while (!run.Session.IsOver) Assert.True(run.Session.Report().Handshakes.Count >= 0);
        }
        Assert.True(run.Input.IsDisposed);
    }

    [Fact]
    [HardCase("who draws and who reads")]
    public void A_screen_that_takes_nothing_is_answered_and_loses_nothing()
    {
        const int handshakes = 20_000; // more than the session holds for the screen
        var path = Path.GetTempFileName();
        try
        {
            CaptureGenerator.Write(new CaptureShape { Handshakes = handshakes }, File.Create(path));
            var file = new FileOnDisk(path);
            using var session = new CaptureSession(file, CookieRing.Empty, Screen.NewAnalyzer, new OneByOne());
            session.Start();
            Assert.True(SpinWait.SpinUntil(() => file.IsHeldBack, TimeSpan.FromSeconds(60)));
            Assert.InRange(session.Report().Handshakes.Count, 1, handshakes);
            Assert.False(session.IsOver);
            var told = new HashSet<int>();
            Assert.True(SpinWait.SpinUntil(() =>
            {
                var isOver = session.IsOver;
                told.UnionWith(session.TakeChanges().Select(change => change.Report.Id));
                return isOver;
            }, TimeSpan.FromSeconds(60)));
            Assert.Equal(session.Report().Handshakes.Select(report => report.Id), told.Order());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IEnumerable<string> Verdicts(IEnumerable<JudgedHandshake> reports) =>
        reports.OrderBy(report => report.Id).Select(report =>
        $"{report.Id} {report.Started} {report.Initiator.Node} {report.Acceptor.Node} {report.Outcome.Kebab()} "
            + $"{report.Diagnosis.Code.Kebab()}: "
        + $"{report.Diagnosis.Summary} {string.Join(' ', report.Proofs.Select(Trace.Essence))} {report.NearMiss?.Near}");

    /// <summary>A session and the latest update of each handshake.</summary>
    private sealed class Run : IDisposable
    {
        internal Run(IReadOnlyList<HeldFrame> frames, CookieRing ring, bool isLive = false) : this([frames], ring, isLive)
        {
        }

        internal Run(IReadOnlyList<HeldFrame>[] captures, CookieRing ring, bool isLive = false)
        {
            Input = new HeldInput("test", captures) { IsLive = isLive };
            Session = new CaptureSession(Input, ring, Screen.NewAnalyzer, new OneByOne());
            Session.Start();
        }

        internal HeldInput Input { get; }

        internal CaptureSession Session { get; }

        internal Dictionary<int, HandshakeUpdate> Latest { get; } = [];

        internal IReadOnlyList<JudgedHandshake> Told => [.. Latest.Values.Select(change => change.Report).OrderBy(report => report.Id)];

        internal void Take()
        {
            foreach (var change in Session.TakeChanges()) Latest[change.Report.Id] = change;
        }

        internal void End()
        {
            Input.GiveAll();
            Await();
        }

        internal void Await()
        {
            Assert.True(SpinWait.SpinUntil(() => Session.IsOver, TimeSpan.FromSeconds(30)));
            Take();
        }

        public void Dispose() => Session.Dispose();
    }
}
