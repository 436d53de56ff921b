using Terminal.Gui.App;
using Terminal.Gui.Drawing;
using Terminal.Gui.Drivers;

namespace PcapAnalyzer.Tui;

/// <summary>The timeline on a real terminal, from the first draw to the last.</summary>
public static class TimelineScreen
{
    private const string Automatic = "auto";

    public static IReadOnlyList<string> ThemeNames { get; } = [.. Theme.All.Select(theme => theme.Name)];

    /// <summary>Shows a session until the user leaves. The session is started here, and stopped.</summary>
    /// <param name="session">What to show.</param>
    /// <param name="actions">Files and packets.</param>
    /// <param name="theme">A theme's name, or <c>auto</c>.</param>
    public static void Run(CaptureSession session, TimelineActions actions, string theme)
    {
        using var app = Application.Create();
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
        app.Run(window);
    }

    private static bool IsLight(Color background) => (0.299 * background.R) + (0.587 * background.G) + (0.114 * background.B) > 128;
}
