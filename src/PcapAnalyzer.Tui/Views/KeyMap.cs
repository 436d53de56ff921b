namespace PcapAnalyzer.Tui;

/// <summary>A command of the user, declared once. The keys, the menus, the help, the palette and the hints are generated from it.</summary>
/// <param name="Name">Like <c>move.down</c>.</param>
/// <param name="Menu">The menu that shows it.</param>
/// <param name="Keys">Keys, or key sequences like <c>y w</c>. The first one is shown.</param>
public sealed record AppCommand(string Name, string Menu, string Title, Action<TimelineWindow> Act, params string[] Keys)
{
    /// <summary>Panes in which its keys work; empty for all.</summary>
    public IReadOnlyList<Pane> Panes { get; init; } = [];

    public bool IsFor(Pane pane) => Panes.Count == 0 || Panes.Contains(pane);
}

/// <summary>Every command of the screen.</summary>
public static class KeyMap
{
    private const int End = int.MaxValue / 2;

    private static readonly Pane[] Rows = [Pane.List, Pane.Nodes];

    private static readonly Pane[] OnlyTime = [Pane.Time];

    /// <summary>Panes whose sizes the user may change.</summary>
    private static readonly Pane[] Sized = [.. Enum.GetValues<Pane>().Except(OnlyTime)];

    public static IReadOnlyList<string> Menus { get; } = ["File", "Edit", "View", "Go", "Cookies", "Capture", "Help"];

    public static IReadOnlyList<AppCommand> Commands { get; } =
    [
        new("file.save-report", "File", "Save the report as JSON", window => window.Export.AskForReport(), "w r"),
        new("file.save-text", "File", "Save the report as text", window => window.Export.AskForText(), "w t"),
        new("file.save-packets", "File", "Save the packets of this handshake, or of the marked ones",
            window => window.Export.AskForPackets(), "w p"),
        new("file.save-all", "File", "Save the packets of all handshakes", window => window.Export.AskForAllPackets(), "w a"),
        new("app.back", "File", "Leave this view; on the last one, the program", window => window.Control.Back(), "q"),
        new("app.quit", "File", "Quit", window => window.Control.Quit("app.quit"), "Q"),
        new("app.suspend", "File", "Back to the shell; fg returns", window => window.Control.Suspend(), "ctrl-z"),
        new("filter.edit", "Edit", "Filter the list", window => window.Filter.Edit(), "/"),
        new("filter.clear", "Edit", "Show everything again", window => window.Filter.Set(""), "ctrl-x"),
        new("filter.from-cell", "Edit", "Only handshakes with this one's cause", window => window.FilterByCell(), "f") { Panes = Rows },
        new("find.start", "Edit", "Find text in the rows", window => window.List.AskForText(), ";"),
        new("mark.toggle", "Edit", "Mark this handshake", window => window.List.ToggleMark(), "m") { Panes = [Pane.List] },
        new("mark.clear", "Edit", "Clear all marks", window => window.Model.ClearMarks(), "M") { Panes = [Pane.List] },
        new("copy.field", "Edit", "Copy the field under the cursor", window => window.Export.CopyField(), "y y"),
        new("copy.filter", "Edit", "Copy a Wireshark display filter of this connection", window => window.Export.CopyFilter(), "y w"),
        new("copy.text", "Edit", "Copy ladder and diagnosis as text", window => window.Export.CopyText(), "y t"),
        new("copy.value", "Edit", "Copy the bytes under the cursor as hex", window => window.Export.CopyBytes(), "y v"),
        new("pane.list", "View", "Handshakes", window => window.Focus(Pane.List), "1"),
        new("pane.ladder", "View", "Ladder", window => window.Focus(Pane.Ladder), "2"),
        new("pane.fields", "View", "Fields", window => window.Focus(Pane.Fields), "3"),
        new("pane.bytes", "View", "Bytes", window => window.Focus(Pane.Bytes), "4"),
        new("pane.nodes", "View", "Nodes, and who dialled whom", window => window.Focus(Pane.Nodes), "5"),
        new("pane.time", "View", "Time: who was connected with whom, silences, splits", window => window.Focus(Pane.Time), "6"),
        new("time.in", "View", "Half of the time, larger", window => window.Time.Zoom(isIn: true), "+") { Panes = OnlyTime },
        new("time.out", "View", "Twice as much time", window => window.Time.Zoom(isIn: false), "-") { Panes = OnlyTime },
        new("time.whole", "View", "The whole time", window => window.Time.ShowWhole(), "=") { Panes = OnlyTime },
        new("time.earlier", "View", "Earlier", window => window.Time.Pan(-1), "<", "[") { Panes = OnlyTime },
        new("time.later", "View", "Later", window => window.Time.Pan(1), ">", "]") { Panes = OnlyTime },
        new("pane.next", "View", "Next pane", window => window.FocusNext(1), "tab"),
        new("pane.previous", "View", "Previous pane", window => window.FocusNext(-1), "shift-tab"),
        new("pane.maximise", "View", "This pane alone, or all again",
            window => window.Arrange(isMaximised: !window.IsMaximised, window.ListGrowth), "\\"),
        new("pane.grow", "View", "More rows for the list", window => window.Arrange(window.IsMaximised, window.ListGrowth + 1),
            "+") { Panes = Sized },
        new("pane.shrink", "View", "Fewer rows for the list", window => window.Arrange(window.IsMaximised, window.ListGrowth - 1),
            "-") { Panes = Sized },
        new("pane.reset", "View", "Usual sizes", window => window.Arrange(isMaximised: false, listGrowth: 0), "=") { Panes = Sized },
        new("view.fold-pairs", "View", "Fold attempts that ended alike into one row",
            window => window.Model.Fold(!window.Model.IsFolded), "z"),
        new("view.pair", "View", "Draw it with the other connection of the pair", window => window.Ladder.TogglePair(), "x"),
        new("view.follow", "View", "Follow the newest", window => window.Model.Follow(!window.Model.IsFollowing), "F"),
        new("view.order", "View", "Order by the next column", window => window.List.OrderByNext(), "o") { Panes = Rows },
        new("view.reverse", "View", "The other way round", window => window.Model.OrderBy(window.Model.Order), "O") { Panes = Rows },
        new("view.time", "View", "Time since the start, of day, since the row above", window => window.Ladder.NextTime(), "t"),
        new("view.zone", "View", "Times in UTC, or in local time", window => window.ToggleZone(), "Z"),
        new("view.theme", "View", "Next theme", window => window.UseNextTheme(), "T"),
        new("move.down", "Go", "Down", window => window.Active.Move(1), "j", "down"),
        new("move.up", "Go", "Up", window => window.Active.Move(-1), "k", "up"),
        new("move.in", "Go", "Into", window => window.Active.GoIn(window.Keys.Last), "l", "right", "enter"),
        new("move.out", "Go", "Out of", window => window.Active.GoOut(window.Keys.Last), "h", "left", "esc"),
        new("move.first", "Go", "First", window => window.Active.Move(-End), "g", "home"),
        new("move.last", "Go", "Last; follows a live list", window => window.GoLast(End), "G", "end"),
        new("move.page-down", "Go", "A page down", window => window.Active.Move(window.Active.View.Room), "ctrl-f", "space", "pagedown"),
        new("move.page-up", "Go", "A page up", window => window.Active.Move(-window.Active.View.Room), "ctrl-b", "b", "pageup"),
        new("move.half-down", "Go", "Half a page down", window => window.Active.Move(window.Active.View.Room / 2), "ctrl-d"),
        new("move.half-up", "Go", "Half a page up", window => window.Active.Move(-window.Active.View.Room / 2), "ctrl-u"),
        new("find.next", "Go", "Next problem, or what was found", window => window.List.Find(1), "n"),
        new("find.previous", "Go", "The one before", window => window.List.Find(-1), "N"),
        new("cookie.add", "Cookies", "Add a cookie and verify again", window => window.Cookies.Ask(), "c"),
        new("cookie.list", "Cookies", "Cookies and what they proved", window => window.Cookies.ShowAll(), "C"),
        new("capture.pause", "Capture", "Hold the view; the capture goes on", window => window.Control.TogglePause(), "p"),
        new("capture.stop", "Capture", "Stop the capture, keep the screen", window => window.Control.Stop(), "ctrl-c"),
        new("capture.info", "Capture", "What was captured, and what was seen beside handshakes",
            window => window.Reading.ShowCapture(), "i"),
        new("app.palette", "Help", "All commands", window => window.Reading.ShowPalette(), ":", "ctrl-p"),
        new("app.help", "Help", "Keys", window => window.Reading.ShowKeys(), "?", "f1"),
        new("app.explain", "Help", "Explain this diagnosis", window => window.Reading.ShowExplanation(), "e"),
        new("app.menu", "Help", "Menu", window => window.OpenMenu(), "f9"),
        new("app.redraw", "Help", "Draw the screen anew", window => window.App?.LayoutAndDraw(true), "ctrl-l"),
    ];

    /// <summary>The hints of each pane: a command, its word, and the key to show if that is not the command's first key.</summary>
    private static readonly Dictionary<Pane, (string Command, string Word, string? Key)[]> HintWords = new()
    {
        [Pane.List] =
        [
            ("app.help", "help", null), ("filter.edit", "filter", null), ("cookie.add", "cookie", null),
                ("find.next", "next problem", null), ("app.palette", "all", null),
            ("file.save-report", "save", null), ("app.explain", "explain", null), ("pane.nodes", "nodes", null),
                ("pane.ladder", "ladder", "enter"),
        ],
        [Pane.Ladder] =
        [
            ("app.help", "help", null), ("pane.list", "list", "esc"), ("pane.fields", "fields", "enter"), ("copy.text", "copy", null),
            ("view.time", "time", null), ("view.pair", "pair", null), ("app.palette", "all", null),
        ],
        [Pane.Fields] =
        [
            ("app.help", "help", null), ("pane.ladder", "ladder", null), ("copy.field", "copy field", null),
                ("copy.value", "copy bytes", null),
            ("pane.maximise", "maximise", null), ("app.palette", "all", null),
        ],
        [Pane.Time] = [("app.help", "help", null), ("time.in", "zoom", null), ("time.out", "back", null), ("time.later", "later", null),
            ("pane.ladder", "open", "enter"), ("pane.list", "list", "esc"), ("app.palette", "all", null)],
        [Pane.Nodes] = [("app.help", "help", null), ("filter.from-cell", "show these", "enter"), ("pane.list", "handshakes", null),
            ("app.palette", "all", null)],
    };

    /// <summary>A hint with the key of the screen in place of the options of the command line that it names.</summary>
    public static string InPlaceOfOptions(string hint)
    {
        var key = $" (key {Of("cookie.add").Keys[0]})";
        return hint.Replace(" with --cookie-file or --cookies", key, StringComparison.Ordinal)
            .Replace(" with --cookie-file", key, StringComparison.Ordinal);
    }

    /// <summary>The command with this name.</summary>
    public static AppCommand Of(string name) => Commands.First(command => command.Name == name);

    /// <summary>The hints of a pane, the most useful first.</summary>
    public static IEnumerable<(string Key, string Word, AppCommand Command)> Hints(Pane pane) =>
        from hint in HintWords[pane == Pane.Bytes ? Pane.Fields : pane]
        let command = Of(hint.Command)
        select (hint.Key ?? command.Keys[0], hint.Word, command);

    /// <summary>The command of the keys typed so far in a pane.</summary>
    /// <param name="keys">One key, or several with spaces between.</param>
    /// <returns>The command; null with <c>IsBegun</c> when more keys may follow.</returns>
    public static (AppCommand? Command, bool IsBegun) Find(string keys, Pane pane)
    {
        var mine = Commands.Where(command => command.IsFor(pane)).ToList();
        var found = mine.Find(command => command.Keys.Contains(keys));
        return (found, found == null && mine.Exists(command =>
            command.Keys.Any(key => key.StartsWith($"{keys} ", StringComparison.Ordinal))));
    }

    /// <summary>The keys that may follow the keys typed so far, and their commands.</summary>
    public static IEnumerable<(string Key, AppCommand Command)> After(string keys, Pane pane) =>
        from command in Commands
        where command.IsFor(pane)
        from key in command.Keys
        where key.StartsWith($"{keys} ", StringComparison.Ordinal)
        select (key[(keys.Length + 1)..], command);
}
