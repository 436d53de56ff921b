using System.Drawing;
using PcapAnalyzer.Reports;
using Terminal.Gui.Input;
using Terminal.Gui.Text;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;

namespace PcapAnalyzer.Tui;

/// <summary>The screen: puts the panes where the layout says, passes keys on as commands, and shows what the models hold.</summary>
public sealed partial class TimelineWindow : Runnable
{
    /// <summary>What comes is shown ten times a second at most; a key shows at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private const int TicksPerSecond = 10;

    private static readonly int MenuWidth = KeyMap.Menus.Sum(menu => menu.Length + 2);

    private readonly CaptureSession _session;
    private readonly TimelineActions _actions;
    private readonly TimelineModel _model = new();
    private readonly DetailModel _detail = new();
    private readonly Dictionary<string, Action> _commands;
    private readonly Dictionary<Pane, RowsView> _panes = [];
    private readonly RowsView _filter = new() { Count = 1 };
    private readonly RowsView _diagnosis = new();
    private readonly RowsView _matrix = new();
    private readonly RowsView _status = new() { Count = 1 };
    private readonly RowsView _title = new() { Count = 1 };
    private readonly RowsView _completions = new() { Visible = false };
    private readonly TextField _filterField = new() { Visible = false };
    private readonly MenuBar _menu;
    private readonly Queue<long> _counts = new();
    private ScreenLayout _layout = new();
    private Theme _theme;
    private Pane _focus = Pane.List;
    private bool _isMaximised;
    private int _listGrowth;
    private string _keys = "";
    private bool _isDirty = true;
    private bool _wasOver;

    /// <param name="session">What is shown; started by the caller.</param>
    /// <param name="actions">Files and packets.</param>
    /// <param name="theme">How it looks at first.</param>
    public TimelineWindow(CaptureSession session, TimelineActions actions, Theme theme)
    {
        _session = session;
        _actions = actions;
        _theme = theme;
        Title = "pcap-analyzer";
        _commands = Commands();
        foreach (var pane in Enum.GetValues<Pane>()) _panes[pane] = new RowsView();
        _menu = NewMenu();
        Add(_menu, _title, _filter, _diagnosis, _matrix, _status);
        foreach (var pane in _panes.Values) Add(pane);
        Add(_filterField, _completions); // last, so that nothing is painted over them
        SetUpMouse();
        SetUpFilter();
        Use(theme);
        if (session.IsLive) _model.Follow(true);
    }

    /// <summary>What is listed, for tests and for those who ask after the screen is gone.</summary>
    public TimelineModel Model => _model;

    /// <summary>Every command that it obeys.</summary>
    public IReadOnlyCollection<string> CommandNames => _commands.Keys;

    protected override void OnIsRunningChanged(bool newIsRunning)
    {
        base.OnIsRunningChanged(newIsRunning);
        if (!newIsRunning) return;
        App!.Keyboard.KeyDown += OnKey;
        App.AddTimeout(Interval, () =>
        {
            Tick();
            return true;
        });
        Tick();
    }

    protected override void OnSubViewLayout(LayoutEventArgs args)
    {
        base.OnSubViewLayout(args);
        Arrange();
    }

    /// <summary>Takes what has changed, and draws if anything has.</summary>
    internal void Tick()
    {
        var changed = _model.Apply(_session.TakeChanges());
        if (_session.IsOver && !_wasOver)
        {
            _wasOver = changed = true;
            _model.Apply(_session.TakeChanges());
            if (_session.Failure is { } why) Say(why, Ink.Bad);
        }
        changed |= NoteIsOld();
        if (_ticksToFollow > 0 && --_ticksToFollow == 0) FollowTyped();
        _counts.Enqueue(_session.Packets);
        if (_counts.Count > TicksPerSecond + 1) _counts.Dequeue();
        if (changed || _isDirty || (_model.Total == 0 && !_wasOver)) ShowAll(); // an empty list tells how it goes
        else ShowStatus();
    }

    /// <summary>Does what a command's name says.</summary>
    internal void Do(string command)
    {
        _commands[command]();
        ShowAll();
    }

    private void OnKey(object? sender, Key key)
    {
        if (_menu.IsOpen()) return; // has keys of its own
        key.Handled = TakeKey(KeyNames.Of(key));
    }

    private bool TakeKey(string key)
    {
        if (key.Length == 0) return false;
        if (_popup != null) return TakePopupKey(key);
        if (_filterField.Visible) return TakeFilterKey(key);
        if (_layout.IsTooSmall && key is not ("q" or "Q" or "ctrl-c")) return true;
        _keys = _keys.Length == 0 ? key : $"{_keys} {key}";
        _lastKey = key;
        var (command, isBegun) = KeyMap.Find(_keys, _focus);
        if (isBegun)
        {
            Say(string.Join(" │ ", KeyMap.After(_keys, _focus).Select(next => $"{next.Key}  {next.Command.Name.Split('.', '-')[^1]}")), Ink.Accent);
            ShowStatus();
            return true;
        }
        _keys = "";
        _mayQuit &= command?.Name == "app.back";
        if (command == null)
        {
            if (_note.Length > 0) Say("", Ink.Plain);
            return true; // nothing else may mean it: Esc quits in Terminal.Gui
        }
        Say("", Ink.Plain);
        Do(command.Name);
        return true;
    }

    private void Arrange()
    {
        var size = Viewport.Size;
        _layout = ScreenLayout.Of(size, _focus, _isMaximised, _listGrowth);
        var title = $"{ReportText.Safe(_session.Title, Math.Max(8, size.Width - MenuWidth - 2))} ";
        _title.Row = _ => [new(title, Ink.Quiet)];
        Put(_menu, _layout.Menu with { Width = Math.Max(0, _layout.Menu.Width - title.GetColumns()) });
        Put(_title, _layout.Menu.IsEmpty ? default : _layout.Menu with { X = _layout.Menu.Width - title.GetColumns(), Width = title.GetColumns() });
        Put(_filter, _layout.Filter);
        Put(_filterField, _filterField.Visible ? _layout.Filter with { X = 3, Width = Math.Max(10, _layout.Filter.Width - 32) } : default);
        Put(_diagnosis, _layout.Diagnosis);
        Put(_matrix, _layout.Matrix);
        Put(_status, _layout.IsTooSmall ? new Rectangle(Point.Empty, size) : _layout.Status);
        foreach (var (pane, view) in _panes) Put(view, _layout[pane]);
        _popup?.Place(size);
        ShowAll();
    }

    private static void Put(View view, Rectangle place)
    {
        if (view is not TextField) view.Visible = !place.IsEmpty;
        if (place.IsEmpty || view.Frame == place) return;
        (view.X, view.Y, view.Width, view.Height) = (place.X, place.Y, place.Width, place.Height);
        view.SetNeedsDraw();
    }

    /// <summary>Gives a pane the keys; where it was not shown, it now is.</summary>
    private void Focus(Pane pane)
    {
        _focus = pane;
        Arrange();
        SetNeedsLayout();
    }

    internal void Use(Theme theme)
    {
        _theme = theme;
        SetScheme(theme.Scheme);
        _menu.SetScheme(theme.MenuScheme);
        foreach (var popover in _menu.SubViews.OfType<MenuBarItem>().Select(item => item.PopoverMenu?.Root)) popover?.SetScheme(theme.MenuScheme);
        foreach (var view in SubViews.OfType<RowsView>()) view.Theme = theme;
        SetNeedsDraw();
    }

    private void SetUpMouse()
    {
        foreach (var (pane, view) in _panes)
        {
            view.Clicked = (row, isTwice) =>
            {
                _focus = pane;
                if (row >= 0) Pick(pane, row);
                Focus(pane);
                if (!isTwice || row < 0) return;
                _lastKey = "enter";
                Do("move.in");
            };
            view.Wheeled = rows =>
            {
                if (pane == _focus || pane != Pane.Ladder) MoveIn(pane, rows);
                ShowAll();
            };
        }
        _panes[Pane.List].HeaderClicked = x =>
        {
            foreach (var place in HandshakeColumns.For(_panes[Pane.List].Viewport.Width))
                if (x >= place.X && x < place.X + place.Width) _model.OrderBy(place.Column);
            ShowAll();
        };
        _status.ClickedAt = x =>
        {
            if (HintAt(x) is { } hint) Do(hint);
        };
        var column = 0;
        _matrix.ClickedAt = x => column = x;
        _matrix.Clicked = (row, _) =>
        {
            if (_nodes == null || row < 1 || NodeRows.ColumnAt(_nodes, _nodeColumn, _matrix.Viewport.Width, column) is not { } to) return;
            _nodeRow = _nodes.Diallers.ElementAt(row - 1).Number - 1;
            _nodeColumn = to;
            Do("filter.from-cell");
        };
        _filter.ClickedAt = x => Do(x < _filter.Viewport.Width - 20 ? "filter.edit" : "find.next");
    }
}
