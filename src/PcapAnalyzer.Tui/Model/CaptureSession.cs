using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Analyses captures on its own thread. Any thread may query it; the screen's thread takes the changes.</summary>
/// <remarks>
/// Only one thread uses the analysis at a time. The analysis thread takes no lock for a frame (<see cref="Turns"/>), and waits
/// while another thread queries.
/// </remarks>
public sealed class CaptureSession : IDisposable
{
    /// <summary>Number of handshakes judged again in one turn after a new cookie, so that frames do not wait long.</summary>
    private const int Slice = 256;

    private const long Second = 1_000_000_000;

    /// <summary>Sessions that are judged in a second of the capture.</summary>
    private const int SessionsPerSecond = 1000;

    private readonly ICaptureInput _input;
    private readonly Func<CookieRing, CaptureAnalysis> _newAnalyzer;
    private readonly IOrderedWork _work;
    private readonly Turns _turns = new();
    private readonly ChangeQueue _changes = new();

    /// <summary>Taken before a turn, to build a whole report or to add a cookie, which changes the whole report.</summary>
    private readonly Lock _reportLock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Part> _parts = [];
    private readonly Thread _thread;
    private long _packets;
    private long _now;
    private volatile string? _failure;
    private volatile string? _whyEmpty;
    private volatile bool _isOver;
    private volatile SessionsSeen _sessions = SessionsSeen.None;
    private long _sessionsDue;

    /// <param name="input">The source of frames. The session disposes it.</param>
    /// <param name="work">Runs the judging of handshakes, several at once if it can.</param>
    public CaptureSession(ICaptureInput input, CookieRing ring, Func<CookieRing, CaptureAnalysis> newAnalyzer, IOrderedWork work)
    {
        _input = input;
        _newAnalyzer = newAnalyzer;
        _work = work;
        Ring = ring;
        Begin();
        _thread = new Thread(Run) { IsBackground = true, Name = "analysis" };
    }

    public string Title => _input.Title;

    public bool IsLive => _input.IsLive;

    /// <summary>The packets stay in a file, whatever happens to the session.</summary>
    public bool IsKept => _input.IsKept;

    public CookieRing Ring { get; private set; }

    /// <summary>Packets read so far.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>The capture's current time, in nanoseconds since 1970.</summary>
    public long Now => Volatile.Read(ref _now);

    public CaptureCounters Counters => _input.Counters;

    /// <summary>Number of conversations in progress.</summary>
    public int OpenConversations => _isOver ? 0 : _turns.Ask(() => Current.Analyzer.OpenConversations);

    /// <summary>The capture has ended. Only a new cookie can still change something.</summary>
    public bool IsOver => _isOver;

    /// <summary>Why a capture that is over has no handshake, in words; null when it has one, or goes on.</summary>
    public string? WhyEmpty => _isOver ? _whyEmpty : null;

    /// <summary>Why the capture ended early, in words; null when it did not.</summary>
    public string? Failure => _failure;

    public void Start() => _thread.Start();

    /// <summary>Stops the capture. Results so far are kept.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose()
    {
        Stop();
        _changes.Close();
        // Do not wait for a read that hangs: its thread ends with the process.
        if (_thread.ThreadState == ThreadState.Unstarted || _thread.Join(TimeSpan.FromSeconds(2))) _input.Dispose();
    }

    /// <summary>The changes since the last call, one for each handshake, ordered by number. Call it on the screen's thread.</summary>
    public IReadOnlyList<HandshakeUpdate> TakeChanges() => _changes.Take();

    /// <summary>What followed the handshakes, as it was judged last: at the end of a capture, and each second of a live one.</summary>
    public SessionsSeen Sessions => _sessions;

    /// <summary>The report of everything read so far.</summary>
    public CaptureReport Report() => _turns.Ask(Build);

    /// <summary>
    /// Passes the report to <paramref name="use"/> while nothing changes. This may take seconds. Once the capture is over, only a
    /// new cookie waits for it.
    /// </summary>
    public void WithReport(Action<CaptureReport> use)
    {
        lock (_reportLock)
        {
            if (_isOver)
            {
                use(Build());
                return;
            }
            _turns.Ask(() =>
            {
                use(Build());
                return true;
            });
        }
    }

    /// <summary>The decoded facts of a handshake; null when only its report was kept.</summary>
    public Handshake? Facts(JudgedHandshake report) => _turns.Ask(() =>
    {
        var part = PartOf(report);
        var id = part.Numbers.NumberOf(report);
        return part.Analyzer.Cluster.Handshakes.Contains(id) ? part.Analyzer.Cluster.Handshakes[id] : null;
    });

    /// <summary>The headers of a handshake's frame; null when its bytes were not kept.</summary>
    public FrameLayers? Layers(JudgedHandshake report, long frame) => _turns.Ask(() =>
        EvidenceOf(report)?.Frames.FirstOrDefault(kept => kept.Number == frame) is { } found ? FrameLayers.Of(found.ToFrame()) : null);

    /// <summary>The kept packets of a handshake, each with a comment; empty when none were kept.</summary>
    public IReadOnlyList<(EvidenceFrame Frame, string Comment)> PacketsOf(JudgedHandshake report) => _turns.Ask(() =>
        EvidenceOf(report) is { } evidence ? EvidenceComments.Of(evidence, report.Id, report) : []);

    /// <summary>Adds a cookie to the analysis of every capture. <see cref="Rejudge"/> publishes the new verdicts.</summary>
    public void Add(Cookie cookie)
    {
        lock (_reportLock)
        {
            _turns.Ask(() =>
            {
                Ring = new CookieRing([.. Ring.Cookies, cookie]);
                foreach (var part in _parts) part.Analyzer.Cluster.Use(Ring);
                return true;
            });
        }
    }

    /// <summary>Publishes every handshake with its current verdict, one slice at a time.</summary>
    public void Rejudge()
    {
        var report = _turns.Ask(Build);
        var handshakes = report.Handshakes;
        _whyEmpty = handshakes.Count == 0 ? EmptyReason.Of(report.Statistics) : null;
        for (var from = 0; from < handshakes.Count; from += Slice)
        {
            var slice = Enumerable.Range(from, Math.Min(Slice, handshakes.Count - from));
            // Judge and queue in one turn, so that an old verdict never follows a newer one.
            HandOver(_turns.Ask(() =>
            {
                foreach (var report in slice.Select(index => handshakes[index])) _changes.Add(new HandshakeUpdate(report, false));
                return _changes.HandOver();
            }));
        }
    }

    private void Run()
    {
        try
        {
            for (var index = 0; index < _input.Count && !_stop.IsCancellationRequested; index++)
            {
                if (index > 0) _turns.Ask(Begin);
                var source = _input.Read(index, Accept, Tick, _stop.Token);
                HandOver(_turns.Ask(() => End(source)));
            }
        }
        catch (Exception problem)
        {
            // Whatever ends a capture, the handshakes shown so far stay on the screen.
            _turns.Leave();
            _failure = problem.Message;
            HandOver(_turns.Ask(() => End(null)));
        }
        Rejudge();
        _isOver = true;
    }

    private Part Current => _parts[^1];

    private bool Begin()
    {
        var numbers = ReportNumbers.After([.. _parts.Select(before => before.Analyzer.Cluster)], isOneOfSeveral: _input.Count > 1);
        var part = new Part(_newAnalyzer(Ring), numbers);
        part.Analyzer.HandshakeKnown = new Feed(this, part).Accept;
        _parts.Add(part);
        return true;
    }

    private bool End(CaptureSource? source)
    {
        Current.Analyzer.Finish();
        Current.Report = source;
        JudgeSessions();
        return _changes.HandOver();
    }

    private CaptureReport Build() =>
        ReportBuilder.Build([.. _parts.Select(part => new AnalyzedCapture(part.Analyzer.Cluster, part.Report))], null, _work);

    private Part PartOf(JudgedHandshake report) => _parts[(report.Source ?? 1) - 1];

    private Evidence? EvidenceOf(JudgedHandshake report) => PartOf(report).Analyzer.Evidence?.Of(report.Evidence);

    private void Accept(in Frame frame)
    {
        _turns.Enter();
        Current.Analyzer.Accept(frame);
        var isHandedOver = _changes.HandOver();
        _turns.Leave();
        Volatile.Write(ref _now, frame.Time); // only this thread writes both
        Volatile.Write(ref _packets, _packets + 1);
        HandOver(isHandedOver);
    }

    private void Tick(long now)
    {
        _turns.Enter();
        Volatile.Write(ref _now, Math.Max(_now, now));
        Current.Analyzer.Dropped = Counters.Dropped;
        if (now > 0) Current.Analyzer.Advance(now);
        var feed = new Feed(this, Current) { IsOpen = true };
        foreach (var handshake in Current.Analyzer.OpenHandshakes) feed.Accept(handshake);
        if (now >= _sessionsDue) JudgeSessions();
        var isHandedOver = _changes.HandOver();
        _turns.Leave();
        HandOver(isHandedOver);
    }

    /// <summary>Judges the sessions of the current capture again. A thousand cost little; with more it is done less often.</summary>
    private void JudgeSessions()
    {
        var judged = SessionsSeen.Of(JudgedSessions.Of(Current.Analyzer.Cluster, Current.Numbers));
        _sessionsDue = Volatile.Read(ref _now) + Second + Second * (judged.All.Count / SessionsPerSecond);
        Current.Sessions = judged;
        _sessions = SessionsSeen.Join([.. _parts.Select(part => part.Sessions).OfType<SessionsSeen>()]);
    }

    /// <summary>Waits, outside a turn, until all changes fit into the channel.</summary>
    private void HandOver(bool isDone)
    {
        while (!isDone && _changes.WaitForRoom()) isDone = _turns.Ask(_changes.HandOver);
    }

    /// <summary>One capture and its analysis.</summary>
    private sealed class Part(CaptureAnalysis analyzer, ReportNumbers numbers)
    {
        internal CaptureAnalysis Analyzer => analyzer;

        internal ReportNumbers Numbers => numbers;

        /// <summary>What was read; null until the capture ends, and after a failure.</summary>
        internal CaptureSource? Report { get; set; }

        /// <summary>Its sessions, as they were judged last.</summary>
        internal SessionsSeen? Sessions { get; set; }
    }

    /// <summary>Turns the handshakes of one capture into changes for the screen.</summary>
    private sealed class Feed(CaptureSession session, Part part) : LiveReport(part.Analyzer.Cluster, part.Numbers)
    {
        internal bool IsOpen { get; init; }

        protected override bool HasWritten(int id) => true;

        protected override void Write(JudgedHandshake report) => session._changes.Add(new HandshakeUpdate(report, IsOpen));

        protected override void Write(JudgedSession session)
        {
        }

        protected override void Write(JudgedSplit split)
        {
        }
    }
}
