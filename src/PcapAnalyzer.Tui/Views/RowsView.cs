using PcapAnalyzer.Reports;
using Terminal.Gui.Input;
using Terminal.Gui.Text;
using Terminal.Gui.ViewBase;

namespace PcapAnalyzer.Tui;

/// <summary>Shows rows under a title line, with one selected. Every pane uses this view; panes differ only in data.</summary>
/// <remarks>Rows are requested when they are drawn, so a million rows cost as much as one screen.</remarks>
internal sealed class RowsView : View
{
    private int _top;

    internal RowsView()
    {
        CanFocus = false; // the window handles keys and forwards commands
        MouseBindings.Clear();
    }

    internal Theme Theme { get; set; } = Theme.Dark;

    /// <summary>The pane's title; null for no title line.</summary>
    internal string? Heading { get; set; }

    /// <summary>The pane has the focus.</summary>
    internal bool IsCurrent { get; set; }

    /// <summary>A line above the rows that does not scroll.</summary>
    internal IReadOnlyList<InkRun>? Header { get; set; }

    internal int Count { get; set; }

    /// <summary>Returns the content of a row.</summary>
    internal Func<int, IReadOnlyList<InkRun>> Row { get; set; } = _ => [];

    /// <summary>The selected row; -1 for none.</summary>
    internal int Selected { get; set; } = -1;

    /// <summary>Called with the clicked row, or -1 outside the rows, and true for a double click.</summary>
    internal Action<int, bool>? Clicked { get; set; }

    /// <summary>Called with the column of a click on the header.</summary>
    internal Action<int>? HeaderClicked { get; set; }

    /// <summary>Called with the column of every click.</summary>
    internal Action<int>? ClickedAt { get; set; }

    /// <summary>Called with the number of rows that the wheel scrolled.</summary>
    internal Action<int>? Wheeled { get; set; }

    /// <summary>Number of rows that fit.</summary>
    internal int Room => Math.Max(0, Viewport.Height - HeadRows);

    private int HeadRows => (Heading == null ? 0 : 1) + (Header == null ? 0 : 1);

    /// <summary>The first row shown. Limited so that rows fill the view if there are enough.</summary>
    internal int Top
    {
        get => _top;
        set => _top = Math.Clamp(value, 0, Math.Max(0, Count - Room));
    }

    /// <summary>Scrolls no further than needed to show the selected row.</summary>
    internal void Reveal() => Reveal(Selected);

    /// <summary>Scrolls no further than needed to show a row; a negative row means none.</summary>
    internal void Reveal(int row)
    {
        if (row < 0 || (row >= _top && row < _top + Room)) Top = _top;
        else Top = row < _top ? row : row - Room + 1;
    }

    protected override bool OnDrawingContent(DrawContext? context)
    {
        var y = 0;
        if (Heading != null) DrawHeading(y++);
        if (Header != null) DrawRow(y++, Header, false);
        for (var row = _top; y < Viewport.Height; row++, y++) DrawRow(y, row < Count ? Row(row) : [], row == Selected);
        return true;
    }

    protected override bool OnMouseEvent(Mouse mouse)
    {
        if (mouse.Flags.HasFlag(MouseFlags.WheeledDown)) Wheeled?.Invoke(3);
        else if (mouse.Flags.HasFlag(MouseFlags.WheeledUp)) Wheeled?.Invoke(-3);
        else if (mouse.Position is { } at && (mouse.IsSingleClicked || mouse.IsDoubleClicked))
        {
            ClickedAt?.Invoke(at.X);
            var row = at.Y - HeadRows;
            if (row < 0 && Header != null && at.Y == HeadRows - 1) HeaderClicked?.Invoke(at.X);
            else if (_top + row < Count) Clicked?.Invoke(row < 0 ? -1 : _top + row, mouse.IsDoubleClicked);
            else Clicked?.Invoke(-1, false);
        }
        else return false;
        return true;
    }

    /// <summary>Draws <c>─┤Handshakes├───</c>, or <c>─┤▸Handshakes├───</c> for the focused pane without colour.</summary>
    private void DrawHeading(int y)
    {
        var ink = IsCurrent ? Ink.Accent : Ink.Quiet;
        var title = IsCurrent && Theme == Theme.None ? $"▸{Heading}" : Heading!;
        title = CellText.Fit(title, Math.Min(Viewport.Width - 4, title.GetColumns())).TrimEnd();
        DrawRow(y, [new("─┤", Ink.Quiet), new(title, IsCurrent ? Ink.Strong : ink), new("├", Ink.Quiet),
            new(new string('─', Math.Max(0, Viewport.Width - 3 - title.GetColumns())), Ink.Quiet)], false);
    }

    private void DrawRow(int y, IReadOnlyList<InkRun> runs, bool isSelected)
    {
        var x = 0;
        foreach (var run in runs)
        {
            if (x >= Viewport.Width) break;
            SetAttribute(Theme[run.Ink, isSelected]);
            AddStr(x, y, run.Text);
            x += run.Text.GetColumns();
        }
        if (x >= Viewport.Width) return;
        SetAttribute(Theme[Ink.Plain, isSelected]);
        AddStr(x, y, new string(' ', Viewport.Width - x));
    }
}
