namespace PcapAnalyzer.Tui;

/// <summary>A pane that takes keys. It defines what is shown and how the selection moves.</summary>
internal abstract class PanePart(TimelineWindow window)
{
    protected TimelineWindow Window => window;

    internal RowsView View { get; } = new();

    /// <summary>Moves the selection by this many rows, at most to the first or last one.</summary>
    internal abstract void Move(int rows);

    /// <summary>Selects the row that the user clicked.</summary>
    internal abstract void Pick(int row);

    /// <param name="key">Enter may go to another pane where an arrow key stays.</param>
    internal abstract void GoIn(string key);

    /// <param name="key">Esc may leave the pane where an arrow key stays.</param>
    internal abstract void GoOut(string key);

    /// <summary>Updates the view from the models.</summary>
    internal abstract void Show();
}
