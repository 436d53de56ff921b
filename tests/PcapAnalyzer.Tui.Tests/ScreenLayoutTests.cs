using System.Drawing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

public sealed class ScreenLayoutTests
{
    public static TheoryData<Pane> Panes => [.. Enum.GetValues<Pane>()];

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Panes))]
    public void Every_cell_of_every_size_belongs_to_one_part(Pane focus)
    {
        for (var width = 60; width <= 250; width++)
            for (var height = 15; height <= 70; height++)
                foreach (var isMaximised in (bool[])[false, true])
                    foreach (var growth in (int[])[-100, -1, 0, 1, 100])
                    {
                        var layout = ScreenLayout.Of(new Size(width, height), focus, isMaximised, growth);
                        Rectangle[] parts = [.. Parts(layout).Where(part => !part.IsEmpty)];
                        Assert.All(parts, part => Assert.True(part is { Width: > 0, Height: > 0 } && new Rectangle(0, 0, width, height)
                            .Contains(part), $"{width}x{height}: {part}"));
                        Assert.Equal(width * height, parts.Sum(part => part.Width * part.Height));
                        for (var one = 0; one < parts.Length; one++)
                            for (var other = one + 1; other < parts.Length; other++)
                                Assert.False(parts[one].IntersectsWith(parts[other]), $"{width}x{height}: {parts[one]} {parts[other]}");
                        Assert.False(layout[focus].IsEmpty, $"{width}x{height}: {focus} has the keys and is not shown");
                    }
    }

    [Theory]
    [InlineData(59, 15)]
    [InlineData(60, 14)]
    [InlineData(1, 1)]
    public void Below_the_smallest_size_nothing_is_laid_out(int width, int height)
    {
        var layout = ScreenLayout.Of(new Size(width, height), Pane.List);
        Assert.True(layout.IsTooSmall);
        Assert.All(Parts(layout), part => Assert.True(part.IsEmpty));
    }

    [Fact]
    public void A_wide_screen_shows_ladder_fields_and_bytes_at_once()
    {
        var layout = ScreenLayout.Of(new Size(132, 24), Pane.List);
        Assert.All((Rectangle[])[layout.List, layout.Ladder, layout.Diagnosis, layout.Fields, layout.Bytes],
            part => Assert.False(part.IsEmpty));
    }

    private static Rectangle[] Parts(ScreenLayout layout) =>
        [layout.Menu, layout.Filter, layout.List, layout.Ladder, layout.Diagnosis, layout.Fields, layout.Bytes, layout.Nodes, layout.Matrix,
            layout.Time, layout.TimeDetail, layout.Status];
}
