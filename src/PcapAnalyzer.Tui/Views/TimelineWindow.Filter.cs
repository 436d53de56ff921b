using PcapAnalyzer.Reports;
using PcapAnalyzer.Reports.Filter;

namespace PcapAnalyzer.Tui;

/// <summary>The filter bar: what is typed filters at once, as far as it can be read; completions tell what may follow.</summary>
public sealed partial class TimelineWindow
{
    private const int MostCompletions = 8;

    /// <summary>With more handshakes the list follows when the typing pauses.</summary>
    private const int FollowsAtOnce = 10_000;

    private int _ticksToFollow;

    private readonly List<string> _history = [];
    private WhereCompletion? _completion;
    private string _filterText = "";
    private string _filterBefore = "";
    private string _filterProblem = "";

    private void SetUpFilter()
    {
        _filterField.Autocomplete!.SuggestionGenerator = new Popup.NoSuggestions();
        _filterField.TextChanged += (_, _) =>
        {
            if (_filterField.Visible) Typed();
        };
        _completions.Clicked = (row, _) =>
        {
            if (row < 0) return;
            _completions.Selected = row;
            TakeCompletion();
        };
    }

    private void EditFilter()
    {
        if (_layout.Filter.IsEmpty) Focus(Pane.List);
        _filterBefore = _filterText;
        _filterField.Visible = true;
        _filterField.Text = _filterText;
        Arrange();
        _filterField.SetFocus();
        _filterField.MoveEnd();
        Typed();
    }

    private void EndFilter(string text)
    {
        _ticksToFollow = 0;
        _filterField.Visible = _completions.Visible = false;
        SetFocus();
        SetFilter(text);
        Arrange();
        SetNeedsDraw();
    }

    /// <summary>Filters by an expression; by the part of it that can be read, where it has not been finished.</summary>
    private void SetFilter(string text)
    {
        _filterText = text.Trim();
        var where = Where.ParsePrefix(_filterText, out var error);
        // While it is typed, what is not finished is not wrong yet.
        _filterProblem = error == null || (error.IsIncomplete && _filterField.Visible) ? "" : $"! column {error.Column}: {error.Message}";
        _model.Filter(where == Where.Everything ? null : where);
        if (error == null && _filterText.Length > 0 && !_filterField.Visible && _history.LastOrDefault() != _filterText) _history.Add(_filterText);
    }

    private void Typed()
    {
        _ticksToFollow = _model.Total > FollowsAtOnce ? 2 : 0;
        if (_ticksToFollow == 0) FollowTyped();
    }

    private void FollowTyped()
    {
        _ticksToFollow = 0;
        SetFilter(_filterField.Text);
        var cursor = _filterField.InsertionPoint;
        _completion = WhereCompletion.At(_filterField.Text, cursor, [.. _model.All], _model.Context);
        IReadOnlyList<WhereOffer> offers = [.. _completion.Offers.Take(MostCompletions)];
        _completions.Visible = offers.Count > 0;
        if (offers.Count > 0)
        {
            var text = Math.Min(30, offers.Max(one => one.Text.Length));
            var meaning = Math.Min(44, offers.Max(one => one.Meaning.Length));
            _completions.Count = offers.Count;
            _completions.Row = row => [new($" {CellText.Fit(ReportText.Safe(offers[row].Text), text)} ", Ink.Strong), new($" {CellText.Fit(offers[row].Meaning, meaning)} ", Ink.Quiet), new($"{offers[row].Rows,7} ", Ink.Accent)];
            _completions.Selected = 0;
            (_completions.X, _completions.Y) = (3, _layout.Filter.Bottom);
            (_completions.Width, _completions.Height) = (text + meaning + 12, offers.Count);
        }
        ShowAll();
        SetNeedsLayout();
        SetNeedsDraw();
    }

    private void TakeCompletion()
    {
        if (_ticksToFollow > 0) FollowTyped();
        if (!_completions.Visible || _completion is not { } completion) return;
        var taken = completion.Offers[_completions.Selected].Text;
        var text = _filterField.Text;
        _filterField.Text = $"{text[..completion.Start]}{taken} {text[Math.Min(text.Length, completion.Start + completion.Length)..].TrimStart()}";
        _filterField.InsertionPoint = completion.Start + taken.Length + 1;
        Typed();
    }

    private bool TakeFilterKey(string key)
    {
        switch (key)
        {
            case "tab":
                TakeCompletion();
                return true;
            case "enter":
                EndFilter(_filterField.Text);
                return true;
            case "esc" when _completions.Visible:
                _completions.Visible = false;
                SetNeedsDraw();
                return true;
            case "esc":
                EndFilter(_filterBefore);
                return true;
            case "down" or "up" when _completions.Visible:
                _completions.Selected = Math.Clamp(_completions.Selected + (key == "down" ? 1 : -1), 0, _completions.Count - 1);
                _completions.SetNeedsDraw();
                return true;
            case "down" or "up" when _history.Count > 0:
                var at = _history.LastIndexOf(_filterField.Text) is >= 0 and var now ? now + (key == "down" ? 1 : -1) : _history.Count - 1;
                _filterField.Text = _history[Math.Clamp(at, 0, _history.Count - 1)];
                _filterField.MoveEnd();
                return true;
            case "ctrl-c" or "ctrl-x":
                EndFilter("");
                return true;
            default:
                return false;
        }
    }
}
