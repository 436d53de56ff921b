using PcapAnalyzer.Core.Cluster;

namespace PcapAnalyzer.Core.Reports;

/// <summary>What the first column of a ladder tells.</summary>
public enum LadderTime
{
    /// <summary>Since the connection's first packet.</summary>
    Relative,

    /// <summary>Time of day, UTC.</summary>
    Clock,
}

/// <param name="Width">Cells, at least 60.</param>
public sealed record LadderStyle(int Width)
{
    public LadderTime Time { get; init; }

    /// <summary>The handshake still goes on.</summary>
    public bool IsOpen { get; init; }
}

/// <summary>A row of the drawing.</summary>
/// <param name="Runs">Its text; all of them together as wide as the style says.</param>
/// <param name="Message">Which message of the report it shows, from 0; null where it shows none.</param>
/// <param name="Frames">Packets that it stands for.</param>
public sealed record LadderRow(IReadOnlyList<InkRun> Runs, int? Message, IReadOnlyList<long> Frames)
{
    /// <summary>It can be selected.</summary>
    public bool IsStep => Message != null;

    public string Text => string.Concat(Runs.Select(run => run.Text));
}

/// <summary>One connection, or two of a pair, as a ladder: two lifelines, an arrow a message, honest gaps, and who ended it.</summary>
public static class LadderDrawing
{
    private const decimal Silence = 0.1m;

    /// <summary>Draws a handshake.</summary>
    public static IReadOnlyList<LadderRow> Draw(HandshakeReport handshake, LadderStyle style) => Draw([.. LadderEvent.Of(handshake, style.IsOpen, "")], handshake, style);

    /// <summary>Draws a handshake with the other connection of its pair: its lifelines, both connections' arrows, each label with a number.</summary>
    public static IReadOnlyList<LadderRow> DrawPair(HandshakeReport handshake, HandshakeReport other, LadderStyle style)
    {
        var shift = ReportText.Seconds(other.StartedAt - handshake.StartedAt);
        var isTurned = other.Initiator.Node == handshake.Acceptor.Node;
        var events = LadderEvent.Of(other, false, "2 ").Select(one => one with { At = one.At + shift, Message = null, FromInitiator = one.FromInitiator is { } from ? from != isTurned : null });
        return Draw([.. LadderEvent.Of(handshake, style.IsOpen, "1 ").Concat(events).Where(one => !one.IsNote).OrderBy(one => one.At)], handshake, style);
    }

    private static List<LadderRow> Draw(List<LadderEvent> events, HandshakeReport handshake, LadderStyle style)
    {
        var canvas = new LadderCanvas(style, handshake);
        var rows = new List<LadderRow>(canvas.Heads());
        var last = (decimal?)null;
        foreach (var one in events)
        {
            var gap = last == null || one.IsNote ? null : one.At - last;
            if (gap >= Silence) rows.Add(canvas.Silence(gap.Value, Limit(handshake, gap.Value)));
            rows.Add(canvas.Event(one, gap));
            if (!one.IsNote) last = one.At;
        }
        var marks = events.Where(one => !one.IsNote).ToList();
        if (marks.Count > 1 && marks[^1].At > marks[0].At) rows.Add(canvas.ToScale(marks));
        return rows;
    }

    /// <summary>A limit that a silence of this length is known to come from.</summary>
    private static string Limit(HandshakeReport handshake, decimal gap) => (handshake.Protocol, gap) switch
    {
        ("erlang", >= 6.9m and < 7.6m) => ": net_setuptime is 7 s",
        ("ractor", >= 0.49m and < 0.6m) => ": the status is waited for 500 ms",
        _ => "",
    };
}
