using Terminal.Gui.App;
using Terminal.Gui.Drawing;
using Terminal.Gui.Drivers;

namespace PcapAnalyzer.Tui;

/// <summary>The timeline on a real terminal, from the first draw to the last.</summary>
public static class TimelineScreen
{
    private const string Automatic = "auto";

    /// <summary>Long enough for any terminal to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static IDisposable? _output;

    /// <summary>Those of <see cref="Theme.All"/>, in words of their own: the command line needs them where nothing is drawn.</summary>
    public static IReadOnlyList<string> ThemeNames { get; } = ["dark", "light", "high-contrast", "16", "none"];

    /// <summary>Shows a session until the user leaves. The session is started here, and stopped.</summary>
    /// <param name="theme">A theme's name, or <c>auto</c>.</param>
    /// <param name="stop">Leaves as the user would.</param>
    public static void Run(CaptureSession session, TimelineActions actions, string theme, CancellationToken stop)
    {
        var app = Application.Create();
        try
        {
            Run(app, session, actions, theme, stop);
        }
        finally
        {
            // A terminal that is gone keeps the thread that reads its keys for ever, and Dispose waits for that thread.
            Task.WaitAny([Task.Run(app.Dispose)], Patience);
        }
    }

    /// <summary>Gives the terminal back in the middle of everything, from any thread; nothing where there is no screen.</summary>
    public static void Leave() => _output?.Dispose();

    private static void Run(IApplication app, CaptureSession session, TimelineActions actions, string theme, CancellationToken stop)
    {
        app.Init(DriverRegistry.Names.ANSI);
        var isDeep = Environment.GetEnvironmentVariable("COLORTERM") is "truecolor" or "24bit";
        var hasColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var chosen = Theme.All.FirstOrDefault(one => one.Name == theme) ?? (!hasColour ? Theme.None : isDeep ? Theme.Dark : Theme.Sixteen);
        app.Driver!.Force16Colors = !isDeep && hasColour;
        using var window = new TimelineWindow(session, actions, chosen);
        if (theme == Automatic && hasColour && isDeep)
        {
            // The terminal tells its background when it is asked, or never.
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
