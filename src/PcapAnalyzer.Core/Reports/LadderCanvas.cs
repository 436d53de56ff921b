using System.Globalization;
using PcapAnalyzer.Core.Cluster;

namespace PcapAnalyzer.Core.Reports;

/// <summary>Where the parts of a ladder's row stand, and how they are drawn.</summary>
internal sealed class LadderCanvas
{
    private const int Narrow = 72;
    private const int WithFrames = 100;
    private const int BarWidth = 6;
    private const decimal ShortestBar = 0.0001m;

    private readonly LadderStyle _style;
    private readonly HandshakeReport _handshake;
    private readonly bool _isNarrow;
    private readonly bool _hasFrames;

    /// <summary>The cells left of the lifelines.</summary>
    private readonly int _gutter;

    /// <summary>The cells between the lifelines.</summary>
    private readonly int _inner;

    private IReadOnlyList<long> _lastFrames = [];

    internal LadderCanvas(LadderStyle style, HandshakeReport handshake)
    {
        _style = style;
        _handshake = handshake;
        _isNarrow = style.Width < Narrow;
        _hasFrames = style.Width >= WithFrames;
        _gutter = (_isNarrow ? 9 : 20) + BarWidth + (_hasFrames ? 7 : 0);
        _inner = style.Width - _gutter - 2;
    }

    internal IEnumerable<LadderRow> Heads()
    {
        var half = (_inner + 1) / 2;
        var gutter = _isNarrow ? "    time gap" : "      time      gap";
        yield return new LadderRow(
            [new(CellText.Fit(gutter, _gutter), Ink.Quiet), new(CellText.Fit(Called(_handshake.Initiator), half), Ink.Initiator), new(FitRight(Called(_handshake.Acceptor), _inner + 2 - half), Ink.Acceptor)], null, []);
        if (!_hasFrames) yield break;
        yield return new LadderRow(
            [new(new string(' ', _gutter), Ink.Quiet), new(CellText.Fit(_handshake.Initiator.Endpoint, half), Ink.Quiet), new(FitRight(_handshake.Acceptor.Endpoint, _inner + 2 - half), Ink.Quiet)], null, []);
    }

    internal LadderRow Event(LadderEvent one, decimal? gap)
    {
        if (one.FromInitiator is not { } fromLeft) return Remark(one.Text, '│');
        var isSamePacket = one.Frames.Count > 0 && one.Frames[0] == _lastFrames.LastOrDefault();
        if (one.Frames.Count > 0) _lastFrames = one.Frames;
        var ink = one.IsTcp ? Ink.Quiet : fromLeft ? Ink.Initiator : Ink.Acceptor;
        var stroke = one.IsTcp ? '╌' : '─';
        var label = CellText.Fit(one.Label, Math.Min(CellText.Width(one.Label), _inner - 6));
        var room = _inner - 6 - CellText.Width(label);
        var text = one.Text.Text is { Length: > 0 } key && room > 4 ? $"  {CellText.Fit(key, Math.Min(CellText.Width(key), room - 2))}" : "";
        var fill = new string(stroke, _inner - 4 - CellText.Width(label) - CellText.Width(text) - (fromLeft ? 1 : 0));
        var (leftEnd, rightEnd) = (LifelineOf(one, true), LifelineOf(one, false));
        IEnumerable<InkRun> arrow = fromLeft
            ? [new($"{leftEnd}{stroke}{stroke} ", ink), new(label, LabelInk(one)), new(text, one.Text.Ink), new($" {fill}►", ink), new("│", Ink.Acceptor)]
            : [new("│", Ink.Initiator), new($"◄{stroke} ", ink), new(label, LabelInk(one)), new(text, one.Text.Ink), new($" {fill}{rightEnd}", ink)];
        return new LadderRow([.. Gutter(one, gap, isSamePacket), .. arrow], one.Message, one.Frames);
    }

    /// <summary>Nothing was sent for longer than anybody computes.</summary>
    internal LadderRow Silence(decimal gap, string limit) => Remark(new InkRun($"{Span(gap)} of silence{limit}", Ink.Warn), '┊');

    /// <summary>From the first event to the last, linear: a tick an event.</summary>
    internal LadderRow ToScale(IReadOnlyList<LadderEvent> events)
    {
        var (first, span) = (events[0].At, events[^1].At - events[0].At);
        var head = _isNarrow ? "to scale [" : "  to scale [";
        var tail = $"] {Span(span)}";
        var room = _style.Width - head.Length - CellText.Width(tail);
        var cells = new LadderEvent?[room];
        foreach (var one in events) cells[(int)((one.At - first) / span * (room - 1))] = one;
        var runs = new List<InkRun> { new(head, Ink.Quiet) };
        foreach (var one in cells)
        {
            if (one == null) runs.Add(new InkRun("╌", Ink.Quiet));
            else runs.Add(new InkRun(one.Leaves == "rst" ? "╳" : one.Leaves != null ? "■" : "┃", one.FromInitiator == true ? Ink.Initiator : Ink.Acceptor));
        }
        runs.Add(new InkRun(tail, Ink.Quiet));
        return new LadderRow(runs, null, []);
    }

    /// <summary>A line of a decade each: from 0.1 ms one, from 10 s six.</summary>
    private static string Bar(decimal? gap)
    {
        var cells = 0;
        for (var decade = ShortestBar; gap >= decade && cells < BarWidth; decade *= 10) cells++;
        return new string('━', cells).PadRight(BarWidth);
    }

    private static char LifelineOf(LadderEvent one, bool left)
    {
        if (one.FromInitiator != left) return '│';
        return one.Leaves == "rst" ? '╳' : one.Leaves != null ? '■' : left ? '├' : '┤';
    }

    private static Ink LabelInk(LadderEvent one) => one.IsTcp ? Ink.Plain : Ink.Strong;

    private static string Called(PeerReport peer) => ReportText.Safe(peer.Node is { Length: > 0 } node ? node : peer.Endpoint);

    private static string FitRight(string text, int width)
    {
        text = CellText.Fit(text, Math.Min(CellText.Width(text), width - 1));
        return new string(' ', width - CellText.Width(text)) + text;
    }

    private static string Span(decimal seconds) => seconds == 0 ? "0" : Durations.Text((long)(seconds * 1_000_000_000));

    private static string Right(string text, int width) => text.PadLeft(width);

    private IEnumerable<InkRun> Gutter(LadderEvent one, decimal? gap, bool isSamePacket)
    {
        var time = _style.Time == LadderTime.Clock
            ? DateTime.UnixEpoch.AddTicks((_handshake.StartedAt / 100) + (long)(one.At * TimeSpan.TicksPerSecond)).ToString(_isNarrow ? "mm:ss.ff" : "ss.ffffff", CultureInfo.InvariantCulture)
            : Span(one.At);
        yield return new InkRun(Right(time, _isNarrow ? 8 : 10), Ink.Quiet);
        if (!_isNarrow) yield return new InkRun(isSamePacket ? " ╰same pkt" : $"{Right(gap is { } some ? Span(some) : "", 9)} ", Ink.Quiet);
        else yield return new InkRun(" ", Ink.Quiet);
        yield return new InkRun(isSamePacket ? new string(' ', BarWidth) : Bar(gap), Ink.Accent);
        if (_hasFrames) yield return new InkRun(CellText.Fit(one.Frames.Count == 0 ? "" : one.Frames.Count == 1 ? $"#{one.Frames[0]}" : $"#{one.Frames[0]}+{one.Frames.Count - 1}", 7), Ink.Quiet);
    }

    private LadderRow Remark(InkRun text, char lifeline)
    {
        var room = _inner - 2;
        var words = CellText.Fit(text.Text, Math.Min(CellText.Width(text.Text), room));
        var left = (room - CellText.Width(words)) / 2;
        return new LadderRow(
            [new(new string(' ', _gutter), Ink.Quiet), new($"{lifeline}", Ink.Initiator), new($"{new string(' ', left + 1)}{words}{new string(' ', room - left - CellText.Width(words) + 1)}", text.Ink), new($"{lifeline}", Ink.Acceptor)], null, []);
    }
}
