using PcapAnalyzer.Reports;
using Terminal.Gui.Text;

namespace PcapAnalyzer.Tui;

/// <summary>The last line: hints or a note on the left, the state of the capture on the right.</summary>
internal sealed class StatusLine
{
    /// <summary>Ticks for which a note stays.</summary>
    private const int NoteTicks = 60;

    private const int TicksPerSecond = 10;

    private readonly TimelineWindow _window;
    private readonly Queue<long> _counts = new();
    private Ink _noteInk;
    private int _noteAge;
    private IReadOnlyList<(string Text, AppCommand Command)> _hints = [];
    private string _shown = "";

    internal StatusLine(TimelineWindow window)
    {
        _window = window;
        View.ClickedAt = x =>
        {
            if (HintAt(x) is { } hint) window.Do(hint);
        };
    }

    internal RowsView View { get; } = new() { Count = 1 };

    internal string Note { get; private set; } = "";

    /// <summary>Shows a note for some seconds.</summary>
    internal void Say(string what, Ink ink) => (Note, _noteInk, _noteAge) = (ReportText.Safe(what, 300), ink, 0);

    internal void Silence() => Say("", Ink.Plain);

    /// <summary>Call it ten times a second.</summary>
    /// <param name="keepsNote">The note names the keys that may follow, so it stays.</param>
    /// <returns>True when the note disappeared.</returns>
    internal bool Tick(bool keepsNote)
    {
        _counts.Enqueue(_window.Session.Packets);
        if (_counts.Count > TicksPerSecond + 1) _counts.Dequeue();
        if (Note.Length == 0 || keepsNote || ++_noteAge < NoteTicks) return false;
        Silence();
        return true;
    }

    internal void ShowTooSmall(int width, int height)
    {
        var (columns, rows) = (ScreenLayout.Smallest.Width, ScreenLayout.Smallest.Height);
        View.Row = _ => [new($" {columns}x{rows} needed, this is {width}x{height}.  {(Note.Length > 0 ? Note : "q quits")}", Ink.Warn)];
        View.SetNeedsDraw();
        _shown = "";
    }

    internal void Show()
    {
        var width = View.Viewport.Width;
        var room = Note.Length > 0 ? Math.Min(width / 2, width - Note.GetColumns() - 2) : width / 2;
        var rate = _counts.Count == 0 ? 0 : _window.Session.Packets - _counts.Peek();
        var state = CaptureState.Runs(_window.Session, _window.Model, rate, room);
        var right = state.Sum(run => run.Text.GetColumns());
        IReadOnlyList<InkRun> left;
        if (Note.Length > 0) (left, _hints) = ([new($" {CellText.Fit(Note, Math.Max(0, width - right - 2))}", _noteInk)], []);
        else left = Hints(width - right - 1);
        var used = left.Sum(run => run.Text.GetColumns());
        IReadOnlyList<InkRun> row = [.. left, new(new string(' ', Math.Max(1, width - right - used)), Ink.Plain), .. state];
        var text = string.Concat(row.Select(run => run.Text));
        if (text == _shown) return;
        _shown = text;
        View.Row = _ => row;
        View.SetNeedsDraw();
    }

    private List<InkRun> Hints(int room)
    {
        var runs = new List<InkRun>();
        var hints = new List<(string, AppCommand)>();
        var used = 0;
        foreach (var (key, word, command) in KeyMap.Hints(_window.Current))
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

    private AppCommand? HintAt(int x)
    {
        foreach (var (text, command) in _hints)
        {
            if (x < text.GetColumns()) return command;
            x -= text.GetColumns();
        }
        return null;
    }
}
