using Terminal.Gui.Drivers;
using Terminal.Gui.Input;

namespace PcapAnalyzer.Tui;

/// <summary>Keys as <see cref="KeyMap"/> spells them: <c>j</c>, <c>G</c>, <c>ctrl-d</c>, <c>shift-tab</c>, <c>pagedown</c>.</summary>
internal static class KeyNames
{
    /// <returns>Empty for an unsupported key.</returns>
    internal static string Of(Key key)
    {
        var ctrl = key.IsCtrl ? "ctrl-" : "";
        var bare = key.NoAlt.NoCtrl;
        if (key.IsAlt) return "";
        if (bare.NoShift.KeyCode is KeyCode.Tab) return bare.IsShift ? "shift-tab" : "tab";
        var name = bare.NoShift.KeyCode switch
        {
            KeyCode.Enter => "enter",
            KeyCode.Esc => "esc",
            KeyCode.Space => "space",
            KeyCode.CursorUp => "up",
            KeyCode.CursorDown => "down",
            KeyCode.CursorLeft => "left",
            KeyCode.CursorRight => "right",
            KeyCode.Home => "home",
            KeyCode.End => "end",
            KeyCode.PageUp => "pageup",
            KeyCode.PageDown => "pagedown",
            KeyCode.F1 => "f1",
            KeyCode.F9 => "f9",
            KeyCode.F10 => "f9",
            _ => "",
        };
        if (name.Length > 0) return ctrl + name;
        if (key.IsCtrl)
            return bare.NoShift.KeyCode is >= KeyCode.A and <= KeyCode.Z and var letter ? $"ctrl-{(char)(letter - KeyCode.A + 'a')}"
                : bare.AsRune.Value is '\\' ? "ctrl-\\" : "";
        var rune = key.AsRune;
        return rune.Value is > ' ' and < 0x7F ? rune.ToString() : "";
    }
}
