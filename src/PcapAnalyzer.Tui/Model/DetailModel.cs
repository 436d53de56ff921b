using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Tui;

/// <summary>The details of the selected handshake. Ladder row, field and byte are three views of one selection.</summary>
public sealed class DetailModel
{
    private readonly HashSet<string> _closed = [];
    private Handshake? _facts;
    private Func<long, FrameLayers?> _frameOf = _ => null;

    public JudgedHandshake? Report { get; private set; }

    public IReadOnlyList<LadderRow> Ladder { get; private set; } = [];

    /// <summary>The selected row of the ladder; -1 while there is none.</summary>
    public int LadderRow { get; private set; } = -1;

    public FieldTree? Tree { get; private set; }

    /// <summary>The lines of the tree that are not in a closed branch.</summary>
    public IReadOnlyList<(FieldNode Node, bool IsBranch, bool IsLast)> Lines { get; private set; } = [];

    /// <summary>Index of the selected line.</summary>
    public int Line { get; private set; }

    /// <summary>The selected byte of the message; -1 while there is none.</summary>
    public int Offset { get; private set; } = -1;

    public FieldNode? Field => Line < Lines.Count ? Lines[Line].Node : null;

    /// <summary>Shows a handshake. An update of the same handshake keeps the selection.</summary>
    /// <param name="facts">The handshake's decoded facts; null when they were not kept.</param>
    /// <param name="frameOf">Returns the headers of a frame; null when its bytes were not kept.</param>
    public void Show(JudgedHandshake? report, IReadOnlyList<LadderRow> ladder, Handshake? facts, Func<long, FrameLayers?> frameOf)
    {
        var isSame = report != null && report.Id == Report?.Id;
        var kept = isSame && LadderRow >= 0 ? Ladder[LadderRow] : null;
        var (path, offset) = (Field?.Path, Offset);
        (Report, Ladder, _facts, _frameOf) = (report, ladder, facts, frameOf);
        (LadderRow, Tree, Lines, Line, Offset) = (-1, null, [], 0, -1);
        var row = kept == null ? -1 : Row(one => one.Message == kept.Message && one.IsOther == kept.IsOther
            && one.Frames.SequenceEqual(kept.Frames));
        // Usually the last message explains the verdict: it holds the digest or the refusal.
        if (row < 0) row = Row(one => !one.IsOther && one.Message == report?.Messages.Count - 1);
        SelectRow(row >= 0 ? row : Row(_ => true));
        if (kept == null || Lines.ToList().FindIndex(line => line.Node.Path == path) is not (>= 0 and var same)) return;
        (Line, Offset) = (same, offset);
    }

    /// <summary>Moves by steps of the ladder, skipping rows that show no step.</summary>
    public void MoveStep(int steps)
    {
        var row = LadderRow;
        for (var left = Math.Abs(steps); left > 0; left--)
        {
            var next = row + Math.Sign(steps);
            while (next >= 0 && next < Ladder.Count && !Ladder[next].IsStep) next += Math.Sign(steps);
            if (next < 0 || next >= Ladder.Count) break;
            row = next;
        }
        if (row != LadderRow) SelectRow(row);
    }

    /// <summary>Selects a row of the ladder, if it shows a step.</summary>
    public void SelectRow(int row)
    {
        if (row < 0 || row >= Ladder.Count || !Ladder[row].IsStep) return;
        LadderRow = row;
        Tree = TreeOf(Ladder[row]);
        Lines = Tree?.Lines(_closed) ?? [];
        var main = Lines.ToList().FindIndex(line => line.Node.Name == "digest");
        SelectLine(main >= 0 ? main : Math.Max(0, Lines.ToList().FindIndex(line => line.Node.Offset >= 0)));
    }

    public void SelectLine(int line)
    {
        Line = Math.Clamp(line, 0, Math.Max(0, Lines.Count - 1));
        Offset = Field is { Offset: >= 0, Length: > 0 } field ? field.Offset : -1;
    }

    /// <summary>Selects a byte, and the field that it belongs to.</summary>
    public void SelectByte(int offset)
    {
        if (Tree == null || Tree.Bytes.Length == 0) return;
        offset = Math.Clamp(offset, 0, Tree.Bytes.Length - 1);
        if (Tree.NodeAt(offset) is >= 0 and var node)
        {
            var path = Tree.Nodes[node].Path;
            var line = Lines.ToList().FindIndex(one => one.Node.Path == path);
            if (line >= 0) Line = line;
        }
        Offset = offset;
    }

    /// <summary>Opens or closes the branch of the selected line. Closing inside a branch selects the parent.</summary>
    /// <returns>False when there is nothing to open or close.</returns>
    public bool Open(bool open)
    {
        if (Field is not { } field) return false;
        if (open ? _closed.Remove(field.Path) : Lines[Line].IsBranch && !_closed.Contains(field.Path) && _closed.Add(field.Path))
        {
            Lines = Tree!.Lines(_closed);
            return true;
        }
        var parent = open ? -1 : Lines.Take(Line).ToList().FindLastIndex(line => line.Node.Depth < field.Depth);
        if (parent < 0) return false;
        SelectLine(parent);
        return true;
    }

    private int Row(Func<LadderRow, bool> fits)
    {
        for (var row = 0; row < Ladder.Count; row++)
            if (Ladder[row].IsStep && fits(Ladder[row])) return row;
        return -1;
    }

    private FieldTree? TreeOf(LadderRow row)
    {
        var frames = row.Frames.Select(_frameOf).OfType<FrameLayers>().ToList();
        if (row.Message is not { } message || row.IsOther) return FieldTree.Of(frames);
        return _facts != null && Report != null && message < _facts.Messages.Length ? FieldTree.Of(Report, _facts, message, frames)
            : FieldTree.Of(frames);
    }
}
