using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The list of handshakes: sorting, marks and text search.</summary>
internal sealed class ListPane : PanePart
{
    private string _wanted = "";

    internal ListPane(TimelineWindow window) : base(window) => View.HeaderClicked = x =>
    {
        foreach (var place in HandshakeColumns.For(View.Viewport.Width))
            if (x >= place.X && x < place.X + place.Width) Model.OrderBy(place.Column);
        window.ShowAll();
    };

    /// <summary>The rows that are shown: handshakes and their sessions.</summary>
    internal ListRows Rows { get; } = new();

    private TimelineModel Model => Window.Model;

    internal override void Move(int rows) => Model.Move(rows);

    internal override void Pick(int row)
    {
        if (row < Rows.Count) Model.Pick(Rows.At(row).Row);
    }

    internal override void GoIn(string key) => Window.Focus(Pane.Ladder);

    internal override void GoOut(string key)
    {
        if (key == "esc" && Window.Filter.IsInForce) Window.Filter.Set("");
    }

    internal override void Show()
    {
        var width = View.Viewport.Width;
        View.Heading = Model.IsFolded ? "Handshakes, alike folded" : "Handshakes";
        Model.Take(Window.Session.Sessions);
        Rows.Update(Model, Window.Session.Sessions);
        var empty = Model.Count == 0 ? EmptyList.Rows(Window.Session, Model.Total, width) : null;
        View.Header = empty == null ? HandshakeColumns.Header(width, Model.Order, Model.IsDescending, Window.LocalZone != null)
            : null;
        View.Count = empty?.Count ?? Rows.Count;
        View.Row = place =>
        {
            if (empty != null) return empty[place];
            var (row, isSession) = Rows.At(place);
            var report = Model[row];
            if (isSession && Rows.SessionOf(report.Id) is { } session) return ListRows.Row(session, width);
            return HandshakeColumns.Row(report, width, Model.Times(row), Model.IsOpen(report.Id), Model.IsMarked(report.Id),
                Window.LocalZone);
        };
        View.Selected = Rows.PlaceOf(Model.SelectedRow);
    }

    internal void OrderByNext()
    {
        var shown = HandshakeColumns.For(View.Viewport.Width).Select(place => place.Column).ToList();
        Model.OrderBy(shown[(shown.IndexOf(Model.Order) + 1) % shown.Count]);
    }

    internal void ToggleMark()
    {
        if (Model.SelectedId == 0) return;
        Model.ToggleMark(Model.SelectedId);
        Model.Move(1);
    }

    internal void AskForText() => Window.Popups.Ask("Find", "text", _wanted, text =>
    {
        _wanted = text;
        Find(1);
    });

    /// <summary>Selects the next row that contains the search text, or the next problem if there is no search text.</summary>
    internal void Find(int direction)
    {
        var isFound = _wanted.Length == 0
            ? Model.Next(direction, report => report.IsProblem())
            : Model.Next(direction, report => Line(report).Contains(_wanted, StringComparison.OrdinalIgnoreCase));
        if (!isFound)
            Window.Status.Say(_wanted.Length == 0 ? "No problem in the list" : $"{ReportText.Safe(_wanted)}: not in the list", Ink.Warn);
    }

    private string Line(JudgedHandshake report) =>
        string.Concat(HandshakeColumns.Row(report, 300, zone: Window.LocalZone).Select(run => run.Text));
}
