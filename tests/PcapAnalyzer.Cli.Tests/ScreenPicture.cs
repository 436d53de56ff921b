using System.Globalization;
using System.Net;
using System.Text;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>A screen as SVG. Lines and arrows are drawn, so that they join whatever the font; text is stretched to its columns.</summary>
internal static class ScreenPicture
{
    private const double Width = 8.4;
    private const double Height = 18;
    private const int Left = 14;
    private const int Top = 40;
    private const string Ground = "#11141a";
    private const string Letters = "#c9d1d9";

    /// <summary>To which sides of its cell a glyph's line goes.</summary>
    private static readonly Dictionary<char, string> Lines = new()
    {
        ['─'] = "lr",
        ['╌'] = "lr",
        ['━'] = "lr",
        ['│'] = "ud",
        ['┃'] = "ud",
        ['┊'] = "ud",
        ['├'] = "udr",
        ['┤'] = "udl",
        ['┬'] = "lrd",
        ['┴'] = "lru",
        ['┼'] = "lrud",
        ['╭'] = "rd",
        ['╮'] = "ld",
        ['╰'] = "ru",
        ['╯'] = "lu",
        ['┌'] = "rd",
        ['┐'] = "ld",
        ['└'] = "ru",
        ['┘'] = "lu",
    };

    /// <summary>Glyphs that are drawn as a filled shape: corners as parts of the cell.</summary>
    private static readonly Dictionary<char, (double X, double Y)[]> Shapes = new()
    {
        ['►'] = [(0, 0.26), (1, 0.5), (0, 0.74)],
        ['◄'] = [(1, 0.26), (0, 0.5), (1, 0.74)],
        ['■'] = [(0.1, 0.31), (0.9, 0.31), (0.9, 0.69), (0.1, 0.69)],
    };

    private sealed record Look(string Ink, string Ground, bool IsBold)
    {
        internal static readonly Look Plain = new(Letters, ScreenPicture.Ground, false);
    }

    /// <param name="capture">What <c>tmux capture-pane -e -p</c> printed.</param>
    /// <param name="columns">Width of the screen.</param>
    /// <param name="title">Stands in the frame.</param>
    internal static string Svg(string capture, int columns, string title)
    {
        var rows = capture.TrimEnd('\n').Split('\n');
        var (width, height) = ((columns * Width) + (2 * Left), Top + (rows.Length * Height) + Left);
        var svg = new StringBuilder();
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(width)} "
            + $"{N(height)}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n");
        svg.Append($"<rect x=\".5\" y=\".5\" width=\"{N(width - 1)}\" height=\"{N(height - 1)}\" rx=\"9\" fill=\"{Ground}\" "
            + $"stroke=\"#3a4354\"/>\n");
        foreach (var (x, fill) in ((int, string)[])[(20, "#ff7b72"), (40, "#f2c14e"), (60, "#6bd98c")])
            svg.Append($"<circle cx=\"{x}\" cy=\"19\" r=\"6\" fill=\"{fill}\"/>\n");
        svg.Append($"<text x=\"{N(width / 2)}\" y=\"24\" fill=\"#8b96a8\" text-anchor=\"middle\">{WebUtility.HtmlEncode(title)}</text>\n");
        var look = Look.Plain;
        for (var y = 0; y < rows.Length; y++) Row(svg, Cells(rows[y], ref look), Top + (y * Height));
        return svg.Append("</svg>\n").ToString();
    }

    private static List<(char Glyph, Look Look)> Cells(string row, ref Look look)
    {
        var cells = new List<(char, Look)>();
        for (var at = 0; at < row.Length; at++)
        {
            if (row[at] != '\e')
            {
                cells.Add((row[at], look));
                continue;
            }
            var end = row.IndexOf('m', at);
            look = Styled(look,
                [.. row[(at + 2)..end].Split(';').Select(code => code.Length == 0 ? 0 : int.Parse(code, CultureInfo.InvariantCulture))]);
            at = end;
        }
        return cells;
    }

    private static Look Styled(Look look, int[] codes)
    {
        for (var i = 0; i < codes.Length; i++)
        {
            look = codes[i] switch
            {
                0 => Look.Plain,
                1 => look with { IsBold = true },
                22 => look with { IsBold = false },
                39 => look with { Ink = Letters },
                49 => look with { Ground = Ground },
                38 => look with { Ink = Rgb(codes.AsSpan(i + 2, 3)) },
                48 => look with { Ground = Rgb(codes.AsSpan(i + 2, 3)) },
                var other => throw new NotSupportedException($"SGR {other}"),
            };
            if (codes[i] is 38 or 48) i += 4;
        }
        return look;
    }

    private static void Row(StringBuilder svg, List<(char Glyph, Look Look)> cells, double y)
    {
        foreach (var (from, to) in Runs(cells, (a, b) => a.Look.Ground == b.Look.Ground))
            if (cells[from].Look.Ground != Ground) svg.Append($"<rect x=\"{X(from)}\" y=\"{N(y)}\" width=\"{N((to - from) * Width)}\" "
                + $"height=\"{N(Height)}\" fill=\"{cells[from].Look.Ground}\"/>\n");
        foreach (var (from, to) in Runs(cells,
            (a, b) => a.Look.Ink == b.Look.Ink && a.Look.IsBold == b.Look.IsBold && Kind(a.Glyph) == Kind(b.Glyph)))
        {
            var (glyph, look) = cells[from];
            if (Shapes.TryGetValue(glyph, out var shape))
            {
                var corners = shape.Select(corner => $"{N(Left + ((from + corner.X) * Width))} {N(y + (corner.Y * Height))}");
                svg.Append($"<path d=\"M{string.Join('L', corners)}z\" fill=\"{look.Ink}\"/>\n");
            }
            else if (Lines.ContainsKey(glyph)) Line(svg, cells, from, to, y);
            else Text(svg, string.Concat(cells[from..to].Select(cell => cell.Glyph)), from, look, y);
        }
    }

    /// <summary>What can be drawn as one: text, lines that go across, or a glyph by itself.</summary>
    private static char Kind(char glyph) => Shapes.ContainsKey(glyph) || Lines.ContainsKey(glyph) ? glyph : 'a';

    private static void Line(StringBuilder svg, List<(char Glyph, Look Look)> cells, int from, int to, double y)
    {
        var (glyph, look) = cells[from];
        var (middle, path) = (y + (Height / 2), new StringBuilder());
        if (Lines[glyph] == "lr") path.Append($"M{X(from)} {N(middle)}H{X(to)}");
        else
        {
            for (var at = from; at < to; at++)
                foreach (var side in Lines[glyph])
                    path.Append($"M{N(Left + ((at + 0.5) * Width))} {N(middle)}")
                        .Append(side is 'l' or 'r' ? $"H{X(side == 'l' ? at : at + 1)}" : $"V{N(side == 'u' ? y : y + Height)}");
        }
        var dashes = glyph == '╌' ? " stroke-dasharray=\"2.2 2\"" : glyph == '┊' ? " stroke-dasharray=\"2 2.5\"" : "";
        svg.Append($"<path d=\"{path}\" stroke=\"{look.Ink}\" stroke-width=\"{(glyph is '━' or '┃' ? "3" : "1.2")}\"{dashes}/>\n");
    }

    /// <summary>Words with two spaces or more between them are placed each by itself.</summary>
    private static void Text(StringBuilder svg, string text, int column, Look look, double y)
    {
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }
            var end = text.IndexOf("  ", at, StringComparison.Ordinal);
            var words = (end < 0 ? text[at..] : text[at..end]).TrimEnd();
            svg.Append($"<text x=\"{X(column + at)}\" y=\"{N(y + 13.5)}\" "
                + $"textLength=\"{N(words.Length * Width)}\" lengthAdjust=\"spacingAndGlyphs\" "
                + $"fill=\"{look.Ink}\"{(look.IsBold ? " font-weight=\"bold\"" : "")}>{WebUtility.HtmlEncode(words)}</text>\n");
            at += words.Length;
        }
    }

    private static IEnumerable<(int From, int To)> Runs<T>(List<T> cells, Func<T, T, bool> isAlike)
    {
        for (int from = 0, to; from < cells.Count; from = to)
        {
            for (to = from + 1; to < cells.Count && isAlike(cells[from], cells[to]); to++)
            {
            }
            yield return (from, to);
        }
    }

    private static string Rgb(ReadOnlySpan<int> parts) => $"#{parts[0]:x2}{parts[1]:x2}{parts[2]:x2}";

    private static string X(int column) => N(Left + (column * Width));

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
