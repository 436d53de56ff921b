using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Collects keys until they make up a command.</summary>
internal sealed class KeyInput(TimelineWindow window)
{
    private string _keys = "";

    /// <summary>The last key pressed, for commands with several keys.</summary>
    internal string Last { get; private set; } = "";

    /// <summary>The keys so far are the beginning of a command.</summary>
    internal bool IsBegun => _keys.Length > 0;

    /// <returns>False for a key that a field, a button or the menu handles itself.</returns>
    internal bool Take(string key)
    {
        if (key.Length == 0) return false;
        if (window.Popups.IsOpen) return window.Popups.TakeKey(key);
        if (window.Filter.IsEdited) return window.Filter.TakeKey(key);
        if (window.Places.IsTooSmall && key is not ("q" or "Q" or "ctrl-c")) return true;
        _keys = IsBegun ? $"{_keys} {key}" : key;
        Last = key;
        var (command, isBegun) = KeyMap.Find(_keys, window.Current);
        if (isBegun)
        {
            window.Status.Say(string.Join(" │ ", KeyMap.After(_keys, window.Current)
                .Select(next => $"{next.Key}  {next.Command.Name.Split('.', '-')[^1]}")), Ink.Accent);
            window.ShowStatus();
            return true;
        }
        _keys = "";
        if (command?.Name is not ("app.back" or "app.quit" or "capture.stop")) window.Control.ForgetQuit();
        if (command != null || window.Status.Note.Length > 0) window.Status.Silence();
        if (command != null) window.Do(command);
        return true; // handled in any case: Terminal.Gui would quit on Esc
    }

    /// <summary>Runs a command as if the key had been pressed.</summary>
    internal void Press(string key, AppCommand command)
    {
        Last = key;
        window.Do(command);
    }
}
