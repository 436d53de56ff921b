namespace PcapAnalyzer.Tui;

/// <summary>The nodes of the listed handshakes, and the matrix of who dialled whom.</summary>
internal sealed class NodesPane : PanePart
{
    private NodeMatrix? _nodes;
    private int _version;
    private int _row;

    /// <summary>Index of the selected column of the matrix; -1 for the whole row.</summary>
    private int _column = -1;

    internal NodesPane(TimelineWindow window) : base(window)
    {
        var x = 0;
        Matrix.ClickedAt = column => x = column;
        Matrix.Clicked = (row, _) =>
        {
            if (_nodes == null || row < 1 || NodeRows.ColumnAt(_nodes, _column, Matrix.Viewport.Width, x) is not { } to) return;
            _row = _nodes.Diallers.ElementAt(row - 1).Number - 1;
            _column = to;
            window.Do(KeyMap.Of("filter.from-cell"));
        };
    }

    internal RowsView Matrix { get; } = new();

    internal override void Move(int rows) => _row = (int)Math.Clamp((long)_row + rows, 0, Math.Max(0, (_nodes?.Nodes.Count ?? 0) - 1));

    internal override void Pick(int row) => _row = row;

    internal override void GoIn(string key)
    {
        if (key == "enter") FilterBySelected();
        else _column++;
    }

    internal override void GoOut(string key)
    {
        if (key == "esc") Window.Focus(Pane.List);
        else _column = Math.Max(-1, _column - 1);
    }

    internal override void Show()
    {
        if (Window.Current != Pane.Nodes) return;
        var model = Window.Model;
        if (_nodes == null || _version != model.Version)
            (_nodes, _version) = (new NodeMatrix(Enumerable.Range(0, model.Count).Select(row => model[row])), model.Version);
        _row = Math.Clamp(_row, 0, Math.Max(0, _nodes.Nodes.Count - 1));
        _column = Math.Clamp(_column, -1, _nodes.Nodes.Count - 1);
        var width = View.Viewport.Width;
        View.Heading = $"Nodes, {_nodes.Nodes.Count}";
        View.Header = NodeRows.Header(width);
        View.Count = _nodes.Nodes.Count;
        View.Row = row => NodeRows.Node(_nodes.Nodes[row], width);
        View.Selected = _nodes.Nodes.Count == 0 ? -1 : _row;
        var rows = NodeRows.Matrix(_nodes, _row, _column, Matrix.Viewport.Width);
        Matrix.Heading = "Who dialled whom";
        Matrix.Count = rows.Count;
        Matrix.Row = row => rows[row];
        Matrix.Top = Math.Max(0, _row - Matrix.Room + 2);
        Matrix.SetNeedsDraw();
    }

    /// <summary>Filters the list by the selected node, or by the selected cell.</summary>
    internal void FilterBySelected()
    {
        if (_nodes == null || _nodes.Nodes.Count == 0) return;
        var from = _nodes.Nodes[_row];
        Window.Filter.Set(_column < 0 ? NodeFilter.Of(from) : NodeFilter.Of(from, _nodes.Nodes[_column]));
        Window.Focus(Pane.List);
    }
}
