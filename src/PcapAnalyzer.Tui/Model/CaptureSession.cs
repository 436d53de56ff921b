using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>
/// The captures that the screen shows, under analysis on a thread of their own. Any thread may ask; the screen takes what has
/// changed.
/// </summary>
/// <remarks>One thread has the analysis at a time. Frames take no lock (<see cref="Turns"/>), and wait while somebody asks.</remarks>
public sealed class CaptureSession : IDisposable
{
    /// <summary>Handshakes that are judged again at one go after a new cookie, so that frames need not wait long.</summary>
    private const int Slice = 256;

    private readonly ICaptureInput _input;
    private readonly Func<CookieRing, CaptureAnalysis> _newAnalyzer;
    private readonly IOrderedWork _work;
    private readonly Turns _turns = new();
    private readonly ChangeQueue _changes = new();

    /// <summary>Taken before a turn, by who makes a whole report and by who changes what all of it says.</summary>
    private readonly Lock _reportLock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Part> _parts = [];
    private readonly Thread _thread;
    private long _packets;
    private long _now;
    private volatile string? _failure;
    private volatile bool _isOver;

    /// <param name="input">Where frames come from; the session disposes of it.</param>
    /// <param name="work">How many handshakes are judged at once.</param>
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

    public CookieRing Ring { get; private set; }

    /// <summary>Packets read so far.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>The time that the capture has come to, in nanoseconds since 1970.</summary>
    public long Now => Volatile.Read(ref _now);

    public CaptureCounters Counters => _input.Counters;

    /// <summary>Conversations under way.</summary>
    public int OpenConversations => _isOver ? 0 : _turns.Ask(() => Current.Analyzer.OpenConversations);

    /// <summary>Nothing more will come of itself.</summary>
    public bool IsOver => _isOver;

    /// <summary>Why the capture ended early, in words; null when it did not.</summary>
    public string? Failure => _failure;

    public void Start() => _thread.Start();

    /// <summary>Ends the capture; what was read stands.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose()
    {
        Stop();
        _changes.Close();
        // A read that hangs must not keep the user: its thread ends with the process then.
        if (_thread.ThreadState == ThreadState.Unstarted || _thread.Join(TimeSpan.FromSeconds(2))) _input.Dispose();
    }

    /// <summary>
    /// What has changed since this was last asked, each handshake once, in the order of their numbers. For the screen's thread.
    /// </summary>
    public IReadOnlyList<HandshakeUpdate> TakeChanges() => _changes.Take();

    /// <summary>The whole report as it stands.</summary>
    public CaptureReport Report() => _turns.Ask(Build);

    /// <summary>
    /// Passes the report on while nothing moves under it. It may take seconds: of a capture that is over, nobody but a new cookie
    /// waits for it.
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

    /// <summary>The facts of one handshake; null where only its report is left.</summary>
    public Handshake? Facts(JudgedHandshake report) => _turns.Ask(() =>
    {
        var part = PartOf(report);
        var id = part.Numbers.NumberOf(report);
        return part.Analyzer.Cluster.Handshakes.Contains(id) ? part.Analyzer.Cluster.Handshakes[id] : null;
    });

    /// <summary>The headers of a frame of a handshake; null where its bytes were not kept.</summary>
    public FrameLayers? Layers(JudgedHandshake report, long frame) => _turns.Ask(() =>
        EvidenceOf(report)?.Frames.FirstOrDefault(kept => kept.Number == frame) is { } found ? FrameLayers.Of(found.ToFrame()) : null);

    /// <summary>The packets of a handshake that were kept, each with what it is; empty where none are.</summary>
    public IReadOnlyList<(EvidenceFrame Frame, string Comment)> PacketsOf(JudgedHandshake report) => _turns.Ask(() =>
        EvidenceOf(report) is { } evidence ? EvidenceComments.Of(evidence, report.Id, report) : []);

    /// <summary>Judges everything again with one more cookie; what it changes is told by <see cref="Rejudge"/>.</summary>
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

    /// <summary>Tells every handshake as it is judged now, a slice at a time.</summary>
    public void Rejudge()
    {
        var handshakes = _turns.Ask(Build).Handshakes;
        for (var from = 0; from < handshakes.Count; from += Slice)
        {
            var slice = Enumerable.Range(from, Math.Min(Slice, handshakes.Count - from));
            // Judged and put into order in one turn: a verdict must not come behind a newer one.
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
            // Whatever ends a capture, what it has shown so far stays on the screen.
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
        Volatile.Write(ref _now, frame.Time); // this thread alone writes them
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
        var isHandedOver = _changes.HandOver();
        _turns.Leave();
        HandOver(isHandedOver);
    }

    /// <summary>Waits, without the analysis, until all changes found room.</summary>
    private void HandOver(bool isDone)
    {
        while (!isDone && _changes.WaitForRoom()) isDone = _turns.Ask(_changes.HandOver);
    }

    /// <summary>One of the captures.</summary>
    private sealed class Part(CaptureAnalysis analyzer, ReportNumbers numbers)
    {
        internal CaptureAnalysis Analyzer => analyzer;

        internal ReportNumbers Numbers => numbers;

        /// <summary>What was read of it, once it is over.</summary>
        internal CaptureSource? Report { get; set; }
    }

    /// <summary>What one capture tells.</summary>
    private sealed class Feed(CaptureSession session, Part part) : LiveReport(part.Analyzer.Cluster, part.Numbers)
    {
        internal bool IsOpen { get; init; }

        protected override bool HasWritten(int id) => true;

        protected override void Write(JudgedHandshake report) => session._changes.Add(new HandshakeUpdate(report, IsOpen));
    }
}
