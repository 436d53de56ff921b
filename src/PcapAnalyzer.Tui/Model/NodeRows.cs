using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Draws the nodes view as rows of <see cref="InkRun"/>.</summary>
public static class NodeRows
{
    private const int CellWidth = 6;
    private const int LabelWidth = 25;

    private static readonly (string Title, int Width)[] Columns =
        [("", 4), ("node", 0), ("release", 14), ("cookie proved", 20), ("✓", 6), ("✗", 6), ("other", 6), ("listens at", 24)];

    public static IReadOnlyList<InkRun> Header(int width) =>
        [.. For(width).Select(column => new InkRun(CellText.Fit(column.Title, column.Width), Ink.Quiet))];

    public static IReadOnlyList<InkRun> Node(NodeRow node, int width)
    {
        (string Text, Ink Ink)[] cells =
        [
            ($"{node.Number,3}", Ink.Quiet), (ReportText.Safe(node.Name), node.Failed > 0 ? Ink.Bad : Ink.Plain),
            (node.Release, Ink.Quiet), (ReportText.Safe(node.Cookie), Ink.Plain),
            ($"{node.Good}", Ink.Good), ($"{node.Failed}", node.Failed > 0 ? Ink.Bad : Ink.Quiet), ($"{node.Other}", Ink.Quiet),
            (node.Listens, Ink.Quiet),
        ];
        return [.. For(width).Select(column => (column.Width, Cell: cells[Array.FindIndex(Columns, one => one.Title == column.Title)]))
            .Select(one => new InkRun($"{CellText.Fit(one.Cell.Text, one.Width - 1)} ", one.Cell.Ink))];
    }

    /// <summary>
    /// The matrix, with a row for each dialler and a column for each node. A cell shows the latest outcome and the number of
    /// attempts, with <c>*</c> when the outcomes differ.
    /// </summary>
    /// <param name="column">The selected column; -1 for none.</param>
    /// <param name="width">Width in cells. Columns that do not fit scroll with the selected one.</param>
    public static IReadOnlyList<IReadOnlyList<InkRun>> Matrix(NodeMatrix matrix, int row, int column, int width)
    {
        var shown = Shown(matrix, column, width);
        var numbers = shown.Select(to => new InkRun($"{to.Number,CellWidth}", to.Number - 1 == column ? Ink.Accent : Ink.Quiet));
        var rows = new List<IReadOnlyList<InkRun>> { (InkRun[])[new(new string(' ', LabelWidth), Ink.Quiet), .. numbers] };
        foreach (var from in matrix.Diallers)
        {
            var isRow = from.Number - 1 == row;
            var label = CellText.Fit($"{from.Number,3} {ReportText.Safe(from.Name)}", LabelWidth);
            var runs = new List<InkRun> { new(label, isRow ? Ink.Accent : Ink.Plain) };
            foreach (var to in shown)
            {
                var text = matrix[from, to] is { } cell
                    ? $"{cell.Last.Outcome.Glyph()}{(cell.Count > 99 ? "++" : cell.Count)}{(cell.IsMixed ? "*" : "")}" : "·";
                text = isRow && to.Number - 1 == column ? $"[{text}]" : $"{text} ";
                runs.Add(new InkRun(text.PadLeft(CellWidth), matrix[from, to] is { } some ? some.Last.Severity().Ink() : Ink.Quiet));
            }
            rows.Add(runs);
        }
        return rows;
    }

    /// <summary>Index of the matrix column at a cell of the screen, from 0; null outside the columns.</summary>
    public static int? ColumnAt(NodeMatrix matrix, int column, int width, int x)
    {
        var (shown, at) = (Shown(matrix, column, width), (x - LabelWidth) / CellWidth);
        return x >= LabelWidth && at < shown.Count ? shown[at].Number - 1 : null;
    }

    private static List<NodeRow> Shown(NodeMatrix matrix, int column, int width)
    {
        var room = Math.Max(1, (width - LabelWidth) / CellWidth);
        return [.. matrix.Nodes.Skip(Math.Clamp(column - room + 1, 0, Math.Max(0, matrix.Nodes.Count - room))).Take(room)];
    }

    private static IEnumerable<(string Title, int Width)> For(int width)
    {
        var shown = width < 72 ? Columns.Where(column => column.Title is not "release" and not "listens at") : Columns;
        var rest = width - shown.Sum(column => column.Width);
        if (rest < 16) (shown, rest) = (shown.Where(column => column.Title != "listens at"), rest + 24);
        return shown.Select(column => column.Width == 0 ? (column.Title, rest) : column);
    }
}
