using PcapAnalyzer.Pipeline.Protocols;
namespace PcapAnalyzer.Tui;

/// <summary>The fields of the selected message, as a tree.</summary>
internal sealed class FieldsPane(TimelineWindow window, DetailModel detail) : PanePart(window)
{
    internal override void Move(int rows) => detail.SelectLine(detail.Line + Math.Clamp(rows, -9999, 9999));

    internal override void Pick(int row) => detail.SelectLine(row);

    internal override void GoIn(string key)
    {
        if (key == "enter" || !detail.Open(true)) Window.Focus(Pane.Bytes);
    }

    internal override void GoOut(string key)
    {
        if (key == "esc" || !detail.Open(false)) Window.Focus(Pane.Ladder);
    }

    internal override void Show()
    {
        var report = detail.Report;
        var step = report != null && detail.LadderRow >= 0 && detail.Ladder[detail.LadderRow] is { IsOther: false, Message: { } message }
            ? $", {report.Messages[message].Kind.Word()}" : "";
        View.Heading = report == null ? "Fields" : $"Fields of #{report.Id}{step}";
        View.Count = detail.Lines.Count;
        View.Row = line => DetailRows.Field(detail, line, View.Viewport.Width);
        View.Selected = Window.Current is Pane.Fields or Pane.Bytes ? detail.Line : -1;
    }
}

/// <summary>The bytes of the selected message.</summary>
internal sealed class BytesPane(TimelineWindow window, DetailModel detail) : PanePart(window)
{
    private int PerRow => DetailRows.BytesPerRow(View.Viewport.Width);

    internal override void Move(int rows) => detail.SelectByte(detail.Offset + Math.Clamp(rows, -9999, 9999) * PerRow);

    internal override void Pick(int row) => detail.SelectByte(row * PerRow);

    internal override void GoIn(string key) => detail.SelectByte(detail.Offset + 1);

    internal override void GoOut(string key)
    {
        if (key == "esc") Window.Focus(Pane.Fields);
        else detail.SelectByte(detail.Offset - 1);
    }

    internal override void Show()
    {
        View.Heading = "Bytes";
        View.Count = detail.Tree is { } tree ? (tree.Bytes.Length + PerRow - 1) / PerRow : 0;
        View.Row = row => DetailRows.Bytes(detail, row, View.Viewport.Width, View.Theme == Theme.None);
        View.Reveal(detail.Offset < 0 ? -1 : detail.Offset / PerRow);
    }
}
