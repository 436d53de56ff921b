using System.Drawing;

namespace PcapAnalyzer.Tui;

/// <summary>The parts of the screen that take keys.</summary>
public enum Pane
{
    List,
    Ladder,
    Fields,
    Bytes,
    Nodes,
    Time,
}

/// <summary>The place of each part of the screen; an empty rectangle hides it. Depends only on the arguments of <see cref="Of"/>.</summary>
public sealed record ScreenLayout
{
    /// <summary>Below this size the screen only says that it is too small.</summary>
    public static readonly Size Smallest = new(60, 15);

    private const int WideFrom = 132;
    private static readonly Size HugeFrom = new(190, 45);
    private const int SmallBelow = 20;
    private const int WidestLadder = 110;
    private const int DiagnosisRows = 6;
    private const int MostDetailRows = 12;

    public bool IsTooSmall { get; private init; }

    public Rectangle Menu { get; private init; }

    public Rectangle Filter { get; private init; }

    public Rectangle List { get; private init; }

    public Rectangle Ladder { get; private init; }

    public Rectangle Diagnosis { get; private init; }

    public Rectangle Fields { get; private init; }

    public Rectangle Bytes { get; private init; }

    public Rectangle Nodes { get; private init; }

    public Rectangle Matrix { get; private init; }

    public Rectangle Time { get; private init; }

    /// <summary>What is selected in <see cref="Time"/>, in words.</summary>
    public Rectangle TimeDetail { get; private init; }

    public Rectangle Status { get; private init; }

    public Rectangle this[Pane pane] => pane switch
    {
        Pane.List => List,
        Pane.Ladder => Ladder,
        Pane.Fields => Fields,
        Pane.Bytes => Bytes,
        Pane.Time => Time,
        _ => Nodes,
    };

    /// <param name="size">Columns and rows of the terminal.</param>
    /// <param name="focus">The focused pane, which is shown when not all panes fit.</param>
    /// <param name="isMaximised">The focused pane takes all the room.</param>
    /// <param name="listGrowth">Rows that the user added to the list's usual height.</param>
    public static ScreenLayout Of(Size size, Pane focus, bool isMaximised = false, int listGrowth = 0)
    {
        if (size.Width < Smallest.Width || size.Height < Smallest.Height) return new ScreenLayout { IsTooSmall = true };
        var isSmall = size.Height < SmallBelow;
        var top = isSmall ? 0 : 1;
        var layout = new ScreenLayout
        {
            Menu = isSmall ? default : new Rectangle(0, 0, size.Width, 1),
            Filter = isSmall && focus is not (Pane.List or Pane.Nodes) ? default : new Rectangle(0, top, size.Width, 1),
            Status = new Rectangle(0, size.Height - 1, size.Width, 1),
        };
        var body = Rectangle.FromLTRB(0, layout.Filter.IsEmpty ? top : top + 1, size.Width, size.Height - 1);
        if (focus == Pane.Nodes)
        {
            var half = body.Height / 2;
            return layout with
            {
                Nodes = body with { Height = half },
                Matrix = Rectangle.FromLTRB(0, body.Y + half, body.Right, body.Bottom)
            };
        }
        if (focus == Pane.Time)
        {
            var detail = Math.Min(MostDetailRows, body.Height / 2);
            return layout with
            {
                Time = body with { Height = body.Height - detail },
                TimeDetail = Rectangle.FromLTRB(0, body.Bottom - detail, body.Right, body.Bottom)
            };
        }
        if (isSmall || isMaximised) return layout.WithPane(focus, body);
        var isHuge = size.Width >= HugeFrom.Width && size.Height >= HugeFrom.Height;
        var list = (isHuge ? 18 : size.Width >= WideFrom ? Math.Min(14, body.Height / 3) : Math.Max(8, body.Height / 3)) + listGrowth;
        list = Math.Clamp(list, 4, body.Height - 8);
        var lower = Rectangle.FromLTRB(0, body.Y + list, body.Right, body.Bottom);
        layout = layout with { List = body with { Height = list } };
        if (size.Width < WideFrom) return layout.WithPane(focus == Pane.List ? Pane.Ladder : focus, lower);
        var right = isHuge ? 76 : 62;
        var left = Math.Min(size.Width - right, WidestLadder);
        var details = Rectangle.FromLTRB(left, lower.Y, lower.Right, lower.Bottom);
        return layout.WithLadder(lower with { Width = left }).WithFields(details);
    }

    private ScreenLayout WithPane(Pane pane, Rectangle body)
    {
        if (pane == Pane.List) return this with { List = body };
        if (pane == Pane.Ladder) return WithLadder(body);
        return WithFields(body);
    }

    private ScreenLayout WithFields(Rectangle room)
    {
        var bytes = Math.Clamp(room.Height / 3, 4, 12);
        return this with
        {
            Fields = room with { Height = room.Height - bytes },
            Bytes = Rectangle.FromLTRB(room.X, room.Bottom - bytes, room.Right, room.Bottom),
        };
    }

    /// <summary>The diagnosis is pinned under the ladder and never scrolls away.</summary>
    private ScreenLayout WithLadder(Rectangle room)
    {
        var diagnosis = Math.Min(DiagnosisRows, room.Height - 6);
        return this with
        {
            Ladder = room with { Height = room.Height - diagnosis },
            Diagnosis = Rectangle.FromLTRB(room.X, room.Bottom - diagnosis, room.Right, room.Bottom),
        };
    }
}
