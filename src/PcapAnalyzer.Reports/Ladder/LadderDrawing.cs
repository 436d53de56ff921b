using PcapAnalyzer.Pipeline.Protocols;
namespace PcapAnalyzer.Reports;

/// <summary>Draws a handshake as a sequence diagram: time and gap on the left, then two lifelines with one row per event.</summary>
/// <remarks>Draws only what the capture proves. Pure: the terminal, the text report and the tests use the same rows.</remarks>
public static class LadderDrawing
{
    /// <summary>From this width on, each connection of a pair has its own ladder.</summary>
    private const int SideBySide = 132;

    private const int BetweenLanes = 4;

    /// <param name="session">What followed on the connection, for a ladder that goes on until its end.</param>
    public static IReadOnlyList<LadderRow> Draw(JudgedHandshake handshake, LadderStyle style, JudgedSession? session = null)
    {
        var steps = LadderSteps.Of(handshake, style.Now, style.HasFrames, session)
            .Select(step => step with { IsFromLeft = step.From == Role.Initiator }).ToList();
        var start = handshake.IsOpeningSeen ? 0 : (long?)null;
        return Fitted(steps, style, handshake.NotCaptured != null, (shown, isRoomy) =>
        {
            var gutter = new LadderGutter(style, shown, handshake.Started, start);
            var lane = new LadderLane(gutter.Width, style.Right, LadderHead.Of(handshake.Initiator, handshake, Role.Initiator),
                LadderHead.Of(handshake.Acceptor, handshake, Role.Acceptor));
            return Rows(shown, [lane], gutter, style, isRoomy);
        });
    }

    /// <summary>Draws a session whose handshake is not in the capture.</summary>
    public static IReadOnlyList<LadderRow> Draw(JudgedSession session, LadderStyle style)
    {
        List<LadderStep> steps =
        [
            new LadderStep(LadderStroke.Note, null, [new("capture starts here", Ink.Warn)]),
            .. SessionSteps.Of(session, session.Facts.Started, isOver: style.Now == null)
                .Select(step => step with { IsFromLeft = step.From == Role.Initiator }),
        ];
        return Fitted(steps, style, isOneSided: false, (shown, isRoomy) =>
        {
            var gutter = new LadderGutter(style, shown, session.Facts.Started, first: null);
            var lane = new LadderLane(gutter.Width, style.Right, LadderHead.Of(session, Role.Initiator),
                LadderHead.Of(session, Role.Acceptor));
            return Rows(shown, [lane], gutter, style, isRoomy);
        });
    }

    /// <summary>Draws two connections of the same nodes on one time axis. The left lifeline is the first connection's initiator.</summary>
    /// <param name="handshake">The selected handshake, tagged 1.</param>
    /// <param name="other">The other handshake, tagged 2; its rows have <see cref="LadderRow.IsOther"/> set.</param>
    public static IReadOnlyList<LadderRow> DrawPair(JudgedHandshake handshake, JudgedHandshake other, LadderStyle style)
    {
        var isFlipped = IsFlipped(handshake, other);
        var isApart = style.Width >= SideBySide;
        var start = Math.Min(handshake.Started, other.Started);
        var steps = Of(handshake, isOther: false).Concat(Of(other, isOther: true)).OrderBy(step => step.Order).ToList();
        return Fitted(steps, style, handshake.NotCaptured != null || other.NotCaptured != null, (shown, isRoomy) =>
        {
            var gutter = new LadderGutter(style, shown, start, 0);
            var (left, right) = (gutter.Width, style.Right);
            var width = isApart ? (right - left + 1 - BetweenLanes) / 2 : right - left + 1;
            // A node may introduce itself in only one of the two connections.
            var (from, to) = isFlipped ? (other.Acceptor, other.Initiator) : (other.Initiator, other.Acceptor);
            var (one, two) = (LadderHead.Of(Named(handshake.Initiator, from), handshake, Role.Initiator),
                LadderHead.Of(Named(handshake.Acceptor, to), handshake, Role.Acceptor));
            var lanes = new List<LadderLane> { new(left, left + width - 1, one, two) };
            if (isApart)
            {
                lanes.Add(new LadderLane(
                    right - width + 1, right, LadderHead.Of(Named(from, handshake.Initiator), other, isFlipped ? Role.Acceptor
                        : Role.Initiator), LadderHead.Of(Named(to, handshake.Acceptor), other, isFlipped ? Role.Initiator
                        : Role.Acceptor)));
            }
            return Rows(shown, lanes, gutter, style, isRoomy);
        });

        IEnumerable<LadderStep> Of(JudgedHandshake report, bool isOther)
        {
            var by = report.Started - start;
            // The rows that every connection has would appear twice.
            return LadderSteps.Of(report, style.Now, style.HasFrames).Where(step => step.Fold == 0).Select(step => step with
            {
                IsOther = isOther,
                IsFromLeft = step.From == Role.Initiator != (isOther && isFlipped),
                Label = isApart ? step.Label : [new InkRun($"{(isOther ? 2 : 1)} ", Ink.Quiet), .. step.Label],
                Time = step.Time + by,
                Until = step.Until + by,
                Order = (step.Order.Time is long.MinValue or long.MaxValue ? step.Order.Time : step.Order.Time + by, step.Order.Rank),
            });
        }
    }

    private static JudgedPeer Named(JudgedPeer peer, JudgedPeer other) => peer.HasName ? peer : peer with { Node = other.Node };

    /// <summary>Whether the second connection was opened in the other direction.</summary>
    private static bool IsFlipped(JudgedHandshake handshake, JudgedHandshake other)
    {
        if (other.Initiator.Node != null && handshake.Initiator.Node != null) return other.Initiator.Node != handshake.Initiator.Node;
        var dialler = other.Initiator.Endpoint.Host;
        return dialler == handshake.Acceptor.Endpoint.Host && dialler != handshake.Initiator.Endpoint.Host;
    }

    /// <summary>Drops the least important rows step by step until the drawing fits the height.</summary>
    private static List<LadderRow> Fitted(List<LadderStep> steps, LadderStyle style, bool isOneSided, Func<List<LadderStep>, bool,
        List<LadderRow>> draw)
    {
        var rows = draw(LadderSteps.WithSilence(steps, isOneSided), true);
        bool IsTooHigh() => style.Height > 0 && rows.Count > style.Height;
        if (IsTooHigh()) rows = draw(LadderSteps.WithSilence(steps, isOneSided), false);
        for (var fold = 1; fold <= 2 && IsTooHigh(); fold++)
            rows = draw(LadderSteps.WithSilence([.. steps.Where(step => step.Fold == 0 || step.Fold > fold)], isOneSided), false);
        return rows;
    }

    private static List<LadderRow> Rows(List<LadderStep> steps, List<LadderLane> lanes, LadderGutter gutter, LadderStyle style,
        bool isRoomy)
    {
        var rows = new List<LadderRow>();
        void AddRow(InkLine line, LadderStep? step = null) =>
            rows.Add(new LadderRow([.. line.Runs], step?.Message, step?.Frames ?? [],
                step is { Frames.Count: > 0 })
            { IsOther = step?.IsOther ?? false });

        var head = gutter.Title();
        foreach (var lane in lanes) lane.AddNames(head);
        AddRow(head);
        if (isRoomy && lanes.Any(lane => lane.HasEndpoints))
        {
            var endpoints = new InkLine(style.IsAscii);
            foreach (var lane in lanes) lane.AddEndpoints(endpoints);
            AddRow(endpoints);
        }
        foreach (var step in steps)
        {
            var line = gutter.Row(step);
            for (var i = 0; i < lanes.Count; i++)
                lanes[i].Add(line, step, hasStep: lanes.Count == 1 || step.Stroke == LadderStroke.Silence || step.IsOther == (i == 1));
            AddRow(line, step);
            for (var more = step.Stroke == LadderStroke.Silence && isRoomy ? GapScale.Rows(step.Until ?? 0) - 1 : 0; more > 0; more--)
            {
                line = new InkLine(style.IsAscii);
                foreach (var lane in lanes) lane.Add(line, step with { Label = [] }, hasStep: true);
                AddRow(line);
            }
        }
        if (gutter.ToScale(style.Right) is { } scale) AddRow(scale);
        return rows;
    }
}
