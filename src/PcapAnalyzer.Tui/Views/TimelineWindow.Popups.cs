using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Reports;
using Terminal.Gui.Input;
using Terminal.Gui.Text;
using Terminal.Gui.ViewBase;
using Terminal.Gui.Views;

namespace PcapAnalyzer.Tui;

/// <summary>What opens over the screen: one popup at a time, and the menu.</summary>
public sealed partial class TimelineWindow
{
    private const int PopupWidth = 76;

    private Popup? _popup;
    private bool _isCookieFile;

    private bool TakePopupKey(string key)
    {
        switch (key)
        {
            case "esc" or "ctrl-c":
                Close();
                return true;
            case "enter" when !_popup!.IsOnButton:
                _popup.Accepted?.Invoke();
                return true;
            case "down" or "up":
                _popup!.Move(key == "down" ? 1 : -1);
                return true;
            case "pagedown" or "pageup":
                _popup!.Page(key == "pagedown" ? 1 : -1);
                return true;
            case "ctrl-f" when _popup!.Heading == CookieTitle:
                _isCookieFile = !_isCookieFile;
                AskForCookie();
                return true;
            case "q" or "j" or "k" or "space" or "b" when !_popup!.HasFields:
                if (key == "q") Close();
                else if (key is "j" or "k") _popup.Move(key == "j" ? 1 : -1);
                else _popup.Page(key == "space" ? 1 : -1);
                return true;
            default:
                // Letters are for fields, and Tab goes round; nothing else may open a menu behind the popup.
                return !_popup!.HasFields && key is not ("tab" or "shift-tab" or "enter");
        }
    }

    private void Open(Popup popup, int width, int rows)
    {
        Close();
        _popup = popup;
        popup.Wanted = new System.Drawing.Size(width, rows);
        Add(popup);
        popup.Place(Viewport.Size);
        popup.FocusFirst();
        SetNeedsLayout();
    }

    private void Close()
    {
        if (_popup is not { } popup) return;
        _popup = null;
        Remove(popup);
        popup.Dispose();
        SetFocus();
        SetNeedsDraw();
    }

    private void ShowRows(string title, IReadOnlyList<IReadOnlyList<InkRun>> rows)
    {
        var popup = new Popup(title, _theme);
        popup.Accepted = Close;
        popup.AddButton("Close", Close);
        popup.Show(rows);
        Open(popup, Math.Max(40, rows.Count == 0 ? 0 : rows.Max(row => row.Sum(run => run.Text.GetColumns())) + 3), rows.Count);
    }

    private void ShowText(string title, IEnumerable<string> lines) =>
        ShowRows(title, [.. lines.SelectMany(line => CellText.Wrap(line, Math.Min(PopupWidth, Viewport.Width - 6))).Select(line => (IReadOnlyList<InkRun>)[new InkRun($" {line}", Ink.Plain)])]);

    private void AskForText() => Ask("Find", "text", _find, text =>
    {
        _find = text;
        Find(1);
    });

    /// <summary>Asks for a name; of a file that is there already, a second time.</summary>
    private void AskForFile(string title, string ending, Action<string> save)
    {
        var replaces = "";
        Ask(title, "file", $"{Path.GetFileNameWithoutExtension(_session.Title.Split(' ')[^1])}-report{ending}", save, path =>
        {
            if (path == replaces || !_actions.Exists(path)) return null;
            replaces = path;
            return "is there already: enter again replaces it";
        });
    }

    /// <param name="title">What for.</param>
    /// <param name="label">What is to be typed.</param>
    /// <param name="text">What stands there at first.</param>
    /// <param name="take">Takes the answer.</param>
    /// <param name="object">What is to be said before the answer is taken; null for nothing.</param>
    private void Ask(string title, string label, string text, Action<string> take, Func<string, string?>? @object = null)
    {
        var popup = new Popup(title, _theme);
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
            ShowAll();
        }
        popup.Accepted = Accept;
        popup.AddButton("Cancel", Close);
        popup.AddButton("OK", Accept);
        Open(popup, PopupWidth, @object == null ? 0 : 1);
    }

    private const string CookieTitle = "Add a cookie";

    /// <summary>A cookie is typed unseen, or read from a file as Erlang reads it.</summary>
    private void AskForCookie()
    {
        var popup = new Popup(CookieTitle, _theme);
        popup.AddField(_isCookieFile ? "file" : "cookie", isSecret: !_isCookieFile, text: _isCookieFile ? "~/.erlang.cookie" : "");
        popup.AddField("label", text: $"cookie-{_session.Ring.Cookies.Count + 1}");
        void Tell()
        {
            var text = popup[0];
            var spaces = text.Length - text.Trim().Length;
            var what = _isCookieFile ? "read as Erlang reads it: what stands before the first line's end"
                : $"{text.Length} character{(text.Length == 1 ? "" : "s")}{(spaces > 0 ? $", {spaces} of them spaces at an end: kept, are they meant?" : "")}";
            popup.Show([[new($" {what}", spaces > 0 ? Ink.Warn : Ink.Quiet)], [new($" enter  verifies {_model.Total} handshake{(_model.Total == 1 ? "" : "s")} again · ctrl-f  {(_isCookieFile ? "type it" : "from a file")}", Ink.Quiet)]]);
        }
        popup.Typed = Tell;
        popup.Accepted = () => AddCookie(popup);
        popup.AddButton("Cancel", Close);
        popup.AddButton("Verify", () => AddCookie(popup));
        Open(popup, 68, 2);
        Tell();
    }

    private void AddCookie(Popup popup)
    {
        var (text, label) = (popup[0], popup[1].Trim());
        if (text.Length == 0) return;
        if (label.Length == 0) label = $"cookie-{_session.Ring.Cookies.Count + 1}";
        Close();
        try
        {
            if (_model.IsPaused) TogglePause(); // who asks wants to see the answer
            var cookie = _isCookieFile ? Cookie.FromFile(label, _actions.ReadFile(text.Trim())) : Cookie.FromText(label, text);
            var before = _model.All.Where(IsVerified).Select(report => report.Id).ToHashSet();
            Say($"Verifying {_model.Total} handshakes with {ReportText.Safe(label)}…", Ink.Accent);
            // Beside the screen: a hundred thousand handshakes take seconds.
            Task.Run(() =>
            {
                _session.Add(cookie);
                _session.Rejudge();
                App?.Invoke(() => TellVerified(label, before));
            });
        }
        catch (Exception problem)
        {
            Say(problem.Message, Ink.Bad);
        }
    }

    private void TellVerified(string label, HashSet<int> before)
    {
        _model.Apply(_session.TakeChanges());
        var now = _model.All.Where(report => IsVerified(report) && !before.Contains(report.Id)).Select(report => report.Id).Order().ToList();
        var some = string.Join(", ", now.Take(5).Select(id => $"#{id}"));
        Say(now.Count == 0 ? $"{label} verifies nothing new" : $"{(now.Count > 5 ? $"{some} and {now.Count - 5} more" : some)} now verified with {label}", now.Count == 0 ? Ink.Warn : Ink.Good);
        ShowAll();
    }

    private static bool IsVerified(JudgedHandshake report) => report.Proofs.Any(proof => proof.IsVerified);

    private void ShowCookies()
    {
        var proved = _model.All.SelectMany(report => report.Proofs.Where(proof => proof.Cookie != null).Select(proof => (proof.Cookie, report.Peer(proof.By).Node))).ToLookup(pair => pair.Cookie!, pair => pair.Node ?? "?");
        var lines = _session.Ring.Cookies.Select(cookie => $"{ReportText.Safe(cookie.Label)}: {(proved[cookie.Label].Any() ? $"proved by {string.Join(", ", proved[cookie.Label].Distinct().Order().Select(node => ReportText.Safe(node)))}" : "proved by nobody")}").ToList();
        ShowText("Cookies and what they proved", lines.Count > 0 ? lines : ["No cookie was given: nothing can be verified. c adds one."]);
    }

    /// <summary>Built beside the screen, since judging all may take seconds.</summary>
    private void ShowInfo() => Task.Run(() =>
    {
        var lines = new List<string>();
        _session.WithReport(report =>
        {
            var numbers = report.Statistics;
            lines.AddRange(report.Sources.SelectMany(source => (string[])[$"{source.Kind} {ReportText.Safe(source.Name)}: {source.Packets} packets, {source.Bytes} bytes, {source.Dropped} dropped", .. source.Problems.Select(problem => $"  {ReportText.Safe(problem.Detail, 300)}")]));
            lines.Add($"{_session.Packets} packets, {numbers.TcpSegments} TCP segments, {numbers.Conversations} conversations, {numbers.TlsSessions} of them TLS, {numbers.UndecodedPackets} packets not decoded");
            foreach (var finding in report.Findings) lines.AddRange(["", $"{finding.Code.Kebab()}: {ReportText.Safe(finding.Summary, 400)}", $"→ {ReportText.Safe(finding.Remedy, 400)}"]);
        });
        App?.Invoke(() => ShowText("What was captured", lines));
    });

    private void ShowExplanation()
    {
        if (_model.Selected is not { } report) return;
        var code = report.Diagnosis.Code.Kebab();
        var explanation = Explanation.All.FirstOrDefault(one => one.Code == code);
        ShowText(code, explanation == null ? ["There is no explanation of this one."] : [explanation.Title, "", .. explanation.Text.Split('\n')]);
    }

    private void ShowHelp()
    {
        var rows = new List<IReadOnlyList<InkRun>>();
        foreach (var menu in KeyMap.Menus)
        {
            rows.Add([new($" {menu}", Ink.Strong)]);
            foreach (var command in KeyMap.Commands.Where(command => command.Menu == menu))
                rows.AddRange(CellText.Wrap(command.Title, Math.Min(PopupWidth, Viewport.Width - 6) - 27).Select((line, index) => (IReadOnlyList<InkRun>)[new($"   {CellText.Fit(index == 0 ? string.Join("  ", command.Keys) : "", 24)}", Ink.Accent), new(line, Ink.Plain)]));
        }
        rows.Add([new(" Glyphs", Ink.Strong)]);
        rows.Add([new("   ✓ established  ✗ authentication failed  ⊘ rejected  ○ closed", Ink.Plain)]);
        rows.Add([new("   ◐ incomplete  ! violation  ▒ encrypted  » under way", Ink.Plain)]);
        rows.Add([new("   proofs, initiator's and acceptor's: ✓ verified  ✗ fits no cookie", Ink.Plain)]);
        rows.Add([new("   ∅ no cookie given  ? cannot be checked  · not sent", Ink.Plain)]);
        rows.Add([new("   gap: a cell a decade, from ━ 0.1 ms to ━━━━━━ 10 s", Ink.Plain)]);
        ShowRows("Keys", rows);
    }

    private void ShowPalette()
    {
        var popup = new Popup("Commands", _theme) { CanChoose = true };
        popup.AddField(":");
        IReadOnlyList<AppCommand> found = [];
        void Tell()
        {
            var words = popup[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            found = [.. KeyMap.Commands.Where(command => words.All(word => $"{command.Name} {command.Title}".Contains(word, StringComparison.OrdinalIgnoreCase)))];
            popup.Show([.. found.Select(command => (IReadOnlyList<InkRun>)[new($" {CellText.Fit(command.Name, 20)}", Ink.Accent), new($" {CellText.Fit(command.Title, 43)}", Ink.Plain), new($"{string.Join(' ', command.Keys.Take(1)),8}", Ink.Quiet)])]);
        }
        popup.Typed = Tell;
        popup.Accepted = () =>
        {
            var chosen = popup.Chosen;
            if (chosen < 0) return;
            Close();
            Do(found[chosen].Name);
        };
        Open(popup, PopupWidth, 16);
        Tell();
    }

    private MenuBar NewMenu()
    {
        var menu = new MenuBar(KeyMap.Menus.Select(title => new MenuBarItem(title, KeyMap.Commands.Where(command => command.Menu == title).Select(command =>
            (View)new MenuItem(command.Title, command.Keys[0], () => App?.Invoke(() => Do(command.Name)))))));
        return menu;
    }

    private void OpenMenu()
    {
        _menu.Visible = true;
        _menu.InvokeCommand(Command.HotKey);
    }
}
