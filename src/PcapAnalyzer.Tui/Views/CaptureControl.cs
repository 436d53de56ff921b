using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Pauses the view, stops the capture, and quits. Quitting during a live capture needs a second key press.</summary>
internal sealed class CaptureControl(TimelineWindow window)
{
    private bool _mayQuit;
    private bool _stopWasAsked;

    /// <summary>Returns to the list; on the list, quits the program.</summary>
    internal void Back()
    {
        if (window.Current != Pane.List) window.Focus(Pane.List);
        else if (window.Session is { IsLive: true, IsOver: false } && !_mayQuit)
        {
            _mayQuit = true;
            window.Status.Say("The capture goes on: q again quits, w r saves the report", Ink.Warn);
        }
        else window.RequestStop();
    }

    /// <summary>Makes the next <see cref="Back"/> ask again.</summary>
    internal void ForgetQuit() => _mayQuit = false;

    /// <summary>Suspends the program. Returns when the shell resumes it, and then redraws the screen.</summary>
    internal void Suspend()
    {
        window.App?.Driver?.Suspend();
        window.App?.LayoutAndDraw(true);
    }

    internal void TogglePause()
    {
        window.Model.Pause(!window.Model.IsPaused);
        window.Status.Say(window.Model.IsPaused ? "The view stands still; the capture goes on. p resumes" : "", Ink.Warn);
    }

    /// <summary>Stops the capture and keeps the screen. The second time, or when the capture is over, it quits.</summary>
    internal void Stop()
    {
        if (window.Session.IsOver || _stopWasAsked)
        {
            window.RequestStop();
            return;
        }
        _stopWasAsked = true;
        window.Session.Stop();
        window.Status.Say("Stopping; ctrl-c again quits", Ink.Warn);
    }
}
