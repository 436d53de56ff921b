using PcapAnalyzer.Reports;
using Terminal.Gui.Text;

namespace PcapAnalyzer.Tui;

/// <summary>Opens popups over the screen, one at a time: rows to read, or a question.</summary>
internal sealed class Popups(TimelineWindow window)
{
    internal const int UsualWidth = 76;

    private Popup? _open;

    internal bool IsOpen => _open != null;

    internal Popup New(string title, bool canChoose = false) => new(title, window.Theme) { CanChoose = canChoose };

    internal void Open(Popup popup, int width, int rows)
    {
        Close();
        _open = popup;
        popup.Wanted = new System.Drawing.Size(width, rows);
        window.Add(popup);
        Place();
        popup.FocusFirst();
        window.SetNeedsLayout();
    }

    internal void Place() => _open?.Place(window.Viewport.Size);

    internal void Close()
    {
        if (_open is not { } popup) return;
        _open = null;
        window.Remove(popup);
        popup.Dispose();
        window.SetFocus();
        window.SetNeedsDraw();
    }

    /// <summary>Handles a key while a popup is open.</summary>
    /// <returns>False for a key that a field or a button handles itself.</returns>
    internal bool TakeKey(string key)
    {
        var popup = _open!;
        switch (key)
        {
            case "esc" or "ctrl-c":
                Close();
                return true;
            case "enter" when !popup.IsOnButton:
                popup.Accepted?.Invoke();
                return true;
            case "down" or "up":
                popup.Move(key == "down" ? 1 : -1);
                return true;
            case "pagedown" or "pageup":
                popup.Page(key == "pagedown" ? 1 : -1);
                return true;
            case "ctrl-f" when popup.Switched != null:
                popup.Switched();
                return true;
            case "q" or "j" or "k" or "space" or "b" when !popup.HasFields:
                if (key == "q") Close();
                else if (key is "j" or "k") popup.Move(key == "j" ? 1 : -1);
                else popup.Page(key == "space" ? 1 : -1);
                return true;
            default:
                // Fields take letters, and Tab moves the focus. Other keys are consumed, so that none opens a menu behind the
                // popup.
                return !popup.HasFields && key is not ("tab" or "shift-tab" or "enter");
        }
    }

    internal void ShowRows(string title, IReadOnlyList<IReadOnlyList<InkRun>> rows)
    {
        var popup = New(title);
        popup.Accepted = Close;
        popup.AddButton("Close", Close);
        popup.Show(rows);
        Open(popup, Math.Max(40, rows.Count == 0 ? 0 : rows.Max(row => row.Sum(run => run.Text.GetColumns())) + 3), rows.Count);
    }

    internal void ShowText(string title, IEnumerable<string> lines) =>
        ShowRows(title, [.. lines.SelectMany(line => CellText.Wrap(line, Math.Min(UsualWidth, window.Viewport.Width - 6)))
            .Select(line => (IReadOnlyList<InkRun>)[new InkRun($" {line}", Ink.Plain)])]);

    /// <summary>Asks for one line of text.</summary>
    /// <param name="take">Receives the answer, unless it is empty.</param>
    /// <param name="object">Returns an objection to an answer, which keeps the popup open, or null to accept it. Null if every
    /// answer is accepted.</param>
    internal void Ask(string title, string label, string text, Action<string> take, Func<string, string?>? @object = null)
    {
        var popup = New(title);
        popup.AddField(label, text: text);
        void Accept()
        {
            var answer = popup[0].Trim();
            if (answer.Length > 0 && @object?.Invoke(answer) is { } warning)
            {
                popup.Show([[new($" {warning}", Ink.Warn)]]);
                return;
            }
            Close();
            if (answer.Length > 0) take(answer);
            window.ShowAll();
        }
        popup.Accepted = Accept;
        popup.AddButton("Cancel", Close);
        popup.AddButton("OK", Accept);
        Open(popup, UsualWidth, @object == null ? 0 : 1);
    }
}
