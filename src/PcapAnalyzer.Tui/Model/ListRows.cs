using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Sessions;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The rows of the list: handshakes, and under each the session that followed it.</summary>
/// <remarks>Only handshakes can be selected. Without a session the rows are those of the model, and nothing is kept.</remarks>
public sealed class ListRows
{
    private const int BarCells = 24;
    private const int WideFrom = 100;

    private Dictionary<int, JudgedSession> _byHandshake = [];
    private List<int>? _starts;
    private SessionsSeen? _sessions;
    private int _version = -1;
    private int _rows;

    /// <summary>Handshakes and sessions.</summary>
    public int Count { get; private set; }

    /// <summary>Takes what is listed now; does nothing when that is the same as before.</summary>
    public void Update(TimelineModel model, SessionsSeen sessions)
    {
        if (ReferenceEquals(_sessions, sessions) && _version == model.Version) return;
        if (!ReferenceEquals(_sessions, sessions))
        {
            _byHandshake = [];
            foreach (var session in sessions.All)
                if (session.Handshake is { } handshake && IsWorthARow(session)) _byHandshake[handshake] = session;
        }
        (_sessions, _version, _rows) = (sessions, model.Version, model.Count);
        (_starts, Count) = (null, model.Count);
        if (_byHandshake.Count == 0 || model.IsFolded) return;
        _starts = new List<int>(model.Count);
        Count = 0;
        for (var row = 0; row < model.Count; row++)
        {
            _starts.Add(Count);
            Count += _byHandshake.ContainsKey(model[row].Id) ? 2 : 1;
        }
    }

    /// <summary>The session that followed a handshake; null where there is none.</summary>
    public JudgedSession? SessionOf(int handshake) => _byHandshake.GetValueOrDefault(handshake);

    /// <summary>Where a row of the model stands; -1 stays.</summary>
    public int PlaceOf(int row) => _starts == null || row < 0 ? row : row < _starts.Count ? _starts[row] : -1;

    /// <summary>The row of the model that a place belongs to, and whether it is its session's.</summary>
    public (int Row, bool IsSession) At(int place)
    {
        if (_starts == null) return (Math.Min(place, Math.Max(0, _rows - 1)), false);
        var at = _starts.BinarySearch(place);
        return at >= 0 ? (at, false) : (~at - 1, true);
    }

    /// <summary>A session: a bar of its time with its silences, its end, what it is called and what was said.</summary>
    public static IReadOnlyList<InkRun> Row(JudgedSession session, int width)
    {
        var ink = session.Severity().Ink();
        var runs = new List<InkRun> { new("   ╰ ", Ink.Quiet) };
        if (width >= 72) runs.AddRange(Bar(session));
        runs.Add(new InkRun($" {session.Glyph()} {session.Code.Kebab()}", ink));
        runs.Add(new InkRun($"  {Durations.Text(session.Duration)}", Ink.Plain));
        if (width >= WideFrom)
        {
            var (there, back) = (session.Facts.FromInitiator, session.Facts.FromAcceptor);
            runs.Add(new InkRun($"  {there.Ticks + there.Pings} → {back.Ticks + back.Pings} ← ticks, "
                + $"{there.Messages} → {back.Messages} ← messages", Ink.Quiet));
        }
        return runs;
    }

    /// <summary>On many connections nothing follows the handshake in the capture.</summary>
    private static bool IsWorthARow(JudgedSession session) => session.IsProblem()
        || session.Facts.FromInitiator.FirstFrameTime != 0 || session.Facts.FromAcceptor.FirstFrameTime != 0;

    private static IEnumerable<InkRun> Bar(JudgedSession session)
    {
        var cells = new bool[BarCells];
        var length = Math.Max(1, session.Duration);
        foreach (var one in session.Judgement.Events)
        {
            if (one.Kind != SessionEventKind.Silence) continue;
            var (from, to) = (Place(session.Since(one.Time), length), Place(session.Since(one.Time) + one.Duration, length));
            for (var at = from; at < to; at++) cells[at] = true;
        }
        var isOpen = session.Judgement.Parted == null && session.Close == Closing.Open;
        for (var at = 0; at < BarCells;)
        {
            var end = at;
            while (end < BarCells && cells[end] == cells[at]) end++;
            yield return cells[at] ? new InkRun(new string('░', end - at), Ink.Warn) : new InkRun(new string('━', end - at), Ink.Good);
            at = end;
        }
        yield return new InkRun(isOpen ? "▸" : "┤", isOpen ? Ink.Good : Ink.Quiet);
    }

    private static int Place(long time, long length) => (int)Int128.Clamp((Int128)time * BarCells / length, 0, BarCells);
}
