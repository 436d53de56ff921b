using PcapAnalyzer.Reports;
using Terminal.Gui.Text;

namespace PcapAnalyzer.Tui;

/// <summary>The last line: what can be done here, or what was just done, and how the capture goes.</summary>
public sealed partial class TimelineWindow
{
    /// <summary>Ticks that a note stays.</summary>
    private const int NoteTicks = 60;

    private string _note = "";
    private Ink _noteInk;
    private int _noteAge;
    private bool _mayQuit;
    private bool _stopWasAsked;
    private IReadOnlyList<(string Text, string Command)> _hints = [];
    private string _shown = "";

    /// <summary>Says something in the last line, for some seconds.</summary>
    private void Say(string what, Ink ink)
    {
        (_note, _noteInk, _noteAge) = (ReportText.Safe(what, 300), ink, 0);
    }

    private bool NoteIsOld()
    {
        if (_note.Length == 0 || _keys.Length > 0 || ++_noteAge < NoteTicks) return false;
        _mayQuit = false;
        Say("", Ink.Plain);
        return true;
    }

    private void ShowStatus()
    {
        var width = _status.Viewport.Width;
        if (_layout.IsTooSmall)
        {
            _status.Row = _ => [new($" {ScreenLayout.Smallest.Width}x{ScreenLayout.Smallest.Height} needed, this is {Viewport.Width}x{Viewport.Height}.  q quits", Ink.Warn)];
            _status.SetNeedsDraw();
            _shown = "";
            return;
        }
        var room = _note.Length > 0 ? Math.Min(width / 2, width - _note.GetColumns() - 2) : width / 2;
        var state = CaptureState.Runs(_session, _model, _counts.Count == 0 ? 0 : _session.Packets - _counts.Peek(), room);
        var right = state.Sum(run => run.Text.GetColumns());
        IReadOnlyList<InkRun> left;
        if (_note.Length > 0) (left, _hints) = ([new($" {CellText.Fit(_note, Math.Max(0, width - right - 2))}", _noteInk)], []);
        else left = Hints(width - right - 1);
        var used = left.Sum(run => run.Text.GetColumns());
        IReadOnlyList<InkRun> row = [.. left, new(new string(' ', Math.Max(1, width - right - used)), Ink.Plain), .. state];
        var text = string.Concat(row.Select(run => run.Text));
        if (text == _shown) return;
        _shown = text;
        _status.Row = _ => row;
        _status.SetNeedsDraw();
    }

    private List<InkRun> Hints(int room)
    {
        (string Key, string Word, string Command)[] all = _focus switch
        {
            Pane.List => [("?", "help", "app.help"), ("/", "filter", "filter.edit"), ("c", "cookie", "cookie.add"), ("n", "next problem", "find.next"), (":", "all", "app.palette"), ("w r", "save", "file.save-report"), ("e", "explain", "app.explain"), ("5", "nodes", "pane.nodes"), ("enter", "ladder", "pane.ladder")],
            Pane.Ladder => [("?", "help", "app.help"), ("esc", "list", "pane.list"), ("enter", "fields", "pane.fields"), ("y t", "copy", "copy.text"), ("t", "time", "view.time"), ("x", "pair", "view.pair"), (":", "all", "app.palette")],
            Pane.Nodes => [("?", "help", "app.help"), ("enter", "show these", "filter.from-cell"), ("1", "handshakes", "pane.list"), (":", "all", "app.palette")],
            _ => [("?", "help", "app.help"), ("2", "ladder", "pane.ladder"), ("y y", "copy field", "copy.field"), ("y v", "copy bytes", "copy.value"), ("\\", "maximise", "pane.maximise"), (":", "all", "app.palette")],
        };
        var runs = new List<InkRun>();
        var hints = new List<(string, string)>();
        var used = 0;
        foreach (var (key, word, command) in all)
        {
            var text = $"{(runs.Count == 0 ? " " : " │ ")}{key}  {word}";
            if (used + text.GetColumns() > room) break;
            used += text.GetColumns();
            runs.Add(new InkRun(runs.Count == 0 ? " " : " │ ", Ink.Quiet));
            runs.Add(new InkRun(key, Ink.Accent));
            runs.Add(new InkRun($"  {word}", Ink.Plain));
            hints.Add((text, command));
        }
        _hints = hints;
        return runs;
    }

    private string? HintAt(int x)
    {
        foreach (var (text, command) in _hints)
        {
            if (x < text.GetColumns()) return command;
            x -= text.GetColumns();
        }
        return null;
    }
}
