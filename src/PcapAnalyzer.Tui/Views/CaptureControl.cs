using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Holding the view, stopping the capture, and leaving; what goes on is not left by accident.</summary>
internal sealed class CaptureControl(TimelineWindow window)
{
    private bool _mayQuit;
    private bool _stopWasAsked;

    /// <summary>Leaves what was opened last; on the list, the program.</summary>
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

    /// <summary>The next <see cref="Back"/> asks again.</summary>
    internal void ForgetQuit() => _mayQuit = false;

    /// <summary>Returns when the shell lets it go on, and then draws everything anew.</summary>
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

    /// <summary>Stops the capture and keeps the screen; a second time, leaves.</summary>
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
