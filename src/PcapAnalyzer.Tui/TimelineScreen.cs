using Terminal.Gui.App;
using Terminal.Gui.Drawing;
using Terminal.Gui.Drivers;

namespace PcapAnalyzer.Tui;

/// <summary>Runs the timeline on a real terminal.</summary>
public static class TimelineScreen
{
    private const string Automatic = "auto";

    /// <summary>Longest wait for the screen to close; every terminal answers within it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static IDisposable? _output;

    /// <summary>The names of <see cref="Theme.All"/>, repeated as text because the command line needs them when nothing is drawn.</summary>
    public static IReadOnlyList<string> ThemeNames { get; } = ["dark", "light", "high-contrast", "16", "none"];

    /// <summary>Starts a session and shows it until the user leaves. The caller disposes the session.</summary>
    /// <param name="theme">A theme's name, or <c>auto</c>.</param>
    /// <param name="isLocal">Times are local ones at first, not UTC.</param>
    /// <param name="stop">Closes the screen, as the user would.</param>
    public static void Run(CaptureSession session, TimelineActions actions, string theme, bool isLocal,
        CancellationToken stop)
    {
        var app = Application.Create();
        try
        {
            Run(app, session, actions, theme, isLocal, stop);
        }
        finally
        {
            // If the terminal is gone, the thread that reads its keys never ends, and Dispose waits for that thread.
            Task.WaitAny([Task.Run(app.Dispose)], Patience);
        }
    }

    /// <summary>Restores the terminal at any moment, from any thread. Does nothing when there is no screen.</summary>
    public static void Leave() => _output?.Dispose();

    private static void Run(IApplication app, CaptureSession session, TimelineActions actions, string theme, bool isLocal,
        CancellationToken stop)
    {
        app.Init(DriverRegistry.Names.ANSI);
        var isDeep = Environment.GetEnvironmentVariable("COLORTERM") is "truecolor" or "24bit";
        var hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var chosen = Theme.All.FirstOrDefault(one => one.Name == theme) ?? (!hasColour ? Theme.None : isDeep ? Theme.Dark : Theme.Sixteen);
        app.Driver!.Force16Colors = !isDeep && hasColour;
        using var window = new TimelineWindow(session, actions, chosen, isLocal);
        if (theme == Automatic && hasColour && isDeep)
        {
            // The terminal reports its background after a query, or never.
            void Follow()
            {
                if (app.Driver.DefaultAttribute is { } colours && IsLight(colours.Background)) window.Use(Theme.Light);
            }
            app.Driver.DefaultAttributeChanged += (_, _) => Follow();
            Follow();
        }
        session.Start();
        using var stopping = stop.Register(() => app.Invoke(() => app.RequestStop(window)));
        _output = app.Driver.GetOutput() as IDisposable;
        try
        {
            app.Run(window);
        }
        finally
        {
            _output = null;
        }
    }

    private static bool IsLight(Color background) => (0.299 * background.R) + (0.587 * background.G) + (0.114 * background.B) > 128;
}
