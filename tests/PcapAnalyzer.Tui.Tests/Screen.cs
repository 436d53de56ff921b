using System.Drawing;
using PcapAnalyzer.Judging;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;
using PcapAnalyzer.Testing;
using Terminal.Gui.App;
using Terminal.Gui.Drivers;
using Terminal.Gui.Input;
using Terminal.Gui.Testing;
using Terminal.Gui.Text;
using Terminal.Gui.Time;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>
/// The timeline on a terminal in memory: a test presses keys, clicks, and reads what stands there. Time goes by when it says so.
/// </summary>
internal sealed class Screen : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SynchronizationContext? _contextBefore = SynchronizationContext.Current;
    private readonly VirtualTimeProvider _clock = new();
    private readonly ICaptureInput _input;
    private readonly IApplication _app;
    private readonly TimelineWindow _window;
    private readonly SessionToken _running;

    static Screen() => Environment.SetEnvironmentVariable("DisableRealDriverIO", "1");

    internal Screen(ICaptureInput input, CookieRing? ring = null, int width = 80, int height = 24, Theme? theme = null)
    {
        _input = input;
        Session = new CaptureSession(input, ring ?? CookieRing.Empty, NewAnalyzer, new OneByOne());
        _app = Application.Create(_clock);
        _app.Init(DriverRegistry.Names.ANSI);
        _app.Driver!.SetScreenSize(width, height);
        _window = new TimelineWindow(Session, Actions, theme ?? Theme.Dark);
        Session.Start();
        _running = _app.Begin(_window)!;
        Draw();
    }

    internal HeldInput Input => (HeldInput)_input;

    internal CaptureSession Session { get; }

    internal TimelineModel Model => _window.Model;

    /// <summary>What was saved, by the path that was typed.</summary>
    internal Dictionary<string, byte[]> Files { get; } = [];

    internal Dictionary<string, IReadOnlyList<(EvidenceFrame Frame, string Comment)>> Packets { get; } = [];

    /// <summary>The user has left.</summary>
    internal bool IsLeft => _window.StopRequested;

    /// <summary>The rows as they are drawn, each as wide as the terminal.</summary>
    internal string[] Rows => _app.Driver!.ToString()!.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    internal string Text => string.Concat(Rows.Select(row => $"{row.TrimEnd()}\n"));

    /// <summary>The screen with its colours, as a terminal is told them.</summary>
    internal string Ansi => _app.Driver!.ToAnsi();

    /// <summary>What the last key sent to the terminal, beside what was drawn.</summary>
    internal string Sent { get; private set; } = "";

    internal static CaptureAnalysis NewAnalyzer(CookieRing ring) =>
        new(Analysis.Options with { Evidence = new() }, ring, new FrameParser(), new PacketDotNetParser());

    /// <summary>A capture that is read to its end.</summary>
    internal static Screen Of(IReadOnlyList<HeldFrame> frames, CookieRing? ring = null, int width = 80, int height = 24,
        Theme? theme = null, string title = "story.pcap")
    {
        var screen = new Screen(new HeldInput(title, frames), ring, width, height, theme);
        screen.Input.GiveAll();
        screen.AwaitEnd();
        return screen;
    }

    /// <summary>Keys as <see cref="KeyMap"/> spells them, one after the other, each drawn.</summary>
    internal Screen Keys(params IEnumerable<string> keys)
    {
        foreach (var key in keys.SelectMany(chord => chord.Split(' ')))
        {
            _app.InjectKey(KeyOf(key));
            Sent = _app.Driver!.GetOutput().GetLastOutput();
            Draw();
        }
        return this;
    }

    internal Screen Type(string text)
    {
        foreach (var letter in text) _app.InjectKey(new Key(letter));
        Draw();
        return this;
    }

    internal Screen Click(int x, int y, bool twice = false)
    {
        Tick(10); // long enough that the click before does not make it a double one
        var at = new Point(x, y);
        _app.InjectSequence(twice ? InputInjectionExtensions.LeftButtonDoubleClick(at) : InputInjectionExtensions.LeftButtonClick(at));
        Draw();
        return this;
    }

    /// <summary>Clicks on the first place where this stands.</summary>
    internal Screen Click(string text, bool twice = false)
    {
        var (x, y) = Find(text);
        return Click(x, y, twice);
    }

    internal Screen Wheel(string over, bool down = true)
    {
        var (x, y) = Find(over);
        _app.InjectMouse(new Mouse { Flags = down ? MouseFlags.WheeledDown : MouseFlags.WheeledUp, ScreenPosition = new Point(x, y) });
        Draw();
        return this;
    }

    /// <summary>Column and row, in cells, of the first place where a text stands.</summary>
    internal (int X, int Y) Find(string text)
    {
        var rows = Rows;
        for (var y = 0; y < rows.Length; y++)
            if (rows[y].IndexOf(text, StringComparison.Ordinal) is >= 0 and var at) return (rows[y][..at].GetColumns(), y);
        throw new InvalidOperationException($"\"{text}\" is not on the screen:\n{Text}");
    }

    /// <summary>The row on which a text stands.</summary>
    internal string RowOf(string text) => Rows[Find(text).Y].TrimEnd();

    internal Screen Resize(int width, int height)
    {
        _app.Driver!.SetScreenSize(width, height);
        return Draw();
    }

    /// <summary>So many tenths of a second go by.</summary>
    internal Screen Tick(int times = 1)
    {
        for (; times > 0; times--)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            _app.TimedEvents!.RunTimers();
        }
        return Draw();
    }

    internal Screen AwaitEnd() => Await(() => Session.IsOver);

    /// <summary>Waits for what another thread does, and shows it.</summary>
    internal Screen Await(Func<bool> isSo, TimeSpan? patience = null)
    {
        var came = SpinWait.SpinUntil(() =>
        {
            _app.TimedEvents!.RunTimers();
            return isSo();
        }, patience ?? Patience);
        Assert.True(came, $"what is waited for does not come:\n{Text}");
        return Tick();
    }

    internal Screen AwaitText(string text) => Await(() =>
    {
        Draw();
        return Text.Contains(text, StringComparison.Ordinal);
    });

    internal void Matches(string name)
    {
        foreach (var row in Rows) Assert.Equal(_app.Driver!.Cols, row.GetColumns());
        Golden.Matches(Path.Combine(Repository.Root, "tests/PcapAnalyzer.Tui.Tests/screens", $"{name}.txt"), Text);
    }

    public void Dispose()
    {
        _app.End(_running);
        _window.Dispose();
        _app.Dispose();
        Session.Dispose();
        SynchronizationContext.SetSynchronizationContext(_contextBefore);
    }

    private TimelineActions Actions => new()
    {
        WriteFile = (path, write) =>
        {
            using var content = new MemoryStream();
            write(content);
            Files[path] = content.ToArray();
        },
        LocalZone = TimeZoneInfo.CreateCustomTimeZone("Test/Zone", TimeSpan.FromMinutes(150), "Test", "Test"),
        Exists = Files.ContainsKey,
        ReadFile = path => Files.TryGetValue(path, out var content) ? content : throw new FileNotFoundException($"{path}: no such file"),
        WritePackets = (path, packets) => Packets[path] = packets,
    };

    private Screen Draw()
    {
        _app.LayoutAndDraw();
        return this;
    }

    private static Key KeyOf(string name) => name switch
    {
        "enter" => Key.Enter,
        "esc" => Key.Esc,
        "tab" => Key.Tab,
        "shift-tab" => Key.Tab.WithShift,
        "space" => Key.Space,
        "up" => Key.CursorUp,
        "down" => Key.CursorDown,
        "left" => Key.CursorLeft,
        "right" => Key.CursorRight,
        "home" => Key.Home,
        "end" => Key.End,
        "pageup" => Key.PageUp,
        "pagedown" => Key.PageDown,
        "backspace" => Key.Backspace,
        "f1" => Key.F1,
        "f9" => Key.F9,
        _ when name.StartsWith("ctrl-", StringComparison.Ordinal) => new Key(name[^1]).WithCtrl,
        _ => new Key(name[0]),
    };
}
