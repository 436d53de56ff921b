using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>Draws the fields and bytes of the selected step as rows of <see cref="InkRun"/>.</summary>
public static class DetailRows
{
    private const int NameWidth = 12;

    /// <summary>A line of the tree: branches, name and value.</summary>
    public static IReadOnlyList<InkRun> Field(DetailModel detail, int line, int width)
    {
        var (node, isBranch, isLast) = detail.Lines[line];
        var isClosed = isBranch && (line + 1 >= detail.Lines.Count || detail.Lines[line + 1].Node.Depth <= node.Depth);
        var stems = string.Concat(Enumerable.Range(0, node.Depth).Select(depth => IsOpenAt(detail, line, depth) ? "│ " : "  "));
        var lead = $" {stems}{(isLast ? '└' : '├')}{(isClosed ? '+' : isBranch ? '-' : '─')}";
        var name = CellText.Fit(node.Name, Math.Max(NameWidth - 2 * node.Depth, node.Name.Length));
        var room = Math.Max(0, width - lead.Length - name.Length - 1);
        return [new(lead, Ink.Quiet), new(name, node.Depth == 0 ? Ink.Strong : Ink.Plain),
            new($" {CellText.Fit(node.Text, room)}", node.Ink == Ink.Strong ? Ink.Plain : node.Ink)];
    }

    /// <summary>Number of bytes in a row of this width.</summary>
    public static int BytesPerRow(int width) => width >= 76 ? 16 : 8;

    /// <summary>Offset, hexadecimal, characters. The selected field's bytes are strong, or in brackets without colour.</summary>
    public static IReadOnlyList<InkRun> Bytes(DetailModel detail, int row, int width, bool isBracketed)
    {
        var bytes = detail.Tree!.Bytes;
        var perRow = BytesPerRow(width);
        var (from, to) = detail.Field is { Offset: >= 0 } field ? (field.Offset, field.Offset + field.Length) : (-1, -1);
        var runs = new List<InkRun> { new($" {row * perRow:x4} ", Ink.Quiet) };
        for (var column = 0; column < perRow; column++)
        {
            var at = row * perRow + column;
            var gap = column % 4 == 0 ? " " : "";
            var before = isBracketed && at == from ? "[" : isBracketed && at == to && to < bytes.Length ? "]" : " ";
            runs.Add(new InkRun($"{gap}{before}", Ink.Plain));
            runs.Add(at < bytes.Length ? new InkRun($"{bytes[at]:x2}", InkOf(at)) : new InkRun("  ", Ink.Plain));
        }
        runs.Add(new InkRun(isBracketed && to == bytes.Length && to > row * perRow && to <= (row + 1) * perRow ? "] " : "  ", Ink.Plain));
        for (var at = row * perRow; at < Math.Min(bytes.Length, (row + 1) * perRow); at++)
            runs.Add(new InkRun($"{(bytes[at] is >= 0x20 and < 0x7F ? (char)bytes[at] : '·')}", InkOf(at)));
        return runs;
        Ink InkOf(int at) => at == detail.Offset ? Ink.Accent : at >= from && at < to ? Ink.Strong : Ink.Quiet;
    }

    /// <summary>True when a later line continues the branch of that depth.</summary>
    private static bool IsOpenAt(DetailModel detail, int line, int depth)
    {
        for (var next = line + 1; next < detail.Lines.Count; next++)
        {
            if (detail.Lines[next].Node.Depth < depth) return false;
            if (detail.Lines[next].Node.Depth == depth) return true;
        }
        return false;
    }
}
