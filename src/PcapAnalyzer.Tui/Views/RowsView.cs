using PcapAnalyzer.Reports;
using Terminal.Gui.Input;
using Terminal.Gui.Text;
using Terminal.Gui.ViewBase;

namespace PcapAnalyzer.Tui;

/// <summary>Rows of ink under a title line, with a selected one. Every pane is one of these: what they differ in is plain data.</summary>
/// <remarks>Rows are asked for when they are drawn, so a million cost what a screenful costs.</remarks>
internal sealed class RowsView : View
{
    private int _top;

    internal RowsView()
    {
        CanFocus = false; // the window has the keys, and passes on what they mean
        MouseBindings.Clear();
    }

    internal Theme Theme { get; set; } = Theme.Dark;

    /// <summary>Names the pane in its title line; null for no such line.</summary>
    internal string? Heading { get; set; }

    /// <summary>It has the keys.</summary>
    internal bool IsCurrent { get; set; }

    /// <summary>Stands above the rows and does not scroll.</summary>
    internal IReadOnlyList<InkRun>? Header { get; set; }

    internal int Count { get; set; }

    /// <summary>What a row shows.</summary>
    internal Func<int, IReadOnlyList<InkRun>> Row { get; set; } = _ => [];

    /// <summary>The selected row; -1 for none.</summary>
    internal int Selected { get; set; } = -1;

    /// <summary>A row was clicked, twice or once.</summary>
    internal Action<int, bool>? Clicked { get; set; }

    /// <summary>The header was clicked, at this column.</summary>
    internal Action<int>? HeaderClicked { get; set; }

    /// <summary>It was clicked at this column, whatever the row.</summary>
    internal Action<int>? ClickedAt { get; set; }

    /// <summary>The wheel was turned by so many rows.</summary>
    internal Action<int>? Wheeled { get; set; }

    /// <summary>Rows that fit.</summary>
    internal int Room => Math.Max(0, Viewport.Height - HeadRows);

    private int HeadRows => (Heading == null ? 0 : 1) + (Header == null ? 0 : 1);

    /// <summary>Shows the rows from this one on, as far as there are as many.</summary>
    internal int Top
    {
        get => _top;
        set => _top = Math.Clamp(value, 0, Math.Max(0, Count - Room));
    }

    /// <summary>Scrolls no further than needed to show the selected row.</summary>
    internal void Reveal() => Reveal(Selected);

    /// <summary>The same for any row; below 0 for none.</summary>
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

    /// <summary><c>─┤Handshakes├───</c>, without colour <c>─┤▸Handshakes├───</c> where the keys are.</summary>
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
