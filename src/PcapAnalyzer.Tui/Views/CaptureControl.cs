using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Pauses the view, stops the capture, and quits: with a second key while a capture goes on or is not saved.</summary>
internal sealed class CaptureControl(TimelineWindow window)
{
    private bool _mayQuit;
    private bool _stopWasAsked;

    /// <summary>Returns to the list; on the list, quits the program.</summary>
    internal void Back()
    {
        if (window.Current != Pane.List) window.Focus(Pane.List);
        else Quit("app.back");
    }

    /// <summary>Quits the program; asks once, for the same key again, when that would lose something.</summary>
    /// <param name="command">The command that quits.</param>
    internal void Quit(string command)
    {
        if (_mayQuit || Loss is not { } loss)
        {
            window.RequestStop();
            return;
        }
        _mayQuit = true;
        window.Status.Say($"{loss.What}: {KeyMap.Of(command).Keys[0]} again quits, {loss.Remedy}", Ink.Warn);
    }

    /// <summary>What quitting would lose, and the key that saves it; null when nothing.</summary>
    private (string What, string Remedy)? Loss => window.Export.Unsaved > 0
        ? ("Unsaved packets", $"{KeyMap.Of("file.save-all").Keys[0]} saves them")
        : window.Session is { IsLive: true, IsOver: false }
            ? ("The capture goes on", $"{KeyMap.Of("file.save-report").Keys[0]} saves the report") : null;

    /// <summary>Makes the next <see cref="Quit"/> ask again.</summary>
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
            Quit("capture.stop");
            return;
        }
        _stopWasAsked = true;
        window.Session.Stop();
        window.Status.Say("Stopping; ctrl-c again quits", Ink.Warn);
    }
}
