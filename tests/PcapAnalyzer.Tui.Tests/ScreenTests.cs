using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Pipeline.Facts;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>Every view as it is drawn. The expected screens are in <c>screens/</c>; <c>make accept</c> draws them anew.</summary>
public sealed class ScreenTests
{
    /// <summary>A view, and the keys that lead to it.</summary>
    private static readonly Dictionary<string, string[]> Views = new()
    {
        ["list"] = [],
        ["ladder"] = ["2"],
        ["fields"] = ["3"],
        ["bytes"] = ["4"],
        ["nodes"] = ["5"],
        ["time"] = ["6"],
        ["help"] = ["?"],
        ["explain"] = ["e"],
    };

    private static readonly Dictionary<string, string[]> Details = new()
    {
        ["folded"] = ["z"],
        ["marked"] = ["g", "m", "m"],
        ["ordered"] = ["o", "o", "O"],
        ["maximised"] = ["\\"],
        ["ladder-clock"] = ["2", "t"],
        ["ladder-pair"] = ["j", "2", "x"],
        ["ladder-silence"] = ["G", "k", "k", "2"],
        ["fields-closed"] = ["3", "g", "h"],
        ["matrix"] = ["5", "l", "l"],
        ["palette"] = [":", "c", "o", "o", "k", "i"],
        ["cookie"] = ["c", "s", "e", "c", "r", "e", "t", "space"],
        ["cookie-file"] = ["c", "ctrl-f"],
        ["cookies"] = ["C"],
        ["save"] = ["w r"],
        ["save-begun"] = ["w"],
        ["find"] = [";", "w", "e", "b"],
        ["menu"] = ["f9"],
        ["filter-fields"] = ["/", "o", "u", "t"],
        ["filter-values"] = ["/", .. "outcome".Select(letter => $"{letter}"), "space", "=", "=", "space"],
        ["filter-error"] = ["/", .. "outcome".Select(letter => $"{letter}"), "=", "x", "enter"],
        ["filter-in-force"] = ["/", "w", "e", "b", "2", "enter"],
        ["filter-nothing-left"] = ["/", "x", "x", "x", "enter"],
    };

    public static TheoryData<string, int, int> AtEverySize
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (var view in Views.Keys)
                foreach (var (width, height) in ((int, int)[])[(60, 15), (80, 24), (160, 45), (200, 50), (250, 70)])
                    data.Add(view, width, height);
            return data;
        }
    }

    public static TheoryData<string> InDetail => [.. Details.Keys];

    [Theory]
    [MemberData(nameof(AtEverySize))]
    [HardCase("terminal of any size, and its changes")]
    public void A_view_at_every_size(string view, int width, int height)
    {
        using var screen = Story.Screen(width, height).Keys(Views[view]);
        screen.Matches($"{view}-{width}x{height}");
    }

    [Theory]
    [MemberData(nameof(InDetail))]
    public void A_view_in_detail(string view)
    {
        using var screen = Story.Screen().Keys(Details[view]);
        screen.Matches(view);
    }

    [Fact]
    public void What_was_captured()
    {
        using var screen = Story.Screen().Keys("i").AwaitText("What was captured");
        screen.Matches("info");
    }

    [Fact]
    public void A_capture_file_of_the_repository()
    {
        const string capture = "operators/encap_vxlan.pcap";
        using var screen = Screen.Of(HeldInput.FramesOf(capture), Analysis.TrueCookies(capture), 160, 45, title: "encap_vxlan.pcap");
        screen.Keys("3").Matches("vxlan-160x45");
    }

    [Fact]
    public void Too_small()
    {
        using var screen = Story.Screen(52, 12);
        screen.Matches("too-small");
        screen.Keys("j", "enter", "?", "c").Matches("too-small");
        Assert.True(screen.Keys("q").IsLeft);
    }

    [Fact]
    public void A_file_that_is_being_read()
    {
        using var screen = new Screen(new HeldInput("deploy.pcap", Story.Frames) { Counters = new CaptureCounters(0, 0, 8000) },
            Story.Prod);
        screen.Matches("loading-nothing-yet");
        screen.Input.Give(22);
        screen.Input.Counters = new CaptureCounters(0, 4900, 8000);
        screen.Tick().Matches("loading");
        Assert.Equal("rabbit@web2", screen.Model.Selected!.Initiator.Node);
    }

    [Fact]
    public void Live_as_it_happens()
    {
        using var screen = new Screen(new HeldInput("live on eth0", Story.Frames) { IsLive = true }, Story.Prod);
        screen.Matches("live-nothing-yet");
        screen.Input.Give(3);
        screen.Tick().Matches("live-no-handshake-yet");
        screen.Input.Give(2);
        screen.Input.Tell(Story.Frames[4].Time + 1_000_000);
        screen.Tick().Matches("live-under-way");
        screen.Input.Give(35);
        screen.Tick().Matches("live-followed");
        screen.Keys("k", "k");
        screen.Input.Give(20);
        screen.Tick().Matches("live-new-below");
        screen.Keys("p");
        screen.Input.Give(10);
        screen.Input.Counters = new CaptureCounters(37, 0, 0);
        screen.Tick(61).Matches("live-paused-with-drops");
        screen.Keys("p", "G");
        Assert.True(screen.Model.IsFollowing);
        screen.Keys("ctrl-c").AwaitEnd().Tick(61).Matches("live-stopped");
    }

    [Fact]
    public void A_capture_without_packets()
    {
        using var screen = Screen.Of([], CookieRing.Empty);
        screen.Matches("empty-no-packets");
    }

    [Fact]
    [Trait("Only", "test-all")]
    public void A_capture_without_handshakes()
    {
        using var screen = Screen.Of([.. Story.Frames.Take(3)], CookieRing.Empty);
        screen.Matches("empty-no-handshake");
        foreach (var command in KeyMap.Commands.Where(command => command.Name is not ("app.quit" or "app.back")))
        {
            // Nothing to show is no reason to fall over.
            foreach (var pane in (string[])["1", "2", "3", "4", "5"]) screen.Keys(pane, command.Keys[0]).Keys("esc", "esc");
        }
        Assert.Contains("no handshake in them", screen.Keys("1").Text);
    }

    [Fact]
    public void A_capture_that_failed()
    {
        using var screen = new Screen(new HeldInput("live on eth0", Story.Frames) { IsLive = true }, Story.Prod);
        screen.Input.Fail("eth0: the interface went down (ENETDOWN)");
        screen.AwaitEnd().Matches("failed-at-once");
    }

    [Fact]
    [HardCase("terminal of any size, and its changes")]
    public void Resizing_keeps_the_selection_and_draws_as_at_that_size()
    {
        using var screen = Story.Screen().Keys("j", "j", "j");
        var id = screen.Model.SelectedId;
        (int, int)[] sizes = [(160, 45), (60, 15), (250, 70), (52, 12), (80, 24), (10, 3), (200, 50), (80, 24)];
        foreach (var (width, height) in sizes)
        {
            screen.Resize(width, height);
            Assert.Equal(id, screen.Model.SelectedId);
            using var fresh = Story.Screen(width, height).Keys(width < 60 ? [] : ["j", "j", "j"]);
            Assert.Equal(fresh.Text, screen.Text);
        }
    }

    [Theory]
    [InlineData("?")]
    [InlineData("c")]
    [InlineData(":")]
    [InlineData("w r")]
    [InlineData("C")]
    public void A_popup_stays_on_the_screen_when_it_shrinks(string keys)
    {
        using var screen = Story.Screen(160, 45).Keys(keys).Resize(60, 15);
        foreach (var corner in (string[])["╭┤", "╮", "╰", "╯"]) Assert.Contains(corner, screen.Text);
    }
}
