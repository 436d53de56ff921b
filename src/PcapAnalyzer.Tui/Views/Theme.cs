using PcapAnalyzer.Reports;
using Terminal.Gui.Drawing;
using Attribute = Terminal.Gui.Drawing.Attribute;
using TextStyle = Terminal.Gui.Drawing.TextStyle;

namespace PcapAnalyzer.Tui;

/// <summary>What each ink looks like. Colour never carries a fact alone: a glyph, a side or a word says the same.</summary>
/// <param name="Inks">Text colours, indexed by <see cref="Ink"/>.</param>
public sealed record Theme(string Name, Color Background, Color Selection, IReadOnlyList<Color> Inks)
{
    // In the order of Ink: plain, quiet, good, warn, bad, initiator, acceptor, accent, strong.
    public static Theme Dark { get; } =
        Of("dark", 0x11141a, 0x263245, 0xc9d1d9, 0x8b96a8, 0x6bd98c, 0xf2c14e, 0xff7b72, 0x6cb6ff, 0xd2a8ff, 0x56d4dd, 0xffffff);

    public static Theme Light { get; } =
        Of("light", 0xffffff, 0xdbe7ff, 0x1f2328, 0x57606a, 0x116329, 0x7d4e00, 0xb42318, 0x0b57d0, 0x7a3ea8, 0x0b6e75, 0x000000);

    public static Theme HighContrast { get; } =
        Of("high-contrast", 0x000000, 0x003a70, 0xffffff, 0xd0d0d0, 0x5cff8f, 0xffd84d, 0xff9a9a, 0x7fd0ff, 0xe5b3ff, 0x66ffff, 0xffffff);

    /// <summary>For terminals of sixteen colours.</summary>
    public static Theme Sixteen { get; } = new("16", new Color(ColorName16.Black), new Color(ColorName16.Blue),
        [new(ColorName16.White), new(ColorName16.Gray), new(ColorName16.BrightGreen), new(ColorName16.BrightYellow),
            new(ColorName16.BrightRed), new(ColorName16.BrightBlue), new(ColorName16.BrightMagenta), new(ColorName16.BrightCyan),
            new(ColorName16.White)]);

    /// <summary>The terminal's own colours, for <c>NO_COLOR</c>.</summary>
    public static Theme None { get; } = new("none", Color.None, Color.None, [.. Enum.GetValues<Ink>().Select(_ => Color.None)]);

    public static IReadOnlyList<Theme> All { get; } = [Dark, Light, HighContrast, Sixteen, None];

    /// <summary>Colours and style of text in an ink.</summary>
    public Attribute this[Ink ink, bool isSelected = false]
    {
        get
        {
            var style = ink is Ink.Bad or Ink.Strong ? TextStyle.Bold : TextStyle.None;
            if (isSelected && Selection == Color.None) style |= TextStyle.Reverse;
            return new Attribute(Inks[(int)ink], isSelected ? Selection : Background, style);
        }
    }

    /// <summary>For Terminal.Gui's own views: dialogs, buttons, text fields, menus.</summary>
    public Scheme Scheme => new(this[Ink.Plain])
    {
        Focus = this[Ink.Strong, true],
        HotNormal = this[Ink.Accent],
        HotFocus = this[Ink.Accent, true],
        Active = this[Ink.Strong, true],
        HotActive = this[Ink.Accent, true],
        Highlight = this[Ink.Strong, true],
        Editable = this[Ink.Strong, true],
        ReadOnly = this[Ink.Quiet],
        Disabled = this[Ink.Quiet],
    };

    /// <summary>The scheme of the menu, which stands out from what is under it.</summary>
    public Scheme MenuScheme => new(this[Ink.Plain, true])
    {
        Focus = this[Ink.Strong],
        HotNormal = this[Ink.Accent, true],
        HotFocus = this[Ink.Accent],
        Active = this[Ink.Strong],
        HotActive = this[Ink.Accent],
        Disabled = this[Ink.Quiet, true],
    };

    private static Theme Of(string name, int background, int selection, params int[] inks) =>
        new(name, Rgb(background), Rgb(selection), [.. inks.Select(Rgb)]);

    private static Color Rgb(int value) => new((byte)(value >> 16), (byte)(value >> 8), (byte)value);
}
