using PcapAnalyzer.Judging;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Tui;

/// <summary>The handshakes that the screen shows, in which order, and which one is selected. Not thread-safe.</summary>
/// <remarks>Handshakes are identified by number, so the selection stays on its handshake when rows come, go or move.</remarks>
public sealed class TimelineModel
{
    private readonly Dictionary<int, JudgedHandshake> _reports = [];
    private readonly HashSet<int> _open = [];
    private readonly HashSet<int> _marked = [];
    private readonly HashSet<int> _problems = [];
    private readonly List<HandshakeUpdate> _held = [];

    /// <summary>All handshakes, by start time.</summary>
    private List<int> _byTime = [];
    private bool _isByTime = true;

    /// <summary>All handshakes in the order of the list; null until it is needed again.</summary>
    private List<int>? _ordered;

    /// <summary>Handshake number by row.</summary>
    private List<int> _visible = [];

    /// <summary>Number of attempts in a folded row, by the number of the handshake that the row shows.</summary>
    private Dictionary<int, int> _folded = [];

    /// <summary>The handshake that was selected last. When a filter hides it and shows it again, it is selected again.</summary>
    private int _chosen;

    private long _latest;
    private Where? _where;
    private readonly FilteredSessions _sessions = new();
    private bool _wasMoved;

    /// <summary>The last row stays selected while new rows arrive, as in <c>tail -f</c>.</summary>
    public bool IsFollowing { get; private set; }

    /// <summary>The view is paused. Changes are held back and shown later.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Attempts of one pair with the same result share one row, which shows the latest.</summary>
    public bool IsFolded { get; private set; }

    public HandshakeColumn Order { get; private set; } = HandshakeColumn.Time;

    public bool IsDescending { get; private set; }

    /// <summary>Number of rows added below while the list was not followed.</summary>
    public int NewBelow { get; private set; }

    /// <summary>Number of all handshakes, shown or not.</summary>
    public int Total => _reports.Count;

    public int Problems => _problems.Count;

    /// <summary>Number of rows.</summary>
    public int Count => _visible.Count;

    /// <summary>Number of handshakes that pass the filter, in however many rows.</summary>
    public int Matching => IsFolded ? _folded.Values.Sum() : Count;

    /// <summary>Changes whenever the rows or their content may have changed.</summary>
    public int Version { get; private set; }

    /// <summary>The selected handshake's number; 0 while there is none.</summary>
    public int SelectedId { get; private set; }

    /// <summary>The row of the selected handshake; -1 while there is none.</summary>
    public int SelectedRow => SelectedId == 0 ? -1 : RowOf(SelectedId);

    public JudgedHandshake? Selected => _reports.GetValueOrDefault(SelectedId);

    public IReadOnlyCollection<int> Marked => _marked;

    public IEnumerable<JudgedHandshake> All => _reports.Values;

    public JudgedHandshake this[int row] => _reports[_visible[row]];

    public JudgedHandshake? ById(int id) => _reports.GetValueOrDefault(id);

    public bool IsOpen(int id) => _open.Contains(id);

    public bool IsMarked(int id) => _marked.Contains(id);

    /// <summary>Number of attempts that a row represents.</summary>
    public int Times(int row) => _folded.GetValueOrDefault(_visible[row], 1);

    /// <summary>Applies changes. The selection stays unless the list is followed; until the user moves, it is the first problem.</summary>
    /// <returns>False when nothing on the screen can have changed.</returns>
    public bool Apply(IReadOnlyList<HandshakeUpdate> changes)
    {
        if (IsPaused)
        {
            _held.AddRange(changes);
            return false;
        }
        if (changes.Count == 0) return false;
        Version++;
        var isNeeded = false;
        foreach (var change in changes) isNeeded |= !Take(change);
        _ordered = null;
        if (isNeeded || IsFolded || Order != HandshakeColumn.Time) Refresh();
        if (IsFollowing) Select(Count - 1);
        else if (!_wasMoved) SelectFirstProblem();
        else if (SelectedRow < 0) Select(0);
        return true;
    }

    public void Follow(bool on)
    {
        IsFollowing = on;
        if (on) Last();
    }

    public void Pause(bool on)
    {
        IsPaused = on;
        if (on) return;
        var held = _held.ToList();
        _held.Clear();
        Apply(held);
    }

    /// <summary>Shows only the handshakes that match the expression; null shows all.</summary>
    public void Filter(Where? where)
    {
        _where = where;
        Refresh();
    }

    public void Take(SessionsSeen sessions)
    {
        if (_sessions.Take(sessions) && _where != null) Refresh();
    }

    public void Fold(bool on)
    {
        IsFolded = on;
        Refresh();
    }

    /// <summary>Sorts the rows by a column. The same column again reverses the order.</summary>
    public void OrderBy(HandshakeColumn column)
    {
        if (column == Order) _ordered?.Reverse();
        else _ordered = null;
        IsDescending = column == Order && !IsDescending;
        Order = column;
        Refresh();
    }

    /// <summary>Selects a row, or the first or last one if it is out of range.</summary>
    public void Select(int row)
    {
        if (Count == 0) return;
        row = Math.Clamp(row, 0, Count - 1);
        SelectedId = _chosen = _visible[row];
        if (row == Count - 1) NewBelow = 0;
    }

    /// <summary>Moves the selection by this many rows. Moving up ends following.</summary>
    public void Move(int rows)
    {
        _wasMoved = true;
        if (rows < 0) IsFollowing = false;
        Select(SelectedRow + rows);
    }

    /// <summary>Selects the row that the user chose, and ends following.</summary>
    public void Pick(int row)
    {
        _wasMoved = true;
        IsFollowing = false;
        Select(row);
    }

    /// <summary>Selects a handshake; false when it is not in the list.</summary>
    public bool Choose(int id)
    {
        var row = RowOf(id);
        if (row >= 0) Pick(row);
        return row >= 0;
    }

    public void Last()
    {
        _wasMoved = true;
        Select(Count - 1);
    }

    /// <summary>Selects the next row that matches, wrapping around at the end.</summary>
    /// <returns>False when no row matches.</returns>
    public bool Next(int direction, Func<JudgedHandshake, bool> fits)
    {
        for (var step = 1; step <= Count; step++)
        {
            var row = ((SelectedRow + direction * step) % Count + Count) % Count;
            if (!fits(this[row])) continue;
            Pick(row);
            return true;
        }
        return false;
    }

    public void SelectFirstProblem()
    {
        if (Selected is { } selected && _problems.Contains(selected.Id) && RowOf(selected.Id) >= 0) return;
        var row = _visible.FindIndex(_problems.Contains);
        Select(row >= 0 ? row : Math.Max(SelectedRow, 0));
    }

    public void ToggleMark(int id)
    {
        if (!_marked.Remove(id)) _marked.Add(id);
        if (_where != null) Refresh();
    }

    public void ClearMarks()
    {
        _marked.Clear();
        if (_where != null) Refresh();
    }

    /// <summary>What a filter knows besides the reports: the marks, the open handshakes and the latest start time.</summary>
    public WhereContext Context => new() { Marked = _marked, IsOpen = report => _open.Contains(report.Id), Now = _latest };

    /// <returns>False when the rows must be rebuilt.</returns>
    private bool Take(HandshakeUpdate change)
    {
        var report = change.Report;
        var before = _reports.GetValueOrDefault(report.Id);
        var wasShown = before != null && IsShown(before);
        _reports[report.Id] = report;
        _latest = Math.Max(_latest, report.Started);
        if (change.IsOpen) _open.Add(report.Id);
        else _open.Remove(report.Id);
        if (report.IsProblem() && !change.IsOpen) _problems.Add(report.Id);
        else _problems.Remove(report.Id);
        if (before == null) TakeInTime(report);
        else if (before.Started != report.Started) _isByTime = false;
        if (before != null) return _isByTime && wasShown == IsShown(report);
        if (!IsShown(report)) return true;
        if (IsDescending || !_isByTime) return false;
        _visible.Add(report.Id);
        if (!IsFollowing) NewBelow++;
        return true;
    }

    private bool IsShown(JudgedHandshake report) => _where == null || _sessions.Match(_where, report, Context);

    private void TakeInTime(JudgedHandshake report)
    {
        if (_byTime.Count > 0 && _reports[_byTime[^1]] is var last && (last.Started, last.Id).CompareTo((report.Started, report.Id)) > 0)
            _isByTime = false;
        _byTime.Add(report.Id);
    }

    private void Refresh()
    {
        Version++;
        var row = SelectedRow;
        var context = Context;
        var shown = Ordered();
        if (_where is { } where) shown = [.. shown.AsParallel().AsOrdered().Where(id => _sessions.Match(where, _reports[id], context))];
        var folded = new Dictionary<int, int>();
        if (IsFolded)
        {
            foreach (var story in shown.GroupBy(id => Story(_reports[id])))
            {
                var last = story.MaxBy(id => (_reports[id].Started, id));
                folded[last] = story.Count();
                if (story.Contains(_chosen)) _chosen = last;
            }
            shown = shown.FindAll(folded.ContainsKey);
        }
        (_visible, _folded) = (shown == _ordered ? [.. shown] : shown, folded);
        if (RowOf(_chosen) >= 0) SelectedId = _chosen;
        else if (RowOf(SelectedId) < 0) SelectedId = Count == 0 ? 0 : _visible[Math.Clamp(row, 0, Count - 1)];
    }

    private List<int> Ordered()
    {
        if (!_isByTime)
            (_byTime, _isByTime) = ([.. _reports.Values.OrderBy(report => report.Started).ThenBy(report => report.Id)
                .Select(report => report.Id)], true);
        if (_ordered != null) return _ordered;
        _ordered = [.. HandshakeColumns.InOrder(Order, _byTime, id => _reports[id])];
        if (IsDescending) _ordered.Reverse();
        return _ordered;
    }

    private int RowOf(int id) => _visible.IndexOf(id);

    /// <summary>What attempts that share a row have in common.</summary>
    private static (string, string, Outcome, DiagnosisCode) Story(JudgedHandshake report) =>
        (report.Initiator.Called, report.Acceptor.Called, report.Outcome, report.Diagnosis.Code);
}
