using PcapAnalyzer.Pipeline.Protocols;

namespace PcapAnalyzer.Reports;

/// <summary>The head of a lifeline.</summary>
/// <param name="Name">Safe to print.</param>
/// <param name="Endpoint">The address, when the name is not the address; otherwise empty.</param>
/// <param name="IsCaptured">Whether a packet of this side was captured.</param>
internal sealed record LadderHead(string Name, string Endpoint, bool IsCaptured)
{
    internal static LadderHead Of(JudgedPeer peer, JudgedHandshake handshake, Role role) =>
        new(CellText.Safe(peer.Called, 200), peer.HasName ? peer.Endpoint.ToString() : "", handshake.NotCaptured != role);

    internal static LadderHead Of(JudgedSession session, Role role) => new(CellText.Safe(session.Called(role), 200),
        session.Judgement.NodeOf(role) is { Length: > 0 } ? session.Facts.EndpointOf(role).ToString() : "",
        session.Facts.Of(role).Transport.LastTime != 0 || session.Facts.Of(role).FirstFrameTime != 0);
}

/// <summary>Draws two lifelines and the arrows between them.</summary>
/// <param name="left">Cell of the left lifeline.</param>
/// <param name="right">Cell of the right lifeline.</param>
/// <param name="from">Head of the left lifeline.</param>
/// <param name="to">Head of the right lifeline.</param>
internal sealed class LadderLane(int left, int right, LadderHead from, LadderHead to)
{
    private const string NotCaptured = " (not captured)";

    /// <summary>Minimum cells that a label's runs keep before the last run is dropped.</summary>
    private const int LeastOfRun = 8;

    private readonly int _inside = right - left - 1;

    internal bool HasEndpoints => from.Endpoint.Length + to.Endpoint.Length > 0;

    internal void AddNames(InkLine line)
    {
        // A name may use the space that the other name leaves.
        var two = NameOf(to, (right - left) / 2, line);
        var one = NameOf(from, right - left - WidthOf(to, two), line);
        two = NameOf(to, right - left - WidthOf(from, one), line);
        line.To(left).Add(one, Ink.Initiator);
        if (!from.IsCaptured) line.Add(NotCaptured, Ink.Warn);
        line.To(right + 1 - CellText.Width(two) - (to.IsCaptured ? 0 : NotCaptured.Length)).Add(two, Ink.Acceptor);
        if (!to.IsCaptured) line.Add(NotCaptured, Ink.Warn);
    }

    internal void AddEndpoints(InkLine line)
    {
        var half = (right - left) / 2;
        var (one, two) = (CellText.Cut(from.Endpoint, half), CellText.Cut(to.Endpoint, half));
        line.To(left).Add(one, Ink.Quiet).To(right + 1 - two.Length).Add(two, Ink.Quiet);
    }

    /// <summary>Draws one row; without the step, only the lifelines.</summary>
    internal void Add(InkLine line, LadderStep step, bool hasStep)
    {
        line.To(left);
        if (!hasStep) AddLife(line, from, Ink.Initiator).To(right);
        else if (step.From == null) AddWords(line, step);
        else AddArrow(line, step);
        if (!hasStep) AddLife(line, to, Ink.Acceptor);
    }

    private static string NameOf(LadderHead head, int width, InkLine line) =>
        CellText.Cut(line.Text(head.Name), width - (head.IsCaptured ? 0 : NotCaptured.Length));

    private static int WidthOf(LadderHead head, string name) => CellText.Width(name) + (head.IsCaptured ? 0 : NotCaptured.Length);

    private static InkLine AddLife(InkLine line, LadderHead head, Ink ink) => line.Add(head.IsCaptured ? '│' : '┊', ink);

    /// <summary>Draws text that belongs to neither side, between dotted lifelines.</summary>
    private void AddWords(InkLine line, LadderStep step)
    {
        var label = Fitted(step.Label, _inside - 2, line);
        var used = label.Sum(run => CellText.Width(run.Text));
        line.Add('┊', Ink.Quiet).To(left + 1 + (_inside - used) / 2);
        foreach (var run in label) line.Add(run.Text, run.Ink);
        line.To(right).Add('┊', Ink.Quiet);
    }

    private void AddArrow(InkLine line, LadderStep step)
    {
        var (stroke, ink) = step.Stroke switch
        {
            LadderStroke.Message => ('─', step.IsFromLeft ? Ink.Initiator : Ink.Acceptor),
            LadderStroke.Tcp => ('╌', Ink.Quiet),
            _ => ('░', Ink.Warn),
        };
        var isGap = step.Stroke == LadderStroke.Missing;
        var (leftInk, rightInk) = (Ink.Initiator, Ink.Acceptor);
        if (isGap || !step.IsFromLeft) AddLife(line, from, leftInk);
        else line.Add(step.End ?? '├', leftInk);
        if (isGap) line.Add(stroke, ink).Add(' ', Ink.Plain);
        else if (step.IsFromLeft) line.Add(stroke, ink, 2).Add(' ', Ink.Plain);
        else line.Add('◄', rightInk).Add(stroke, ink).Add(' ', Ink.Plain);
        // Leave room for at least one cell of the line and the arrowhead after the label.
        foreach (var run in Fitted(step.Label, _inside - 6, line)) line.Add(run.Text, run.Ink);
        line.Add(' ', Ink.Plain);
        line.Add(stroke, ink, right - line.Cells - (step.IsFromLeft && !isGap ? 1 : 0));
        if (step.IsFromLeft && !isGap) line.Add('►', leftInk);
        if (isGap || step.IsFromLeft) AddLife(line, to, rightInk);
        else line.Add(step.End ?? '┤', rightInk);
    }

    /// <summary>Fits a label: drops quiet runs first, then cuts the middle of the longest run, then drops the last runs.</summary>
    private static List<InkRun> Fitted(IReadOnlyList<InkRun> label, int width, InkLine line)
    {
        var runs = label.Select(run => run with { Text = line.Text(run.Text) }).ToList();
        while (runs.Count > 0 && runs.Sum(run => CellText.Width(run.Text)) - width is > 0 and var excess)
        {
            if (runs.FindLastIndex(run => run.Ink == Ink.Quiet) is > 0 and var quiet)
            {
                runs.RemoveAt(quiet);
                continue;
            }
            var longest = Enumerable.Range(0, runs.Count).MaxBy(index => CellText.Width(runs[index].Text));
            var size = CellText.Width(runs[longest].Text);
            if (size > LeastOfRun || runs.Count == 1)
                runs[longest] = runs[longest] with
                {
                    Text = CellText.Cut(runs[longest].Text,
                    Math.Max(size - excess, runs.Count == 1 ? 0 : LeastOfRun))
                };
            else runs.RemoveAt(runs.Count - 1);
        }
        return runs;
    }
}
