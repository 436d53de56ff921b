using System.Text;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>What each command of <see cref="KeyMap"/> does.</summary>
public sealed partial class TimelineWindow
{
    private static readonly Pane[] Details = [Pane.List, Pane.Ladder, Pane.Fields, Pane.Bytes];

    private string _lastKey = "";
    private string _find = "";

    private Dictionary<string, Action> Commands() => new()
    {
        ["file.save-report"] = () => AskForFile("Save the report as JSON", ".json", SaveReport),
        ["file.save-text"] = () => AskForFile("Save the report as text", ".txt", SaveText),
        ["file.save-packets"] = () => AskForFile("Save the packets as pcapng", ".pcapng", SavePackets),
        ["app.back"] = Back,
        ["app.quit"] = RequestStop,
        ["app.suspend"] = Suspend,
        ["filter.edit"] = EditFilter,
        ["filter.clear"] = () => SetFilter(""),
        ["filter.from-cell"] = FilterByCell,
        ["find.start"] = AskForText,
        ["mark.toggle"] = ToggleMark,
        ["mark.clear"] = _model.ClearMarks,
        ["copy.field"] = () => Copy(_detail.Field is { } field ? $"{field.Name} {field.Text}".TrimEnd() : ""),
        ["copy.filter"] = () => Copy(_model.Selected is { } report ? DisplayFilter.Of(report) : ""),
        ["copy.text"] = () => Copy(AsText()),
        ["copy.value"] = () => Copy(_detail is { Tree: { } tree, Field: { Offset: >= 0 } field } ? Convert.ToHexStringLower(tree.Bytes.AsSpan(field.Offset, Math.Min(field.Length, tree.Bytes.Length - field.Offset))) : ""),
        ["pane.list"] = () => Focus(Pane.List),
        ["pane.ladder"] = () => Focus(Pane.Ladder),
        ["pane.fields"] = () => Focus(Pane.Fields),
        ["pane.bytes"] = () => Focus(Pane.Bytes),
        ["pane.nodes"] = () => Focus(Pane.Nodes),
        ["pane.next"] = () => CyclePane(1),
        ["pane.previous"] = () => CyclePane(-1),
        ["pane.maximise"] = () => Arrange(() => _isMaximised = !_isMaximised),
        ["pane.grow"] = () => Arrange(() => _listGrowth++),
        ["pane.shrink"] = () => Arrange(() => _listGrowth--),
        ["pane.reset"] = () => Arrange(() => (_listGrowth, _isMaximised) = (0, false)),
        ["view.fold-pairs"] = () => _model.Fold(!_model.IsFolded),
        ["view.pair"] = TogglePair,
        ["view.follow"] = () => _model.Follow(!_model.IsFollowing),
        ["view.order"] = () => _model.OrderBy(NextColumn()),
        ["view.reverse"] = () => _model.OrderBy(_model.Order),
        ["view.time"] = () => _time = (LadderTime)(((int)_time + 1) % Enum.GetValues<LadderTime>().Length),
        ["view.theme"] = NextTheme,
        ["move.down"] = () => MoveIn(_focus, 1),
        ["move.up"] = () => MoveIn(_focus, -1),
        ["move.in"] = GoIn,
        ["move.out"] = GoOut,
        ["move.first"] = () => MoveIn(_focus, -int.MaxValue / 2),
        ["move.last"] = GoLast,
        ["move.page-down"] = () => MoveIn(_focus, _panes[_focus].Room),
        ["move.page-up"] = () => MoveIn(_focus, -_panes[_focus].Room),
        ["move.half-down"] = () => MoveIn(_focus, _panes[_focus].Room / 2),
        ["move.half-up"] = () => MoveIn(_focus, -_panes[_focus].Room / 2),
        ["find.next"] = () => Find(1),
        ["find.previous"] = () => Find(-1),
        ["cookie.add"] = AskForCookie,
        ["cookie.list"] = ShowCookies,
        ["capture.pause"] = TogglePause,
        ["capture.stop"] = StopCapture,
        ["capture.info"] = ShowInfo,
        ["app.palette"] = ShowPalette,
        ["app.help"] = ShowHelp,
        ["app.explain"] = ShowExplanation,
        ["app.menu"] = OpenMenu,
        ["app.redraw"] = () => App?.LayoutAndDraw(true),
    };

    private void MoveIn(Pane pane, int rows)
    {
        if (pane == Pane.List) _model.Move(rows);
        else if (pane == Pane.Ladder) _detail.MoveStep(rows);
        else if (pane == Pane.Fields) _detail.SelectLine(_detail.Line + Math.Clamp(rows, -9999, 9999));
        else if (pane == Pane.Bytes) _detail.SelectByte(_detail.Offset + Math.Clamp(rows, -9999, 9999) * DetailRows.BytesPerRow(_panes[pane].Viewport.Width));
        else _nodeRow = (int)Math.Clamp((long)_nodeRow + rows, 0, Math.Max(0, (_nodes?.Nodes.Count ?? 0) - 1));
    }

    private void Pick(Pane pane, int row)
    {
        if (pane == Pane.List && row < _model.Count) _model.Pick(row);
        else if (pane == Pane.Ladder) _detail.SelectRow(row);
        else if (pane == Pane.Fields) _detail.SelectLine(row);
        else if (pane == Pane.Bytes) _detail.SelectByte(row * DetailRows.BytesPerRow(_panes[pane].Viewport.Width));
        else if (pane == Pane.Nodes) _nodeRow = row;
    }

    private void GoLast()
    {
        MoveIn(_focus, int.MaxValue / 2);
        if (_focus == Pane.List && _session.IsLive && !_session.IsOver) _model.Follow(true);
    }

    private void GoIn()
    {
        if (_focus == Pane.Nodes && _lastKey == "enter") FilterByNode();
        else if (_focus == Pane.Nodes) _nodeColumn++;
        else if (_focus == Pane.Bytes) _detail.SelectByte(_detail.Offset + 1);
        else if (_focus != Pane.Fields || _lastKey == "enter" || !_detail.Open(true)) Focus(Details[Array.IndexOf(Details, _focus) + 1]);
    }

    private void GoOut()
    {
        if (_focus == Pane.Nodes && _lastKey == "esc") Focus(Pane.List);
        else if (_focus == Pane.Nodes) _nodeColumn = Math.Max(-1, _nodeColumn - 1);
        else if (_focus == Pane.Bytes && _lastKey != "esc") _detail.SelectByte(_detail.Offset - 1);
        else if (_focus == Pane.Fields && _lastKey != "esc" && _detail.Open(false)) return;
        else if (_focus != Pane.List) Focus(Details[Array.IndexOf(Details, _focus) - 1]);
        else if (_filterText.Length > 0 && _lastKey == "esc") SetFilter("");
    }

    private void CyclePane(int direction)
    {
        var panes = Enum.GetValues<Pane>();
        Focus(panes[((int)_focus + direction + panes.Length) % panes.Length]);
    }

    private void Arrange(Action change)
    {
        change();
        Arrange();
        SetNeedsLayout();
    }

    /// <summary>Leaves what was opened last; on the list, the program.</summary>
    private void Back()
    {
        if (_focus != Pane.List) Focus(Pane.List);
        else if (_session is { IsLive: true, IsOver: false } && !_mayQuit)
        {
            _mayQuit = true;
            Say("The capture goes on: q again quits, w r saves the report", Ink.Warn);
        }
        else RequestStop();
    }

    /// <summary>Returns when the shell lets it go on, and then draws everything anew.</summary>
    private void Suspend()
    {
        App?.Driver?.Suspend();
        App?.LayoutAndDraw(true);
    }

    private void TogglePair()
    {
        _isPair = !_isPair;
        if (_isPair && _model.Selected is { } report && OtherOfPair(report) == null) Say("No other connection of these two nodes is listed", Ink.Warn);
    }

    private void ToggleMark()
    {
        if (_model.SelectedId == 0) return;
        _model.ToggleMark(_model.SelectedId);
        _model.Move(1);
    }

    private void TogglePause()
    {
        _model.Pause(!_model.IsPaused);
        Say(_model.IsPaused ? "The view stands still; the capture goes on. p resumes" : "", Ink.Warn);
    }

    private void StopCapture()
    {
        if (_session.IsOver || _stopWasAsked)
        {
            RequestStop();
            return;
        }
        _stopWasAsked = true;
        _session.Stop();
        Say("Stopping; ctrl-c again quits", Ink.Warn);
    }

    private void NextTheme()
    {
        var themes = Theme.All;
        Use(themes[(themes.ToList().IndexOf(_theme) + 1) % themes.Count]);
        Say($"Theme: {_theme.Name}", Ink.Accent);
    }

    private HandshakeColumn NextColumn()
    {
        var shown = HandshakeColumns.For(_panes[Pane.List].Viewport.Width).Select(place => place.Column).ToList();
        return shown[(shown.IndexOf(_model.Order) + 1) % shown.Count];
    }

    private void Find(int direction)
    {
        var isFound = _find.Length == 0
            ? _model.Next(direction, report => report.IsProblem())
            : _model.Next(direction, report => Line(report).Contains(_find, StringComparison.OrdinalIgnoreCase));
        if (!isFound) Say(_find.Length == 0 ? "No problem in the list" : $"{ReportText.Safe(_find)}: not in the list", Ink.Warn);
    }

    private static string Line(JudgedHandshake report) => string.Concat(HandshakeColumns.Row(report, 300).Select(run => run.Text));

    private void FilterByCell()
    {
        if (_focus == Pane.Nodes) FilterByNode();
        else if (_model.Selected is { } report) SetFilter($"code == {report.Diagnosis.Code.Kebab()}");
    }

    private void FilterByNode()
    {
        if (_nodes == null || _nodes.Nodes.Count == 0) return;
        var from = _nodes.Nodes[_nodeRow];
        SetFilter(_nodeColumn < 0 ? NodeFilter.Of(from) : NodeFilter.Of(from, _nodes.Nodes[_nodeColumn]));
        Focus(Pane.List);
    }

    private string AsText()
    {
        if (_model.Selected is not { } report) return "";
        var text = new StringBuilder();
        var rows = LadderDrawing.Draw(report, new LadderStyle { Time = _time }).Select(row => row.Runs).Concat(DiagnosisText.Rows(report, 80, int.MaxValue));
        foreach (var row in rows) text.AppendLine(string.Concat(row.Select(run => run.Text)).TrimEnd());
        return text.ToString();
    }

    private void Copy(string text)
    {
        if (text.Length == 0)
        {
            Say("Nothing is selected that could be copied", Ink.Warn);
            return;
        }
        // OSC 52: the terminal puts it into its clipboard, over ssh too.
        App?.Driver?.GetOutput().Write($"\e]52;c;{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}\a");
        var lines = text.AsSpan().TrimEnd().Count('\n') + 1;
        Say(lines > 1 ? $"Copied {lines} lines" : $"Copied: {ReportText.Safe(text.TrimEnd(), 200)}", Ink.Good);
    }

    private void SaveReport(string path) => Save(path, $"Saved to {path}", () => _session.WithReport(report => _actions.WriteFile(path, stream => JsonReport.Write(report, stream))));

    private void SaveText(string path) => Save(path, $"Saved to {path}", () => _session.WithReport(report => _actions.WriteFile(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true);
        TextReport.Write(report, writer, new TextStyle(false, TextDetail.Normal));
    })));

    /// <summary>The packets of the marked handshakes; of the selected one where none is marked.</summary>
    private void SavePackets(string path)
    {
        var ids = _model.Marked.Count > 0 ? _model.Marked.Order() : (IEnumerable<int>)[_model.SelectedId];
        var reports = ids.Select(_model.ById).OfType<JudgedHandshake>().ToList();
        var packets = reports.SelectMany(_session.PacketsOf).OrderBy(packet => packet.Frame.Time).ToList();
        if (packets.Count == 0) Say("Their packets are not kept any more: nothing is written", Ink.Warn);
        else Save(path, $"Saved {packets.Count} packets of {reports.Count} handshake{(reports.Count == 1 ? "" : "s")} to {path}", () => _actions.WritePackets(path, packets));
    }

    /// <summary>Beside the screen: a large report takes seconds, and so may a disk.</summary>
    private void Save(string path, string done, Action write)
    {
        Say($"Saving {path}…", Ink.Accent);
        Task.Run(() =>
        {
            var why = "";
            try
            {
                write();
            }
            catch (Exception problem)
            {
                why = problem.Message;
            }
            App?.Invoke(() =>
            {
                Say(why.Length > 0 ? why : done, why.Length > 0 ? Ink.Bad : Ink.Good);
                ShowAll();
            });
        });
    }
}
