using PcapAnalyzer.Judging;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Something on a lane of the view <em>Time</em>: a session, a handshake that led to none, or a dial without an answer.</summary>
/// <param name="Start">In nanoseconds since 1970.</param>
/// <param name="End">When the nodes parted, or the last packet.</param>
public sealed record TimeItem(long Start, long End)
{
    public JudgedSession? Session { get; init; }

    public JudgedHandshake? Attempt { get; init; }

    /// <summary>The first or the last of dials that nobody answered.</summary>
    public ConnectionAttempt? Dial { get; init; }

    /// <summary>The handshake that enter opens; null where the capture does not have it.</summary>
    public int? Handshake => Session?.Handshake ?? Attempt?.Id;
}

/// <summary>Two nodes over the whole capture.</summary>
/// <param name="First">The node that dialled first.</param>
/// <param name="Items">In order of time.</param>
public sealed record TimeLane(string First, string Second, bool IsBothWays, IReadOnlyList<TimeItem> Items);

/// <summary>The lanes and splits of the view <em>Time</em>, the time shown, and what is selected. Not thread-safe.</summary>
public sealed class TimeModel
{
    private const long Millisecond = 1_000_000;
    private static readonly Role[] Roles = [Role.Initiator, Role.Acceptor];

    /// <summary>What is selected stays selected when sessions come or change.</summary>
    private (long Start, string First, string Second) _chosen;

    private long _begin;
    private long _end = 1;
    private bool _isWhole = true;
    private bool _wasMoved;

    public IReadOnlyList<TimeLane> Lanes { get; private set; } = [];

    public IReadOnlyList<JudgedSplit> Splits { get; private set; } = [];

    /// <summary>The splits, then the lanes.</summary>
    public int Count => Splits.Count + Lanes.Count;

    /// <summary>The selected row; -1 while there is none.</summary>
    public int Row { get; private set; } = -1;

    /// <summary>Index of the selected item in its lane.</summary>
    public int Item { get; private set; }

    /// <summary>The part of time that is shown, in nanoseconds since 1970.</summary>
    public long From { get; private set; }

    public long To { get; private set; } = 1;

    public JudgedSplit? SelectedSplit => Row >= 0 && Row < Splits.Count ? Splits[Row] : null;

    public TimeLane? SelectedLane => Row >= Splits.Count && Row < Count ? Lanes[Row - Splits.Count] : null;

    public TimeItem? Selected => SelectedLane is { } lane && Item < lane.Items.Count ? lane.Items[Item] : null;

    /// <summary>Takes what is known now. Until the user moves, the first split is selected, or the first problem.</summary>
    /// <param name="handshakes">All handshakes.</param>
    /// <param name="now">The capture's current time.</param>
    public void Update(SessionsSeen sessions, IEnumerable<JudgedHandshake> handshakes, long now)
    {
        Splits = sessions.Splits;
        Lanes = LanesOf(sessions, handshakes);
        var items = Lanes.SelectMany(lane => lane.Items).ToList();
        _begin = items.Count == 0 ? 0 : items.Min(item => item.Start);
        _end = Math.Max(_begin + Millisecond, Math.Max(now, items.Select(item => item.End).DefaultIfEmpty().Max()));
        if (_isWhole) (From, To) = (_begin, _end);
        if (Count == 0) Row = -1;
        else if (!_wasMoved || Row < 0) SelectFirst();
        else if (SelectedSplit == null) SelectAgain();
    }

    public void Move(int rows)
    {
        if (Count == 0) return;
        _wasMoved = true;
        var time = Selected?.Start ?? From;
        Row = (int)Math.Clamp((long)Row + rows, 0, Count - 1);
        if (SelectedLane is { } lane) Choose(Nearest(lane, time));
    }

    /// <summary>Selects a row, and what is at that time on it.</summary>
    public void Pick(int row, long? time = null)
    {
        if (row < 0 || row >= Count) return;
        _wasMoved = true;
        Row = row;
        if (SelectedLane is { } lane) Choose(Nearest(lane, time ?? Selected?.Start ?? From));
    }

    /// <summary>Selects the next or the previous item of the lane, and shows it.</summary>
    public void Step(int items)
    {
        _wasMoved = true;
        if (SelectedLane is not { Items.Count: > 0 } lane) return;
        Choose(Math.Clamp(Item + items, 0, lane.Items.Count - 1));
        if (Selected is not { } item || (item.Start >= From && item.Start <= To)) return;
        var length = To - From;
        From = Math.Clamp(item.Start - length / 4, _begin, Math.Max(_begin, _end - length));
        To = From + length;
    }

    /// <summary>Shows half of the time, or twice as much, around what is selected.</summary>
    public void Zoom(bool isIn)
    {
        var length = To - From;
        var wanted = isIn ? Math.Max(Millisecond, length / 2) : Math.Min(_end - _begin, length * 2);
        var focus = Math.Clamp(SelectedSplit?.Split.Detected ?? Selected?.Start ?? From + length / 2, From, To);
        // What is selected keeps its place on the screen.
        var left = focus - (long)((Int128)(focus - From) * wanted / Math.Max(1, length));
        From = Math.Clamp(left, _begin, Math.Max(_begin, _end - wanted));
        To = From + wanted;
        _isWhole = From == _begin && To >= _end;
    }

    /// <summary>Moves the shown part by a quarter.</summary>
    public void Pan(int direction)
    {
        var length = To - From;
        From = Math.Clamp(From + direction * Math.Max(1, length / 4), _begin, Math.Max(_begin, _end - length));
        To = From + length;
    }

    /// <summary>Shows the whole capture, and what comes.</summary>
    public void ShowWhole() => (_isWhole, From, To) = (true, _begin, _end);

    private void SelectFirst()
    {
        Row = Splits.Count > 0 ? 0 : Math.Max(0, Lanes.ToList().FindIndex(lane => lane.Items.Any(IsProblem)));
        if (SelectedLane is { } lane) Choose(Math.Max(0, lane.Items.ToList().FindIndex(IsProblem)));
    }

    private void SelectAgain()
    {
        var row = Lanes.ToList().FindIndex(lane => lane.First == _chosen.First && lane.Second == _chosen.Second);
        Row = row >= 0 ? Splits.Count + row : Math.Clamp(Row, 0, Count - 1);
        if (SelectedLane is { } lane) Choose(Nearest(lane, _chosen.Start));
    }

    private void Choose(int item)
    {
        Item = item;
        if (SelectedLane is { } lane && Selected is { } chosen) _chosen = (chosen.Start, lane.First, lane.Second);
    }

    /// <summary>Dials between hosts that are known for one node each.</summary>
    private static IEnumerable<(string From, string To, TimeItem Item)> Dials(SessionsSeen seen)
    {
        var nodes = seen.All
            .SelectMany(session => Roles, (session, role) => (session.Facts.EndpointOf(role).Host, Node: session.Called(role)))
            .Distinct().ToLookup(one => one.Host, one => one.Node);
        foreach (var dial in seen.Attempts)
        {
            if ((nodes[dial.From.Host].ToList(), nodes[dial.To.Host].ToList()) is not ([var from], [var to]) || from == to) continue;
            yield return (from, to, new TimeItem(dial.First, dial.First) { Dial = dial });
            if (dial.Times > 1) yield return (from, to, new TimeItem(dial.Last, dial.Last) { Dial = dial });
        }
    }

    private static bool IsProblem(TimeItem item) => item.Session?.IsProblem() ?? item.Attempt?.IsProblem() ?? false;

    private static int Nearest(TimeLane lane, long time)
    {
        var at = lane.Items.ToList().FindLastIndex(item => item.Start <= time);
        return Math.Max(0, at);
    }

    private static List<TimeLane> LanesOf(SessionsSeen seen, IEnumerable<JudgedHandshake> handshakes)
    {
        var sessions = seen.All;
        var withSession = sessions.Select(session => session.Handshake).OfType<int>().ToHashSet();
        var all = sessions.Select(session => (From: session.Called(Role.Initiator),
            To: session.Called(Role.Acceptor),
                Item: new TimeItem(session.Facts.Started, session.Facts.Started + session.Duration) { Session = session }))
            .Concat(handshakes.Where(handshake => !withSession.Contains(handshake.Id))
                .Select(handshake => (From: handshake.Initiator.Called, To: handshake.Acceptor.Called,
                Item: new TimeItem(handshake.Started, handshake.Started + handshake.Duration) { Attempt = handshake })))
            .Concat(Dials(seen));
        return [.. all.OrderBy(one => one.Item.Start).GroupBy(one => string.CompareOrdinal(one.From, one.To) <= 0 ? (one.From, one.To)
            : (one.To, one.From))
            .Select(pair => new TimeLane(pair.First().From, pair.First().To, pair.Any(one => one.From != pair.First().From),
                [.. pair.Select(one => one.Item)]))];
    }
}
