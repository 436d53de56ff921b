namespace PcapAnalyzer.Reports;

/// <summary>The columns left of a ladder: time, gap since the row above, packet numbers. Also draws the line to scale below.</summary>
internal sealed class LadderGutter
{
    private const int GapWidth = 8;
    private const string SamePacket = "╰ same pkt";

    private readonly LadderStyle _style;
    private readonly List<LadderStep> _steps;
    private readonly long _start;
    private readonly int _timeWidth;
    private readonly int _gapWidth;
    private readonly int _frameWidth;
    private long? _last;
    private LadderStep? _above;

    /// <param name="steps">All steps that are drawn.</param>
    /// <param name="start">Time 0, in nanoseconds since 1970.</param>
    /// <param name="first">The time that the first row's gap counts from; null when the capture does not show it.</param>
    internal LadderGutter(LadderStyle style, List<LadderStep> steps, long start, long? first)
    {
        (_style, _steps, _start, _last) = (style, steps, start, first);
        var isNarrow = style.IsNarrow;
        _timeWidth = (style.Time, isNarrow) switch
        {
            (LadderTime.Delta, _) => 0,
            (LadderTime.Clock, false) => "00:00:00.000000".Length,
            (LadderTime.Clock, true) => "00:00:00.000".Length,
            (_, false) => 9,
            (_, true) => 7,
        };
        _gapWidth = isNarrow && style.Time != LadderTime.Delta ? 0 : GapWidth;
        _frameWidth = style.HasFrames ? Math.Clamp(steps.Select(step => LadderLabels.Frames(step.Frames).Length).DefaultIfEmpty().Max(), 6,
            14) : 0;
    }

    /// <summary>Cells before the left lifeline.</summary>
    internal int Width => 1 + (_timeWidth > 0 ? _timeWidth + 1 : 0) + (_gapWidth > 0 ? _gapWidth + 1 : 0) + GapScale.MostCells
        + (_frameWidth > 0 ? _frameWidth + 2 : 0);

    internal InkLine Title()
    {
        var line = new InkLine(_style.IsAscii);
        var indent = _style.IsNarrow ? 0 : 1;
        line.Add(' ', Ink.Plain, 1 + indent);
        if (_timeWidth > 0) line.Add(CellText.Fit(TimeTitle, _timeWidth + 1 - indent), Ink.Quiet);
        line.To(_timeWidth > 0 ? _timeWidth + 2 : 1).Add(CellText.Fit("gap", GapScale.MostCells), Ink.Quiet);
        if (_frameWidth > 0) line.To(Width - 2 - "frame".Length).Add("frame", Ink.Quiet);
        return line.To(Width);
    }

    private string TimeTitle => _style.Time != LadderTime.Clock ? "time" : _style.LocalOffset == null ? "time UTC" : "local time";

    internal InkLine Row(LadderStep step)
    {
        var line = new InkLine(_style.IsAscii);
        if (step.Time is not { } time || step.From == null)
        {
            AddFrames(line, step);
            return line.To(Width);
        }
        line.Add(' ', Ink.Plain);
        if (_timeWidth > 0) line.Add($"{Right(TimeText(time), _timeWidth)} ", Ink.Plain);
        var gap = _last is { } last && (time > 0 || _above != null) ? time - last : (long?)null;
        var isSame = _above is { Frames.Count: > 0 } && step.Frames.Count > 0 && _above.IsFromLeft == step.IsFromLeft
            && _above.IsOther == step.IsOther && _above.Frames[^1] == step.Frames[0] && _above.Time == time;
        if (isSame) line.Add(_gapWidth > 0 ? SamePacket : SamePacket[..1], Ink.Quiet);
        else if (gap is { } known)
        {
            var ink = known >= GapScale.Silence ? Ink.Warn : Ink.Accent;
            if (_gapWidth > 0) line.Add($"{Right(GapScale.Text(known), _gapWidth)} ", Ink.Quiet);
            line.Add('━', ink, GapScale.Cells(known));
        }
        (_last, _above) = (time, step);
        AddFrames(line, step);
        return line.To(Width);
    }

    /// <summary>The whole handshake on one linear line, with one tick per message. Null when no time passed or there is no space.</summary>
    internal InkLine? ToScale(int right)
    {
        var end = _steps.Where(step => !step.IsAfter).Max(step => step.Time) ?? 0;
        if (end <= 0) return null;
        var head = _style.IsNarrow ? "to scale [" : "  to scale [";
        var tail = $"] {GapScale.Text(end)}";
        var cells = right + 1 - head.Length - CellText.Width(tail);
        if (cells < 2) return null;
        var ticks = new (char Glyph, Ink Ink)[cells];
        foreach (var step in _steps)
            if (step is { IsAfter: false, Time: { } time } and ({ Stroke: LadderStroke.Message } or { End: not null }))
                ticks[GapScale.Place(time, end, cells)] = (step.End ?? '┃', step.IsFromLeft ? Ink.Initiator : Ink.Acceptor);
        var line = new InkLine(_style.IsAscii).Add(head, Ink.Quiet);
        foreach (var (glyph, ink) in ticks) line.Add(glyph == 0 ? '╌' : glyph, glyph == 0 ? Ink.Quiet : ink);
        return line.Add(tail, Ink.Quiet);
    }

    private void AddFrames(InkLine line, LadderStep step)
    {
        if (_frameWidth > 0 && step.Frames.Count > 0)
            line.To(Width - 2 - _frameWidth).Add(Right(LadderLabels.Frames(step.Frames), _frameWidth), Ink.Quiet);
    }

    private string TimeText(long time)
    {
        if (_style.Time == LadderTime.Relative) return GapScale.Text(time);
        var text = ReportText.Time(_start + time + (_style.LocalOffset ?? TimeSpan.Zero).Ticks * 100)["2000-01-01T".Length..];
        return text[..Math.Min(text.Length, _timeWidth)];
    }

    private static string Right(string text, int width)
    {
        text = CellText.Cut(text, width);
        return new string(' ', width - CellText.Width(text)) + text;
    }
}
