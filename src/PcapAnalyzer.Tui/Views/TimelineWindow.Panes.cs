using PcapAnalyzer.Pipeline.Protocols;
using PcapAnalyzer.Reports;
using Terminal.Gui.Text;

namespace PcapAnalyzer.Tui;

/// <summary>What stands in the panes.</summary>
public sealed partial class TimelineWindow
{
    private LadderTime _time = LadderTime.Relative;
    private bool _isPair;
    private NodeMatrix? _nodes;
    private int _nodesVersion;
    private int _nodeRow;

    /// <summary>The cell of the matrix that is selected in the row; -1 for the whole row.</summary>
    private int _nodeColumn = -1;

    private void ShowAll()
    {
        _isDirty = false;
        if (_layout.IsTooSmall)
        {
            ShowStatus();
            return;
        }
        ShowList();
        ShowDetail();
        if (_focus == Pane.Nodes) ShowNodes();
        foreach (var (pane, view) in _panes)
        {
            view.IsCurrent = pane == _focus;
            view.Reveal();
            view.SetNeedsDraw();
        }
        ShowFilter();
        ShowStatus();
    }

    private void ShowList()
    {
        var list = _panes[Pane.List];
        var width = list.Viewport.Width;
        list.Heading = _model.IsFolded ? "Handshakes, alike folded" : "Handshakes";
        var empty = _model.Count == 0 ? EmptyList.Rows(_session, _model.Total, width) : null;
        list.Header = empty == null ? HandshakeColumns.Header(width, _model.Order, _model.IsDescending) : null;
        list.Count = empty?.Count ?? _model.Count;
        list.Row = row =>
        {
            if (empty != null) return empty[row];
            var report = _model[row];
            return HandshakeColumns.Row(report, width, _model.Times(row), _model.IsOpen(report.Id), _model.IsMarked(report.Id));
        };
        list.Selected = _model.SelectedRow;
    }

    private void ShowDetail()
    {
        var report = _model.Selected;
        var ladder = _panes[Pane.Ladder];
        var other = _isPair && report != null ? OtherOfPair(report) : null;
        var style = new LadderStyle { Width = Math.Max(ScreenLayout.Smallest.Width, ladder.Viewport.Width), Height = ladder.Room, Time = _time, Now = report != null && _model.IsOpen(report.Id) ? _session.Now : null };
        IReadOnlyList<LadderRow> rows = report == null ? [] : other == null ? LadderDrawing.Draw(report, style) : LadderDrawing.DrawPair(report, other, style);
        _detail.Show(report, rows, report == null ? null : _session.Facts(report), number => report == null ? null : _session.Layers(report, number));
        var title = report == null ? "" : $"#{report.Id} {report.Initiator.Shown} → {report.Acceptor.Shown}";
        if (ladder.Heading != title) ladder.Top = 0;
        ladder.Heading = report == null ? "Ladder" : title;
        ladder.Count = rows.Count;
        ladder.Row = row => rows[row].Runs;
        ladder.Selected = _focus == Pane.List ? -1 : _detail.LadderRow;
        var fields = _panes[Pane.Fields];
        fields.Heading = report == null ? "Fields" : $"Fields of #{report.Id}{(_detail.LadderRow >= 0 && rows[_detail.LadderRow] is { IsOther: false, Message: { } step } ? $", {report.Messages[step].Kind.Word()}" : "")}";
        fields.Count = _detail.Lines.Count;
        fields.Row = line => DetailRows.Field(_detail, line, fields.Viewport.Width);
        fields.Selected = _focus is Pane.Fields or Pane.Bytes ? _detail.Line : -1;
        var bytes = _panes[Pane.Bytes];
        bytes.Heading = "Bytes";
        bytes.Count = BytesRows(bytes.Viewport.Width);
        bytes.Row = row => DetailRows.Bytes(_detail, row, bytes.Viewport.Width, _theme == Theme.None);
        bytes.Reveal(_detail.Offset < 0 ? -1 : _detail.Offset / DetailRows.BytesPerRow(bytes.Viewport.Width));
        ShowDiagnosis(report);
    }

    private void ShowDiagnosis(JudgedHandshake? report)
    {
        var rows = report == null || _model.IsOpen(report.Id) || _layout.Diagnosis.IsEmpty ? [] : DiagnosisText.Rows(report, Math.Max(40, _diagnosis.Viewport.Width), _diagnosis.Viewport.Height);
        _diagnosis.Count = rows.Count;
        _diagnosis.Row = row => rows[row];
        _diagnosis.SetNeedsDraw();
    }

    /// <summary>The other connection of the same two nodes that is closest in time.</summary>
    private JudgedHandshake? OtherOfPair(JudgedHandshake report)
    {
        return _model.All
            .Where(other => other.Id != report.Id && other.Source == report.Source &&
                ((IsSame(report.Initiator, other.Initiator) && IsSame(report.Acceptor, other.Acceptor)) || (IsSame(report.Initiator, other.Acceptor) && IsSame(report.Acceptor, other.Initiator))))
            .MinBy(other => (Math.Abs(other.Started - report.Started), other.Id));
        // Who gave way to a simultaneous connect never told its name.
        static bool IsSame(JudgedPeer one, JudgedPeer other) => one.Node != null && other.Node != null ? one.Node == other.Node : one.Endpoint.Host == other.Endpoint.Host;
    }

    private int BytesRows(int width) => _detail.Tree is { } tree ? (tree.Bytes.Length + DetailRows.BytesPerRow(width) - 1) / DetailRows.BytesPerRow(width) : 0;

    private void ShowNodes()
    {
        if (_nodes == null || _nodesVersion != _model.Version) (_nodes, _nodesVersion) = (new NodeMatrix(Enumerable.Range(0, _model.Count).Select(row => _model[row])), _model.Version);
        var table = _panes[Pane.Nodes];
        _nodeRow = Math.Clamp(_nodeRow, 0, Math.Max(0, _nodes.Nodes.Count - 1));
        _nodeColumn = Math.Clamp(_nodeColumn, -1, _nodes.Nodes.Count - 1);
        var width = table.Viewport.Width;
        table.Heading = $"Nodes, {_nodes.Nodes.Count}";
        table.Header = NodeRows.Header(width);
        table.Count = _nodes.Nodes.Count;
        table.Row = row => NodeRows.Node(_nodes.Nodes[row], width);
        table.Selected = _nodes.Nodes.Count == 0 ? -1 : _nodeRow;
        var rows = NodeRows.Matrix(_nodes, _nodeRow, _nodeColumn, _matrix.Viewport.Width);
        _matrix.Heading = "Who dialled whom";
        _matrix.Count = rows.Count;
        _matrix.Row = row => rows[row];
        _matrix.Selected = -1;
        _matrix.Top = Math.Max(0, _nodeRow - _matrix.Room + 2);
        _matrix.SetNeedsDraw();
    }

    private void ShowFilter()
    {
        var width = _filter.Viewport.Width;
        var counts = _model.Count == _model.Total ? $"{_model.Total}" : $"{_model.Count} of {_model.Total}";
        var problems = _model.Problems > 0 ? $"✗ {_model.Problems}   " : "";
        var right = $"{problems}{counts} handshake{(_model.Total == 1 ? " " : "s")} ";
        var text = _filterProblem.Length > 0 ? $"{_filterText}   {_filterProblem}" : _filterText.Length > 0 ? _filterText : "filter: node, cause, address, or problem";
        var ink = _filterProblem.Length > 0 ? Ink.Bad : _filterText.Length > 0 ? Ink.Good : Ink.Quiet;
        _filter.Row = _ => [new(" / ", Ink.Accent), new($"{CellText.Fit(ReportText.Safe(text, 2000), Math.Max(0, width - 4 - right.GetColumns()))} ", ink), new(problems, Ink.Bad), new(right[problems.Length..], Ink.Plain)];
        _filter.SetNeedsDraw();
    }
}
