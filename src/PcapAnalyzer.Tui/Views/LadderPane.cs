using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The ladder of the selected handshake, and the diagnosis pinned under it.</summary>
internal sealed class LadderPane(TimelineWindow window, DetailModel detail) : PanePart(window)
{
    private bool _isPair;

    internal RowsView Diagnosis { get; } = new();

    internal LadderTime Time { get; private set; } = LadderTime.Relative;

    /// <summary>The offset of local time from UTC at the selected handshake; null while the screen shows UTC.</summary>
    internal TimeSpan? LocalOffset => Selected is { } report && Window.LocalZone is { } zone
        ? zone.GetUtcOffset(DateTime.UnixEpoch.AddSeconds(report.Started / 1_000_000_000)) : null;

    private JudgedHandshake? Selected => Window.Model.Selected;

    internal override void Move(int rows) => detail.MoveStep(rows);

    internal override void Pick(int row) => detail.SelectRow(row);

    internal override void GoIn(string key) => Window.Focus(Pane.Fields);

    internal override void GoOut(string key) => Window.Focus(Pane.List);

    internal override void Show()
    {
        var report = Selected;
        var isOpen = report != null && Window.Model.IsOpen(report.Id);
        var other = _isPair && report != null ? OtherOfPair(report) : null;
        var style = new LadderStyle
        {
            Width = Math.Max(ScreenLayout.Smallest.Width, View.Viewport.Width),
            Height = View.Room,
            Time = Time,
            LocalOffset = LocalOffset,
            Now = isOpen ? Window.Session.Now : null,
        };
        IReadOnlyList<LadderRow> rows = report == null ? [] : other == null ? LadderDrawing.Draw(report, style, isOpen ? null
            : Window.List.Rows.SessionOf(report.Id))
            : LadderDrawing.DrawPair(report, other, style);
        var facts = report == null ? null : Window.Session.Facts(report);
        detail.Show(report, rows, facts, number => report == null ? null : Window.Session.Layers(report, number));
        var title = report == null ? ""
            : $"#{report.Id} {report.Initiator.Shown} → {report.Acceptor.Shown}";
        if (View.Heading != title) View.Top = 0;
        View.Heading = report == null ? "Ladder" : title;
        View.Count = rows.Count;
        View.Row = row => rows[row].Runs;
        View.Selected = Window.Current == Pane.List ? -1 : detail.LadderRow;
        ShowDiagnosis(isOpen ? null : report);
    }

    internal void TogglePair()
    {
        _isPair = !_isPair;
        if (_isPair && Selected is { } report && OtherOfPair(report) == null)
            Window.Status.Say("No other connection of these two nodes is listed", Ink.Warn);
    }

    internal void NextTime() => Time = (LadderTime)(((int)Time + 1) % Enum.GetValues<LadderTime>().Length);

    private void ShowDiagnosis(JudgedHandshake? report)
    {
        var rows = report == null || Window.Places.Diagnosis.IsEmpty ? []
            : DiagnosisText.Rows(report, Math.Max(40, Diagnosis.Viewport.Width), Diagnosis.Viewport.Height, KeyMap.InPlaceOfOptions);
        Diagnosis.Count = rows.Count;
        Diagnosis.Row = row => rows[row];
        Diagnosis.SetNeedsDraw();
    }

    /// <summary>The other connection of the same two nodes that is closest in time.</summary>
    private JudgedHandshake? OtherOfPair(JudgedHandshake report)
    {
        return Window.Model.All
            .Where(other => other.Id != report.Id && other.Source == report.Source &&
                ((IsSame(report.Initiator, other.Initiator) && IsSame(report.Acceptor, other.Acceptor))
                    || (IsSame(report.Initiator, other.Acceptor) && IsSame(report.Acceptor, other.Initiator))))
            .MinBy(other => (Math.Abs(other.Started - report.Started), other.Id));
        // A node that gave way to a simultaneous connect never sent its name.
        static bool IsSame(JudgedPeer one, JudgedPeer other) =>
            one.Node != null && other.Node != null ? one.Node == other.Node : one.Endpoint.Host == other.Endpoint.Host;
    }
}
