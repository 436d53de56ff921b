using System.Drawing;
using PcapAnalyzer.Reports;
using Terminal.Gui.Input;
using Terminal.Gui.Text;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;

namespace PcapAnalyzer.Tui;

/// <summary>The main window: places the parts, turns keys into commands, and updates the parts from the models.</summary>
public sealed class TimelineWindow : Runnable
{
    /// <summary>Changes are shown ten times a second at most. The effect of a key is shown at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly int MenuWidth = KeyMap.Menus.Sum(menu => menu.Length + 2);

    private readonly Dictionary<Pane, PanePart> _panes;
    private readonly RowsView _title = new() { Count = 1 };
    private readonly MenuBar _menu;
    private bool _wasOver;

    /// <param name="session">The session to show. The caller starts it.</param>
    /// <param name="theme">The initial theme.</param>
    /// <param name="isLocal">Times are local ones at first, not UTC.</param>
    public TimelineWindow(CaptureSession session, TimelineActions actions, Theme theme, bool isLocal = false)
    {
        if (isLocal) LocalZone = actions.LocalZone;
        Session = session;
        Actions = actions;
        Theme = theme;
        Title = "pcap-analyzer";
        var detail = new DetailModel();
        Export = new Export(this, detail);
        Ladder = new LadderPane(this, detail);
        List = new ListPane(this);
        Nodes = new NodesPane(this);
        Time = new TimePane(this);
        Status = new StatusLine(this);
        Filter = new FilterBar(this);
        Popups = new Popups(this);
        Cookies = new CookieDialog(this);
        Reading = new ReadingPopups(this);
        Control = new CaptureControl(this);
        Keys = new KeyInput(this);
        // In the order of updates: the ladder selects the message that the next two panes show.
        _panes = new()
        {
            [Pane.List] = List,
            [Pane.Ladder] = Ladder,
            [Pane.Fields] = new FieldsPane(this, detail),
            [Pane.Bytes] = new BytesPane(this, detail),
            [Pane.Nodes] = Nodes,
            [Pane.Time] = Time,
        };
        _menu = new MenuBar(KeyMap.Menus.Select(title => new MenuBarItem(title, KeyMap.Commands.Where(command => command.Menu == title)
            .Select(command => (View)new MenuItem(command.Title, command.Keys[0], () => App?.Invoke(() => Do(command)))))));
        Add(_menu, _title, Filter.View, Ladder.Diagnosis, Nodes.Matrix, Time.Detail, Status.View);
        foreach (var (pane, part) in _panes)
        {
            Add(part.View);
            SetUpMouse(pane, part);
        }
        Add(Filter.Field, Filter.Completions); // last, so that nothing is painted over them
        Use(theme);
        if (session.IsLive) Model.Follow(true);
    }

    /// <summary>The list. Public for tests, and for use after the screen is gone.</summary>
    public TimelineModel Model { get; } = new();

    internal CaptureSession Session { get; }

    internal TimelineActions Actions { get; }

    internal ListPane List { get; }

    internal LadderPane Ladder { get; }

    internal NodesPane Nodes { get; }
    internal TimePane Time { get; }

    internal CaptureControl Control { get; }

    internal KeyInput Keys { get; }

    internal FilterBar Filter { get; }

    internal StatusLine Status { get; }

    internal Popups Popups { get; }

    internal CookieDialog Cookies { get; }

    internal Export Export { get; }

    internal ReadingPopups Reading { get; }

    internal Theme Theme { get; private set; }

    /// <summary>Null for UTC.</summary>
    internal TimeZoneInfo? LocalZone { get; private set; }

    /// <summary>The focused pane.</summary>
    internal Pane Current { get; private set; } = Pane.List;

    internal PanePart Active => _panes[Current];

    /// <summary>The current layout.</summary>
    internal ScreenLayout Places { get; private set; } = new();

    internal bool IsMaximised { get; private set; }

    internal int ListGrowth { get; private set; }

    protected override void OnIsRunningChanged(bool newIsRunning)
    {
        base.OnIsRunningChanged(newIsRunning);
        if (!newIsRunning) return;
        App!.Keyboard.KeyDown += OnKey;
        App.AddTimeout(Interval, Tick);
        Tick();
    }

    protected override void OnSubViewLayout(LayoutEventArgs args)
    {
        base.OnSubViewLayout(args);
        Arrange();
    }

    /// <summary>Runs a command and updates the screen.</summary>
    internal void Do(AppCommand command)
    {
        command.Act(this);
        ShowAll();
    }

    /// <summary>Focuses a pane, and shows it if it was hidden.</summary>
    internal void Focus(Pane pane)
    {
        Current = pane;
        Arrange();
        SetNeedsLayout();
    }

    internal void FocusNext(int direction)
    {
        var panes = Enum.GetValues<Pane>();
        Focus(panes[((int)Current + direction + panes.Length) % panes.Length]);
    }

    internal void Arrange(bool isMaximised, int listGrowth)
    {
        (IsMaximised, ListGrowth) = (isMaximised, listGrowth);
        Arrange();
        SetNeedsLayout();
    }

    internal void Arrange()
    {
        var size = Viewport.Size;
        Places = ScreenLayout.Of(size, Current, IsMaximised, ListGrowth);
        var title = $"{ReportText.Safe(Session.Title, Math.Max(8, size.Width - MenuWidth - 2))} ";
        var menu = Places.Menu;
        _title.Row = _ => [new(title, Ink.Quiet)];
        Put(_menu, menu with { Width = Math.Max(0, menu.Width - title.GetColumns()) });
        Put(_title, menu.IsEmpty ? default : menu with { X = menu.Width - title.GetColumns(), Width = title.GetColumns() });
        Put(Filter.View, Places.Filter);
        Put(Filter.Field, Filter.IsEdited ? Places.Filter with { X = 3, Width = Math.Max(10, Places.Filter.Width - 32) } : default);
        Put(Ladder.Diagnosis, Places.Diagnosis);
        Put(Nodes.Matrix, Places.Matrix);
        Put(Time.Detail, Places.TimeDetail);
        Put(Status.View, Places.IsTooSmall ? new Rectangle(Point.Empty, size) : Places.Status);
        foreach (var (pane, part) in _panes) Put(part.View, Places[pane]);
        Popups.Place();
        ShowAll();
    }

    /// <summary>Updates every part from the models.</summary>
    internal void ShowAll()
    {
        if (!Places.IsTooSmall)
        {
            foreach (var (pane, part) in _panes)
            {
                part.Show();
                part.View.IsCurrent = pane == Current;
                part.View.Reveal();
                part.View.SetNeedsDraw();
            }
            Filter.Show();
        }
        ShowStatus();
    }

    internal void Use(Theme theme)
    {
        Theme = theme;
        SetScheme(theme.Scheme);
        _menu.SetScheme(theme.MenuScheme);
        foreach (var popover in _menu.SubViews.OfType<MenuBarItem>().Select(item => item.PopoverMenu?.Root))
            popover?.SetScheme(theme.MenuScheme);
        foreach (var view in SubViews.OfType<RowsView>()) view.Theme = theme;
        SetNeedsDraw();
    }

    internal void UseNextTheme()
    {
        var themes = Theme.All;
        Use(themes[(themes.ToList().IndexOf(Theme) + 1) % themes.Count]);
        Status.Say($"Theme: {Theme.Name}", Ink.Accent);
    }

    internal void ToggleZone()
    {
        LocalZone = LocalZone == null ? Actions.LocalZone : null;
        Status.Say($"Times are {(LocalZone == null ? "UTC" : $"local: {LocalZone.Id}")}", Ink.Accent);
    }

    internal void GoLast(int rows)
    {
        Active.Move(rows);
        if (Current == Pane.List && Session is { IsLive: true, IsOver: false }) Model.Follow(true);
    }

    /// <summary>Filters the list by the selected row: by its diagnosis, or in the nodes view by its node.</summary>
    internal void FilterByCell()
    {
        if (Current == Pane.Nodes) Nodes.FilterBySelected();
        else if (Model.Selected is { } report) Filter.Set($"code == {report.Diagnosis.Code.Kebab()}");
    }

    internal void OpenMenu()
    {
        _menu.Visible = true;
        _menu.InvokeCommand(Command.HotKey);
    }

    /// <summary>Applies the session's changes, and redraws if anything changed. True, to be called again.</summary>
    private bool Tick()
    {
        var isOver = Session.IsOver; // read first: the last changes come before it is set
        var changed = Model.Apply(Session.TakeChanges());
        if (isOver && !_wasOver)
        {
            _wasOver = changed = true;
            if (Session.Failure is { } why) Status.Say(why, Ink.Bad);
            else if (Time.HasSplit && Keys.Last.Length == 0) Focus(Pane.Time);
        }
        if (Status.Tick(keepsNote: Keys.IsBegun))
        {
            Control.ForgetQuit();
            changed = true;
        }
        Filter.Tick();
        changed |= Current == Pane.Time && !isOver;
        if (changed || (Model.Total == 0 && !_wasOver)) ShowAll(); // an empty list shows progress
        else ShowStatus();
        return true;
    }

    internal void ShowStatus()
    {
        if (Places.IsTooSmall) Status.ShowTooSmall(Viewport.Width, Viewport.Height);
        else Status.Show();
    }

    private void OnKey(object? sender, Key key)
    {
        if (_menu.IsOpen()) return; // the menu handles its own keys
        key.Handled = Keys.Take(KeyNames.Of(key));
    }

    private void SetUpMouse(Pane pane, PanePart part)
    {
        part.View.Clicked = (row, isTwice) =>
        {
            Current = pane;
            if (row >= 0) part.Pick(row);
            Focus(pane);
            if (!isTwice || row < 0) return;
            Keys.Press("enter", KeyMap.Of("move.in"));
        };
        part.View.Wheeled = rows =>
        {
            if (pane == Current || pane != Pane.Ladder) part.Move(rows);
            ShowAll();
        };
    }

    private static void Put(View view, Rectangle place)
    {
        if (view is not TextField) view.Visible = !place.IsEmpty;
        if (place.IsEmpty || view.Frame == place) return;
        (view.X, view.Y, view.Width, view.Height) = (place.X, place.Y, place.Width, place.Height);
        view.SetNeedsDraw();
    }
}
