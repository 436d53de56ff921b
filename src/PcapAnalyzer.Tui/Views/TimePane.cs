namespace PcapAnalyzer.Tui;

/// <summary>The view <em>Time</em>: a lane for each pair of nodes, a band for each split, and what is selected in words.</summary>
internal sealed class TimePane : PanePart
{
    private readonly TimeModel _model = new();
    private object? _sessions;
    private int _version = -1;

    internal TimePane(TimelineWindow window) : base(window)
    {
        var x = 0;
        View.ClickedAt = column => x = column;
        Clicked = row => _model.Pick(row, TimeRows.TimeAt(_model, View.Viewport.Width, x));
    }

    internal RowsView Detail { get; } = new();

    internal bool HasSplit => Window.Session.Sessions.Splits.Count > 0;

    private Action<int> Clicked { get; }

    internal override void Move(int rows) => _model.Move(rows);

    internal override void Pick(int row) => Clicked(row);

    internal override void GoIn(string key)
    {
        if (key != "enter")
        {
            _model.Step(1);
            return;
        }
        var wanted = _model.SelectedSplit is { } split ? HandshakeOf(split.Cause) : _model.Selected?.Handshake;
        if (wanted is { } id && Window.Model.Choose(id)) Window.Focus(Pane.Ladder);
        else Window.Status.Say("Its handshake is not in the capture, or the filter hides it", Reports.Ink.Warn);
    }

    internal override void GoOut(string key)
    {
        if (key == "esc") Window.Focus(Pane.List);
        else _model.Step(-1);
    }

    internal void Zoom(bool isIn) => _model.Zoom(isIn);

    internal void Pan(int direction) => _model.Pan(direction);

    internal void ShowWhole() => _model.ShowWhole();

    internal override void Show()
    {
        if (Window.Current != Pane.Time) return;
        var (session, width) = (Window.Session, View.Viewport.Width);
        if (!ReferenceEquals(_sessions, session.Sessions) || _version != Window.Model.Version || !session.IsOver)
        {
            (_sessions, _version) = (session.Sessions, Window.Model.Version);
            _model.Update(session.Sessions, Window.Model.All, session.Now);
        }
        View.Heading = $"Time, {_model.Lanes.Count} pairs of nodes, {(Window.LocalZone == null ? "UTC" : "local")}";
        View.Header = TimeRows.Axis(_model, width, Window.LocalZone);
        View.Count = _model.Count;
        View.Row = row => TimeRows.Row(_model, row, width);
        View.Selected = _model.Row;
        var rows = TimeRows.Detail(_model, Detail.Viewport.Width - 1, Window.LocalZone, KeyMap.InPlaceOfOptions);
        Detail.Heading = _model.SelectedSplit != null ? "Split" : "Selected";
        Detail.Count = rows.Count;
        Detail.Row = row => rows[row];
        Detail.Top = 0;
        Detail.SetNeedsDraw();
    }

    private int? HandshakeOf(long session) => Window.Session.Sessions.All.FirstOrDefault(one => one.Id == session)?.Handshake;
}
