using PcapAnalyzer.Reports;
using Terminal.Gui.Drawing;
using Terminal.Gui.Text;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;

namespace PcapAnalyzer.Tui;

/// <summary>A framed box with fields to fill in, rows to read or choose from, and buttons. Every dialog is a popup.</summary>
internal sealed class Popup : View
{
    private const int LabelWidth = 9;

    private readonly List<TextField> _fields = [];
    private readonly List<Button> _buttons = [];
    private readonly Theme _theme;
    private readonly RowsView _rows;
    private IReadOnlyList<IReadOnlyList<InkRun>> _content = [];

    internal Popup(string title, Theme theme)
    {
        Title = title;
        _theme = theme;
        BorderStyle = LineStyle.Rounded;
        CanFocus = true;
        TabStop = TabBehavior.TabGroup;
        SetScheme(theme.Scheme);
        _rows = new RowsView { Theme = theme, Row = row => _content[row], Width = Dim.Fill() };
        _rows.Clicked = (row, isTwice) =>
        {
            if (row < 0 || !CanChoose) return;
            Choose(row);
            if (isTwice || _fields.Count == 0) Accepted?.Invoke();
        };
        _rows.Wheeled = Move;
        Add(_rows);
    }

    /// <summary>Called on Enter, and when a row was chosen with the mouse.</summary>
    internal new Action? Accepted { get; set; }

    /// <summary>Called on ctrl-f, to switch to the other way to answer; null if there is only one.</summary>
    internal Action? Switched { get; set; }

    /// <summary>Called when the text of a field changed.</summary>
    internal Action? Typed { get; set; }

    /// <summary>The user can choose a row, not only read.</summary>
    internal bool CanChoose { get; init; }

    /// <summary>The chosen row; -1 if there is none.</summary>
    internal int Chosen => CanChoose ? _rows.Selected : -1;

    internal string this[int field]
    {
        get => _fields[field].Text;
        set => _fields[field].Text = value;
    }

    internal bool HasFields => _fields.Count > 0;

    /// <summary>A button has the focus, so Enter presses it.</summary>
    internal bool IsOnButton => _buttons.Exists(button => button.HasFocus);

    internal TextField AddField(string label, bool isSecret = false, string text = "")
    {
        var y = _fields.Count;
        if (label.Length > 0) Add(new Label { Text = label, X = 1, Y = y });
        var field = new TextField { X = label.Length > 0 ? LabelWidth : 1, Y = y, Width = Dim.Fill(1), Secret = isSecret, Text = text };
        field.Autocomplete!.SuggestionGenerator = new NoSuggestions();
        field.TextChanged += (_, _) => Typed?.Invoke();
        field.HasFocusChanged += (_, change) =>
        {
            if (change.NewValue) field.SelectAll(); // typing replaces the proposed text
        };
        field.SetScheme(_theme.Scheme);
        _fields.Add(field);
        Add(field);
        return field;
    }

    internal void AddButton(string title, Action action)
    {
        var button = new Button { Title = title, X = Pos.AnchorEnd(), Y = Pos.AnchorEnd(1), ShadowStyle = null };
        button.Accepting += (_, accepting) =>
        {
            accepting.Handled = true;
            action();
        };
        _buttons.Add(button);
        Add(button);
    }

    /// <summary>Shows these rows below the fields.</summary>
    internal void Show(IReadOnlyList<IReadOnlyList<InkRun>> rows)
    {
        _content = rows;
        _rows.Count = rows.Count;
        _rows.Selected = CanChoose ? Math.Clamp(_rows.Selected, 0, Math.Max(0, rows.Count - 1)) : -1;
        if (CanChoose && rows.Count == 0) _rows.Selected = -1;
        _rows.Top = CanChoose ? _rows.Top : 0;
        _rows.Reveal();
        _rows.SetNeedsDraw();
    }

    /// <summary>The preferred size of the rows, without frame and fields.</summary>
    internal System.Drawing.Size Wanted { get; set; }

    /// <summary>Sizes the popup to its content, within the screen, and centres it.</summary>
    internal void Place(System.Drawing.Size screen)
    {
        Width = Math.Clamp(screen.Width - 2, 1, Wanted.Width);
        var buttons = _buttons.Count > 0 ? 1 : 0;
        Height = Math.Clamp(screen.Height - 2, 1, _fields.Count + Wanted.Height + buttons + 2);
        X = Pos.Center();
        Y = Pos.Center();
        _rows.Y = _fields.Count;
        _rows.Height = Dim.Fill(buttons);
        var right = 1;
        foreach (var button in Enumerable.Reverse(_buttons))
        {
            right += button.Title.GetColumns() + 6;
            button.X = Pos.AnchorEnd(right);
        }
    }

    /// <summary>Moves the choice, or scrolls rows that are only read.</summary>
    internal void Move(int rows)
    {
        if (CanChoose) Choose(_rows.Selected + rows);
        else _rows.Top += rows;
        _rows.SetNeedsDraw();
    }

    internal void Page(int direction) => Move(direction * Math.Max(1, _rows.Room - 1));

    internal void FocusFirst()
    {
        if (_fields.Count > 0) _fields[0].SetFocus();
        else if (_buttons.Count > 0) _buttons[^1].SetFocus();
        else SetFocus();
    }

    private void Choose(int row)
    {
        if (_content.Count == 0) return;
        _rows.Selected = Math.Clamp(row, 0, _content.Count - 1);
        _rows.Reveal();
        _rows.SetNeedsDraw();
    }

    /// <summary>Turns off Terminal.Gui's own completion, which the next refresh would paint over.</summary>
    internal sealed class NoSuggestions : ISuggestionGenerator
    {
        public IEnumerable<Suggestion> GenerateSuggestions(AutocompleteContext context) => [];

        public bool IsWordChar(string text) => false;
    }
}
