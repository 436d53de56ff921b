namespace PcapAnalyzer.Tui;

/// <summary>A part of the screen that takes keys: what it shows, and what moving means in it.</summary>
internal abstract class PanePart(TimelineWindow window)
{
    protected TimelineWindow Window => window;

    internal RowsView View { get; } = new();

    /// <summary>Moves the selection by so many rows, as far as there are as many.</summary>
    internal abstract void Move(int rows);

    /// <summary>Selects the row that the user clicked.</summary>
    internal abstract void Pick(int row);

    /// <param name="key">Enter goes to another pane where an arrow stays.</param>
    internal abstract void GoIn(string key);

    /// <param name="key">Esc leaves the pane where an arrow stays.</param>
    internal abstract void GoOut(string key);

    /// <summary>Takes over what the models hold now.</summary>
    internal abstract void Show();
}
