using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>The mouse alone does everything but typing.</summary>
public sealed class MouseTests
{
    [Fact]
    public void A_click_selects_and_a_double_click_goes_in()
    {
        using var screen = Story.Screen(theme: Theme.None).Click("alpha@host");
        Assert.Equal("alpha@host", screen.Model.Selected!.Initiator.Node);
        screen.Click("alpha@host", twice: true);
        Assert.Contains("┤▸#6 alpha@host", screen.Text);
        screen.Click("status");
        screen.Click("status", twice: true);
        Assert.Contains("┤▸Fields of #6, status", screen.Text);
    }

    [Fact]
    public void A_click_on_a_header_sorts_and_again_the_other_way_round()
    {
        using var screen = Story.Screen().Click("took");
        Assert.Contains("took▴", screen.Text);
        Assert.False(screen.Model.IsDescending);
        screen.Click("took▴");
        Assert.Contains("took▾", screen.Text);
        Assert.Equal(7.01, Math.Round(screen.Model[0].Duration / 1e9, 2));
    }

    [Fact]
    public void Wheel_moves_and_scrolls()
    {
        using var screen = Story.Screen().Wheel("rabbit@web1");
        Assert.Equal(4, screen.Model.SelectedRow);
        screen.Wheel("took", down: false);
        Assert.Equal(1, screen.Model.SelectedRow);
    }

    [Fact]
    public void The_counter_of_problems_goes_to_the_next_one()
    {
        using var screen = Story.Screen().Click("✗ 8");
        Assert.Equal(5, screen.Model.SelectedId);
    }

    [Fact]
    public void A_hint_does_what_it_says()
    {
        using var screen = Story.Screen().Click("next problem");
        Assert.Equal(5, screen.Model.SelectedId);
        screen.Click("?  help");
        Assert.Contains("Save the report as JSON", screen.Text);
        screen.Click("Close");
        Assert.DoesNotContain("Save the report as JSON", screen.Text);
    }

    [Fact]
    public void The_menu_opens_and_its_items_do_what_they_say()
    {
        using var screen = Story.Screen().Click("View");
        screen.Click("Nodes, and who");
        Assert.Contains("Who dialled whom", screen.Text);
        screen.Click("Go").Click("Out of");
        Assert.DoesNotContain("Out of", screen.Text);
    }

    [Fact]
    public void Nodes_and_cells_filter_the_list()
    {
        using var screen = Story.Screen().Click("View");
        screen.Click("Nodes, and who").Click("rabbit@web2", twice: true);
        Assert.Equal(3, screen.Model.Count);
        screen.Click("Edit").Click("Show everything again");
        Assert.Equal(screen.Model.Total, screen.Model.Count);
        screen.Click("View").Click("Nodes, and who").Click("✗3");
        Assert.Equal(3, screen.Model.Count);
        Assert.Contains("/ initiator.node == ", screen.Text);
    }

    [Fact]
    public void The_filter_bar_and_its_completions_are_clicked()
    {
        using var screen = Story.Screen().Click("filter: node");
        screen.Type("outcome == ").Click("authentication-failed");
        Assert.Equal(3, screen.Model.Count);
    }

    [Fact]
    public void A_cookie_is_added_with_buttons()
    {
        using var screen = Story.Screen().Click("c  cookie").Type("wrong").Click("Verify").AwaitText("#2, #7, #12 now verified").Tick(61);
        screen.Click("c  cookie").Click("Cancel");
        Assert.DoesNotContain("Add a cookie", screen.Text);
    }

    [Fact]
    public void A_command_of_the_palette_is_clicked()
    {
        using var screen = Story.Screen().Click(":  all").Type("cookie.list");
        screen.Click("Cookies and what", twice: true);
        Assert.Contains("proved by", screen.Text);
    }

    [Fact]
    public void Fields_and_bytes_are_clicked()
    {
        using var screen = Story.Screen(160, 45, Theme.None).Click("─challenge ");
        Assert.Contains("[00 00 00 07]", screen.Text.Replace("  ", " "));
        screen.Click("0008");
        Assert.Contains("┤▸Bytes", screen.Text);
        Assert.Contains("[3f", screen.Text);
    }
}
