namespace PcapAnalyzer.Tui;

/// <summary>Something the user can do: one name, some keys, a place in the menu.</summary>
/// <param name="Name">Like <c>move.down</c>.</param>
/// <param name="Menu">The menu that shows it.</param>
/// <param name="Title">What it does, in a few words.</param>
/// <param name="Keys">Keys, or keys after one another like <c>y w</c>; the first is the one that is shown.</param>
public sealed record AppCommand(string Name, string Menu, string Title, params string[] Keys)
{
    /// <summary>Panes in which its keys mean it; empty for all.</summary>
    public IReadOnlyList<Pane> Panes { get; init; } = [];

    public bool IsFor(Pane pane) => Panes.Count == 0 || Panes.Contains(pane);
}

/// <summary>Every command with its keys. The hints, the help, the palette and the menu are all drawn from it.</summary>
public static class KeyMap
{
    private static readonly Pane[] Rows = [Pane.List, Pane.Nodes];

    public static IReadOnlyList<string> Menus { get; } = ["File", "Edit", "View", "Go", "Cookies", "Capture", "Help"];

    public static IReadOnlyList<AppCommand> Commands { get; } =
    [
        new("file.save-report", "File", "Save the report as JSON", "w r"),
        new("file.save-text", "File", "Save the report as text", "w t"),
        new("file.save-packets", "File", "Save the packets of this handshake, or of the marked ones", "w p"),
        new("app.back", "File", "Leave this view; on the last one, the program", "q"),
        new("app.quit", "File", "Quit", "Q"),
        new("app.suspend", "File", "Back to the shell; fg returns", "ctrl-z"),
        new("filter.edit", "Edit", "Filter the list", "/"),
        new("filter.clear", "Edit", "Show everything again", "ctrl-x"),
        new("filter.from-cell", "Edit", "Only handshakes with this one's cause", "f") { Panes = Rows },
        new("find.start", "Edit", "Find text in the rows", ";"),
        new("mark.toggle", "Edit", "Mark this handshake", "m") { Panes = [Pane.List] },
        new("mark.clear", "Edit", "Clear all marks", "M") { Panes = [Pane.List] },
        new("copy.field", "Edit", "Copy the field under the cursor", "y y"),
        new("copy.filter", "Edit", "Copy a Wireshark display filter of this connection", "y w"),
        new("copy.text", "Edit", "Copy ladder and diagnosis as text", "y t"),
        new("copy.value", "Edit", "Copy the bytes under the cursor as hex", "y v"),
        new("pane.list", "View", "Handshakes", "1"),
        new("pane.ladder", "View", "Ladder", "2"),
        new("pane.fields", "View", "Fields", "3"),
        new("pane.bytes", "View", "Bytes", "4"),
        new("pane.nodes", "View", "Nodes, and who dialled whom", "5"),
        new("pane.next", "View", "Next pane", "tab"),
        new("pane.previous", "View", "Previous pane", "shift-tab"),
        new("pane.maximise", "View", "This pane alone, or all again", "\\"),
        new("pane.grow", "View", "More rows for the list", "+"),
        new("pane.shrink", "View", "Fewer rows for the list", "-"),
        new("pane.reset", "View", "Usual sizes", "="),
        new("view.fold-pairs", "View", "Fold attempts that ended alike into one row", "z"),
        new("view.pair", "View", "Draw it with the other connection of the pair", "x"),
        new("view.follow", "View", "Follow the newest", "F"),
        new("view.order", "View", "Order by the next column", "o") { Panes = Rows },
        new("view.reverse", "View", "The other way round", "O") { Panes = Rows },
        new("view.time", "View", "Time since the start, of day, since the row above", "t"),
        new("view.theme", "View", "Next theme", "T"),
        new("move.down", "Go", "Down", "j", "down"),
        new("move.up", "Go", "Up", "k", "up"),
        new("move.in", "Go", "Into", "l", "right", "enter"),
        new("move.out", "Go", "Out of", "h", "left", "esc"),
        new("move.first", "Go", "First", "g", "home"),
        new("move.last", "Go", "Last; follows a live list", "G", "end"),
        new("move.page-down", "Go", "A page down", "ctrl-f", "space", "pagedown"),
        new("move.page-up", "Go", "A page up", "ctrl-b", "b", "pageup"),
        new("move.half-down", "Go", "Half a page down", "ctrl-d"),
        new("move.half-up", "Go", "Half a page up", "ctrl-u"),
        new("find.next", "Go", "Next problem, or what was found", "n"),
        new("find.previous", "Go", "The one before", "N"),
        new("cookie.add", "Cookies", "Add a cookie and verify again", "c"),
        new("cookie.list", "Cookies", "Cookies and what they proved", "C"),
        new("capture.pause", "Capture", "Hold the view; the capture goes on", "p"),
        new("capture.stop", "Capture", "Stop the capture, keep the screen", "ctrl-c"),
        new("capture.info", "Capture", "What was captured, and what was seen beside handshakes", "i"),
        new("app.palette", "Help", "All commands", ":", "ctrl-p"),
        new("app.help", "Help", "Keys", "?", "f1"),
        new("app.explain", "Help", "Explain this diagnosis", "e"),
        new("app.menu", "Help", "Menu", "f9"),
        new("app.redraw", "Help", "Draw the screen anew", "ctrl-l"),
    ];

    /// <summary>The command of a name.</summary>
    public static AppCommand Of(string name) => Commands.First(command => command.Name == name);

    /// <summary>What the keys typed so far mean in a pane.</summary>
    /// <param name="keys">One key, or several with spaces between.</param>
    /// <param name="pane">The pane that has the keys.</param>
    /// <returns>The command; null with <c>IsBegun</c> when more keys may follow.</returns>
    public static (AppCommand? Command, bool IsBegun) Find(string keys, Pane pane)
    {
        var mine = Commands.Where(command => command.IsFor(pane)).ToList();
        var found = mine.Find(command => command.Keys.Contains(keys));
        return (found, found == null && mine.Exists(command => command.Keys.Any(key => key.StartsWith($"{keys} ", StringComparison.Ordinal))));
    }

    /// <summary>What may follow the keys typed so far.</summary>
    public static IEnumerable<(string Key, AppCommand Command)> After(string keys, Pane pane) =>
        from command in Commands
        where command.IsFor(pane)
        from key in command.Keys
        where key.StartsWith($"{keys} ", StringComparison.Ordinal)
        select (key[(keys.Length + 1)..], command);
}
