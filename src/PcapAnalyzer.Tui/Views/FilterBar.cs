using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;
using Terminal.Gui.Text;
using Terminal.Gui.Views;

namespace PcapAnalyzer.Tui;

/// <summary>The filter bar. Typing filters at once, by the part that can be parsed. Completions show what may follow.</summary>
internal sealed class FilterBar
{
    private const int MostCompletions = 8;

    /// <summary>Columns of the expression that stay beside a long error.</summary>
    private const int LeastExpression = 12;

    /// <summary>With more handshakes than this, the list is filtered when typing pauses.</summary>
    private const int FollowsAtOnce = 10_000;

    private readonly TimelineWindow _window;
    private readonly List<string> _history = [];
    private int _ticksToFollow;
    private WhereCompletion? _completion;
    private string _text = "";
    private string _before = "";
    private WhereError? _problem;

    internal FilterBar(TimelineWindow window)
    {
        _window = window;
        View.ClickedAt = x => window.Do(KeyMap.Of(x < View.Viewport.Width - 20 ? "filter.edit" : "find.next"));
        Field.Autocomplete!.SuggestionGenerator = new Popup.NoSuggestions();
        Field.TextChanged += (_, _) =>
        {
            if (IsEdited) Typed();
        };
        Completions.Clicked = (row, _) =>
        {
            if (row < 0) return;
            Completions.Selected = row;
            TakeCompletion();
        };
    }

    internal RowsView View { get; } = new() { Count = 1 };

    internal TextField Field { get; } = new() { Visible = false };

    internal RowsView Completions { get; } = new() { Visible = false };

    internal bool IsEdited => Field.Visible;

    internal bool IsInForce => _text.Length > 0;

    internal void Edit()
    {
        if (_window.Places.Filter.IsEmpty) _window.Focus(Pane.List);
        _before = _text;
        Field.Visible = true;
        Field.Text = _text;
        _window.Arrange();
        Field.SetFocus();
        Field.MoveEnd();
        Typed();
    }

    /// <summary>Filters by an expression, or by the part of it that can be parsed.</summary>
    internal void Set(string text)
    {
        _text = text.Trim();
        var where = Where.ParsePrefix(_text, out var error);
        // An incomplete expression is no error while it is typed.
        _problem = error is { IsIncomplete: true } && IsEdited ? null : error;
        _window.Model.Filter(where == Where.Everything ? null : where);
        if (error == null && _text.Length > 0 && !IsEdited && _history.LastOrDefault() != _text) _history.Add(_text);
    }

    internal void Tick()
    {
        if (_ticksToFollow > 0 && --_ticksToFollow == 0) FollowTyped();
    }

    internal void Show()
    {
        var width = View.Viewport.Width;
        if (_problem is { } problem)
        {
            IReadOnlyList<InkRun> error = [new(" / ", Ink.Accent), .. Explained(problem, Math.Max(0, width - 4))];
            View.Row = _ => error;
            View.SetNeedsDraw();
            return;
        }
        var model = _window.Model;
        var counts = model.Matching == model.Total ? $"{model.Total}" : $"{model.Matching} of {model.Total}";
        var problems = model.Problems > 0 ? $"✗ {model.Problems}   " : "";
        var right = $"{problems}{counts} handshake{(model.Total == 1 ? " " : "s")} ";
        var text = IsInForce ? _text : "filter: node, cause, address, or problem";
        var ink = IsInForce ? Ink.Good : Ink.Quiet;
        var left = CellText.Fit(ReportText.Safe(text, 2000), Math.Max(0, width - 4 - right.GetColumns()));
        View.Row = _ => [new(" / ", Ink.Accent), new($"{left} ", ink), new(problems, Ink.Bad), new(right[problems.Length..], Ink.Plain)];
        View.SetNeedsDraw();
    }

    /// <summary>The expression with its wrong part marked, and the error, which needs the room more.</summary>
    private List<InkRun> Explained(WhereError error, int width)
    {
        var message = $"  ! column {error.Column}: {error.Message}";
        var at = Math.Min(error.Column - 1, _text.Length);
        var wrongEnd = Math.Min(at + error.Length, _text.Length);
        var text = ReportText.Safe(_text, 2000);
        List<InkRun> expression = text == _text && text.GetColumns() + message.GetColumns() <= width
            ? [new(text[..at], Ink.Good), new(text[at..wrongEnd], Ink.Bad), new(text[wrongEnd..], Ink.Plain)]
            : [new(CellText.Cut(text, Math.Max(LeastExpression, width - message.GetColumns())), Ink.Plain)];
        return [.. expression, new(message, Ink.Bad)];
    }

    /// <summary>Handles a key while the filter is edited.</summary>
    /// <returns>False for a key that the field handles itself.</returns>
    internal bool TakeKey(string key)
    {
        switch (key)
        {
            case "tab":
                TakeCompletion();
                return true;
            case "enter":
                End(Field.Text);
                return true;
            case "esc" when Completions.Visible:
                Completions.Visible = false;
                _window.SetNeedsDraw();
                return true;
            case "esc":
                End(_before);
                return true;
            case "down" or "up" when Completions.Visible:
                Completions.Selected = Math.Clamp(Completions.Selected + (key == "down" ? 1 : -1), 0, Completions.Count - 1);
                Completions.SetNeedsDraw();
                return true;
            case "down" or "up" when _history.Count > 0:
                var at = _history.LastIndexOf(Field.Text) is >= 0 and var now ? now + (key == "down" ? 1 : -1) : _history.Count - 1;
                Field.Text = _history[Math.Clamp(at, 0, _history.Count - 1)];
                Field.MoveEnd();
                return true;
            case "ctrl-c" or "ctrl-x":
                End("");
                return true;
            default:
                return false;
        }
    }

    private void End(string text)
    {
        _ticksToFollow = 0;
        Field.Visible = Completions.Visible = false;
        _window.SetFocus();
        Set(text);
        _window.Arrange();
        _window.SetNeedsDraw();
    }

    private void Typed()
    {
        _ticksToFollow = _window.Model.Total > FollowsAtOnce ? 2 : 0;
        if (_ticksToFollow == 0) FollowTyped();
    }

    private void FollowTyped()
    {
        _ticksToFollow = 0;
        Set(Field.Text);
        _completion = WhereCompletion.At(Field.Text, Field.InsertionPoint, [.. _window.Model.All], _window.Model.Context);
        IReadOnlyList<WhereOffer> offers = [.. _completion.Offers.Take(MostCompletions)];
        Completions.Visible = offers.Count > 0;
        if (offers.Count > 0)
        {
            var text = Math.Min(30, offers.Max(one => one.Text.Length));
            var meaning = Math.Min(44, offers.Max(one => one.Meaning.Length));
            Completions.Count = offers.Count;
            Completions.Row = row =>
            [
                new($" {CellText.Fit(ReportText.Safe(offers[row].Text), text)} ", Ink.Strong),
                new($" {CellText.Fit(offers[row].Meaning, meaning)} ", Ink.Quiet),
                new($"{offers[row].Rows,7} ", Ink.Accent),
            ];
            Completions.Selected = 0;
            (Completions.X, Completions.Y) = (3, _window.Places.Filter.Bottom);
            (Completions.Width, Completions.Height) = (text + meaning + 12, offers.Count);
        }
        _window.ShowAll();
        _window.SetNeedsLayout();
        _window.SetNeedsDraw();
    }

    private void TakeCompletion()
    {
        if (_ticksToFollow > 0) FollowTyped();
        if (!Completions.Visible || _completion is not { } completion) return;
        var taken = completion.Offers[Completions.Selected].Text;
        var text = Field.Text;
        Field.Text = $"{text[..completion.Start]}{taken} {text[Math.Min(text.Length, completion.Start + completion.Length)..].TrimStart()}";
        Field.InsertionPoint = completion.Start + taken.Length + 1;
        Typed();
    }
}
