using System.Text;
using System.Text.Json;
using PcapAnalyzer.Judging.Cookies;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>Every command does what it says, by each of its keys and from the palette.</summary>
public sealed class CommandTests
{
    private delegate void Effect(Screen screen, Action press);

    private static readonly Dictionary<string, Effect> Effects = new()
    {
        ["file.save-report"] = (screen, press) =>
        {
            press();
            screen.Keys("enter").AwaitText("Saved to story-report.json");
            using var json = JsonDocument.Parse(screen.Files["story-report.json"]);
            Assert.Equal(screen.Model.Total, json.RootElement.GetProperty("handshakes").GetArrayLength());
        },
        ["file.save-text"] = (screen, press) =>
        {
            press();
            screen.Keys("enter").AwaitText("Saved to story-report.txt");
            Assert.Contains("rabbit@web2", Encoding.UTF8.GetString(screen.Files["story-report.txt"]));
        },
        ["file.save-packets"] = (screen, press) =>
        {
            screen.Keys("m", "m"); // #2 and #3
            press();
            screen.Keys("enter").AwaitText("of 2 handshakes");
            Assert.Equal(screen.Packets["story-report.pcapng"].Select(packet => packet.Frame.Number).Order(),
                screen.Packets["story-report.pcapng"].Select(packet => packet.Frame.Number));
            Assert.Equal(["10.0.4.11", "10.0.4.12", "10.0.4.7"],
                screen.Packets["story-report.pcapng"].Select(packet => $"{packet.Frame.Source.Address}").Distinct().Order());
        },
        ["file.save-all"] = (screen, press) =>
        {
            press();
            screen.Keys("enter").AwaitText($"of {screen.Model.Total} handshakes");
            Assert.Equal(Story.Frames.Count, screen.Packets["story-report.pcapng"].Count);
        },
        ["app.back"] = (screen, press) =>
        {
            screen.Keys("2");
            press();
            AssertFocus(screen, "Handshakes");
            press();
            Assert.True(screen.IsLeft);
        },
        ["app.quit"] = (screen, press) =>
        {
            press();
            Assert.True(screen.IsLeft);
        },
        ["filter.edit"] = (screen, press) =>
        {
            press();
            screen.Type("web2");
            Assert.Equal(3, screen.Model.Count);
            screen.Keys("enter");
            Assert.StartsWith(" / web2 ", screen.RowOf("/ web2"), StringComparison.Ordinal);
            screen.Keys("/", "esc");
            Assert.Equal(3, screen.Model.Count);
        },
        ["filter.clear"] = (screen, press) =>
        {
            screen.Keys("f");
            press();
            Assert.Equal(screen.Model.Total, screen.Model.Count);
        },
        ["filter.from-cell"] = (screen, press) =>
        {
            press();
            Assert.Equal(3, screen.Model.Count);
            Assert.Contains("code == cookie-mismatch", screen.Text);
        },
        ["find.start"] = (screen, press) =>
        {
            press();
            screen.Type("ALPHA").Keys("enter");
            Assert.Equal("alpha@host", screen.Model.Selected!.Initiator.Node);
            press();
            screen.Keys("enter"); // the same again: the next one, which is itself
            Assert.Equal("alpha@host", screen.Model.Selected!.Initiator.Node);
        },
        ["mark.toggle"] = (screen, press) =>
        {
            press();
            Assert.Equal([2], screen.Model.Marked);
            Assert.StartsWith("▌✗", screen.RowOf("▌"), StringComparison.Ordinal);
            Assert.Equal(3, screen.Model.SelectedId);
        },
        ["mark.clear"] = (screen, press) =>
        {
            screen.Keys("m", "m");
            press();
            Assert.Empty(screen.Model.Marked);
        },
        ["copy.field"] = (screen, press) =>
        {
            screen.Keys("3");
            press();
            Assert.StartsWith("digest ", Copied(screen), StringComparison.Ordinal);
        },
        ["copy.filter"] = (screen, press) =>
        {
            press();
            Assert.Equal("ip.addr == 10.0.4.12 && ip.addr == 10.0.4.7 && tcp.port == 50000 && tcp.port == 25672", Copied(screen));
        },
        ["copy.text"] = (screen, press) =>
        {
            press();
            Assert.Contains("cookie-mismatch", Copied(screen));
            Assert.Contains("rabbit@web2", Copied(screen));
        },
        ["copy.value"] = (screen, press) =>
        {
            screen.Keys("3");
            press();
            Assert.Matches("^[0-9a-f]{32}$", Copied(screen));
        },
        ["pane.list"] = (screen, press) =>
        {
            screen.Keys("2");
            press();
            AssertFocus(screen, "Handshakes");
        },
        ["pane.ladder"] = Focuses("#2 rabbit@web2"),
        ["pane.fields"] = Focuses("Fields"),
        ["pane.bytes"] = Focuses("Bytes"),
        ["pane.nodes"] = Focuses("Nodes"),
        ["pane.time"] = Focuses("Time"),
        ["time.in"] = (screen, press) => ChangesTheAxis(screen, press, "6"),
        ["time.out"] = (screen, press) => ChangesTheAxis(screen, press, "6", "+", "+"),
        ["time.whole"] = (screen, press) =>
        {
            var whole = AxisOf(screen.Keys("6"));
            screen.Keys("+", "+");
            press();
            Assert.Equal(whole, AxisOf(screen));
        },
        ["time.earlier"] = (screen, press) => ChangesTheAxis(screen, press, "6", "+", "+", ">", ">"),
        ["time.later"] = (screen, press) => ChangesTheAxis(screen, press, "6", "+", "+", "<", "<"),
        ["pane.next"] = (screen, press) =>
        {
            foreach (var pane in (string[])["#2", "Fields", "Bytes", "Nodes", "Time", "Handshakes"])
            {
                press();
                AssertFocus(screen, pane);
            }
        },
        ["pane.previous"] = (screen, press) =>
        {
            foreach (var pane in (string[])["Time", "Nodes", "Bytes", "Fields", "#2", "Handshakes"])
            {
                press();
                AssertFocus(screen, pane);
            }
        },
        ["pane.maximise"] = (screen, press) =>
        {
            press();
            Assert.DoesNotContain("#2 rabbit@web2", screen.Text);
            press();
            Assert.Contains("#2 rabbit@web2", screen.Text);
        },
        ["pane.grow"] = (screen, press) =>
        {
            var before = screen.Find("#2").Y;
            press();
            Assert.Equal(before + 1, screen.Find("#2").Y);
        },
        ["pane.shrink"] = (screen, press) =>
        {
            var before = screen.Find("#2").Y;
            press();
            Assert.Equal(before - 1, screen.Find("#2").Y);
        },
        ["pane.reset"] = (screen, press) =>
        {
            var before = screen.Find("#2").Y;
            screen.Keys("+", "+", "\\");
            press();
            Assert.Equal(before, screen.Find("#2").Y);
        },
        ["view.fold-pairs"] = (screen, press) =>
        {
            press();
            Assert.Equal(screen.Model.Total - 3, screen.Model.Count);
            Assert.Contains("×3", screen.Text);
            Assert.Contains("   13 handshakes", screen.Text); // rows fold, the total stays
            screen.Keys("f");
            Assert.Contains("   3 of 13 handshakes", screen.Text);
        },
        ["view.pair"] = (screen, press) =>
        {
            screen.Keys("j"); // it gave way to #4
            Assert.DoesNotContain("2 reply", screen.Text);
            press();
            screen.Resize(80, 40);
            Assert.Contains("◄─ 2 name", screen.Text);
            Assert.Contains("2 reply", screen.Text);
            press();
            Assert.DoesNotContain("2 reply", screen.Text);
        },
        ["view.follow"] = (screen, press) =>
        {
            press();
            Assert.True(screen.Model.IsFollowing);
            Assert.Equal(screen.Model.Count - 1, screen.Model.SelectedRow);
        },
        ["view.order"] = (screen, press) =>
        {
            press();
            Assert.Contains("acceptor▴", screen.Text);
            press();
            Assert.Equal(HandshakeColumn.Took, screen.Model.Order);
        },
        ["view.reverse"] = (screen, press) =>
        {
            press();
            Assert.Contains("UTC▾", screen.Text);
            Assert.Equal(screen.Model.Count, screen.Model.SelectedRow + 2);
        },
        ["view.time"] = (screen, press) =>
        {
            Assert.DoesNotContain(" 22:13:21.500400 ", screen.Text);
            press();
            Assert.Contains(" 22:13:21.500400 ", screen.Text);
        },
        ["view.zone"] = (screen, press) =>
        {
            press(); // the test's zone is two and a half hours east
            Assert.Contains("local▴", screen.Text);
            Assert.StartsWith(" ✗ 00:43:21 ", screen.RowOf("web2"), StringComparison.Ordinal);
            screen.Keys("t");
            Assert.Contains("local time", screen.Text);
            Assert.Contains(" 00:43:21.500400 ", screen.Text);
            press();
            Assert.Contains("UTC▴", screen.Text);
            Assert.Contains("time UTC", screen.Text);
            Assert.Contains(" 22:13:21.500400 ", screen.Text);
        },
        ["view.theme"] = (screen, press) =>
        {
            var before = screen.Ansi;
            press();
            Assert.NotEqual(before, screen.Ansi);
        },
        ["move.down"] = Selects(_ => 2),
        ["move.up"] = Selects(_ => 0),
        ["move.first"] = Selects(_ => 0),
        ["move.last"] = Selects(count => count - 1),
        ["move.page-down"] = (screen, press) =>
        {
            screen.Keys("g");
            press();
            Assert.Equal(6, screen.Model.SelectedRow);
        },
        ["move.page-up"] = (screen, press) =>
        {
            screen.Keys("G");
            press();
            Assert.Equal(screen.Model.Count - 7, screen.Model.SelectedRow);
        },
        ["move.half-down"] = (screen, press) =>
        {
            screen.Keys("g");
            press();
            Assert.Equal(3, screen.Model.SelectedRow);
        },
        ["move.half-up"] = (screen, press) =>
        {
            screen.Keys("G");
            press();
            Assert.Equal(screen.Model.Count - 4, screen.Model.SelectedRow);
        },
        ["move.in"] = (screen, press) =>
        {
            foreach (var pane in (string[])["#2", "Fields"])
            {
                press();
                AssertFocus(screen, pane);
            }
        },
        ["move.out"] = (screen, press) =>
        {
            screen.Keys("2");
            press();
            AssertFocus(screen, "Handshakes");
        },
        ["find.next"] = (screen, press) =>
        {
            press();
            Assert.Equal(5, screen.Model.SelectedId);
            screen.Keys(";").Type("db1").Keys("enter");
            var found = screen.Model.SelectedId;
            press();
            Assert.NotEqual(found, screen.Model.SelectedId);
            Assert.Contains("db1", screen.RowOf($"{screen.Model.Selected!.Initiator.Node} →"));
        },
        ["find.previous"] = (screen, press) =>
        {
            press();
            Assert.Equal(screen.Model.Count - 1, screen.Model.SelectedRow);
        },
        ["cookie.add"] = (screen, press) =>
        {
            press();
            screen.Type("wrong");
            Assert.Contains("∙∙∙∙∙ ", screen.RowOf("│ cookie "));
            screen.Keys("tab").Type("web2-old").Keys("enter").AwaitText("now verified");
            Assert.Equal(["prod", "staging", "web2-old"], screen.Session.Ring.Cookies.Select(cookie => cookie.Label));
            Assert.Contains("#2, #7, #12 now verified with web2-old", screen.Text);
            Assert.Equal(Verdict.Verified, screen.Model.ById(2)!.Proofs[0].Verdict);
        },
        ["cookie.list"] = (screen, press) =>
        {
            press();
            Assert.Contains("prod: proved by rabbit@db1, rabbit@web1", screen.Text);
            screen.Keys("esc");
            Assert.DoesNotContain("proved by rabbit", screen.Text);
        },
        ["capture.pause"] = (screen, press) =>
        {
            press();
            Assert.True(screen.Model.IsPaused);
            press();
            Assert.False(screen.Model.IsPaused);
        },
        ["capture.stop"] = (screen, press) =>
        {
            press(); // there is nothing left to stop
            Assert.True(screen.IsLeft);
        },
        ["capture.info"] = (screen, press) =>
        {
            press();
            screen.AwaitText("What was captured");
            Assert.Contains($"{Story.Frames.Count} packets", screen.Text);
        },
        ["app.palette"] = (screen, press) =>
        {
            press();
            screen.Type("add cook");
            Assert.Contains("cookie.add", screen.Text);
            screen.Keys("enter");
            Assert.Contains("Add a cookie", screen.Text);
        },
        ["app.help"] = (screen, press) =>
        {
            press();
            Assert.Contains("Save the report as JSON", screen.Text);
            screen.Keys("pagedown", "j", "k", "space", "b", "q");
            Assert.DoesNotContain("Save the report as JSON", screen.Text);
            Assert.False(screen.IsLeft);
        },
        ["app.explain"] = (screen, press) =>
        {
            press();
            Assert.Contains("╭┤cookie-mismatch├─", screen.Text);
        },
        ["app.menu"] = (screen, press) =>
        {
            press();
            Assert.Contains("Save the report as JSON", screen.Text);
            screen.Keys("enter");
            Assert.Contains("story-report.json", screen.Text);
        },
        ["app.suspend"] = Redraws, // without a terminal there is nothing to stop: it comes back at once
        ["app.redraw"] = Redraws,
    };

    public static TheoryData<string, string> Keys
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var command in KeyMap.Commands)
                foreach (var key in command.Keys) data.Add(command.Name, key);
            return data;
        }
    }

    public static TheoryData<string> Names => [.. KeyMap.Commands.Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Keys))]
    [HardCase("keys that the library would take for itself")]
    public void A_key_does_what_its_command_says(string name, string key)
    {
        using var screen = Story.Screen(theme: Theme.None);
        Effects[name](screen, () => screen.Keys(key));
    }

    [Theory]
    [Trait("Only", "test-all")]
    [MemberData(nameof(Names))]
    public void The_palette_does_the_same(string name)
    {
        using var screen = Story.Screen(theme: Theme.None);
        Effects[name](screen, () => screen.Keys(":").Type(name).Keys("enter"));
    }

    [Fact]
    public void A_missing_cookie_file_is_reported_and_changes_nothing()
    {
        using var screen = Story.Screen().Keys("c", "ctrl-f").Type("x").Keys("enter");
        Assert.Contains("no such file", screen.Text);
        Assert.Equal(2, screen.Session.Ring.Cookies.Count);
    }

    [Fact]
    public void A_cookie_file_is_read_as_Erlang_reads_it()
    {
        using var screen = Story.Screen();
        screen.Files["~/.erlang.cookie"] = "wrong\n"u8.ToArray();
        screen.Keys("c", "ctrl-f", "enter").AwaitText("#2, #7, #12 now verified with cookie-3");
    }

    [Fact]
    public void A_cookie_shows_its_answer_although_the_view_was_held()
    {
        using var screen = Story.Screen().Keys("p", "c").Type("wrong").Keys("enter").AwaitText("#2, #7, #12 now verified");
        Assert.False(screen.Model.IsPaused);
    }

    [Fact]
    public void Quitting_a_live_capture_asks_once()
    {
        using var screen = new Screen(new HeldInput("live on eth0", Story.Frames) { IsLive = true });
        Assert.False(screen.Keys("q").IsLeft);
        Assert.Contains("q again quits", screen.Text);
        Assert.False(screen.Keys("j", "q").IsLeft); // another key between: it is asked again
        Assert.True(screen.Keys("q").IsLeft);
    }

    [Theory]
    [InlineData("q")]
    [InlineData("Q")]
    [InlineData("ctrl-c")]
    public void Quitting_with_unsaved_packets_asks_once_and_saving_them_ends_the_question(string key)
    {
        Screen Stopped()
        {
            var screen = new Screen(new HeldInput("live on eth0", Story.Frames) { IsLive = true }, Story.Prod);
            screen.Input.Give(20);
            return screen.Tick().Keys("ctrl-c").AwaitEnd();
        }
        using var left = Stopped();
        Assert.False(left.Keys(key).IsLeft);
        Assert.Contains($"Unsaved packets: {key} again quits, w a saves them", left.Text);
        Assert.True(left.Keys(key).IsLeft);

        using var saved = Stopped();
        Assert.False(saved.Keys("w p", "enter").AwaitText("of 1 handshake").Keys(key).IsLeft); // the others are not
        Assert.False(saved.Keys("w a", "enter").AwaitText("handshakes to").IsLeft);
        Assert.True(saved.Keys(key).IsLeft);
    }

    [Fact]
    public void Packets_that_stay_in_a_file_are_no_reason_to_ask()
    {
        using var screen = new Screen(new HeldInput("live on eth0", Story.Frames) { IsLive = true, IsKept = true }, Story.Prod);
        screen.Input.Give(20);
        Assert.True(screen.Tick().Keys("ctrl-c").AwaitEnd().Keys("q").IsLeft);
    }

    [Fact]
    public void A_hint_names_the_key_of_the_screen_and_no_option()
    {
        using var screen = Story.Screen(height: 40, ring: Story.Ring()).Keys("g");
        Assert.Contains("Give the cookie (key c) to have the proofs verified.", screen.Text);
        foreach (var _ in Enumerable.Range(0, screen.Model.Total)) Assert.DoesNotContain(" --cookie", screen.Keys("j").Text);
    }

    [Theory]
    [InlineData("code == cookie-mismach", "column 9: no such code; is it cookie-mismatch?")]
    [InlineData("web1 and outcome == x", "column 21: no such outcome; one of established,")]
    [InlineData("code == x", "column 9: no such code; one of ok, cookie-not-given,")]
    [InlineData("started > noon", "column 11: write a time in UTC: 20:14,")]
    [InlineData("node == \"a long expression that leaves no room\" and ip == here", "write an address: 10.0.4.7,")]
    public void A_filter_error_is_whole_from_its_beginning(string expression, string error)
    {
        using var screen = Story.Screen().Keys("/").Type(expression).Keys("enter");
        Assert.Contains($"! column", screen.RowOf(" / "));
        Assert.Contains(error, screen.RowOf(" / "));
    }

    [Fact]
    public void Stop_keeps_the_screen_and_stops_the_capture()
    {
        using var screen = new Screen(new HeldInput("live on eth0", Story.Frames) { IsLive = true }, Story.Prod);
        screen.Input.Give(20);
        screen.Tick().Keys("ctrl-c").AwaitEnd();
        Assert.False(screen.IsLeft);
        Assert.Contains("■ stopped", screen.Text);
        Assert.True(screen.Keys("ctrl-c", "ctrl-c").IsLeft);
    }

    [Fact]
    public void A_pane_can_be_walked_by_every_move()
    {
        using var screen = Story.Screen(160, 45, Theme.None).Keys("3", "g");
        var first = screen.Ansi;
        screen.Keys("j").Tick(3);
        Assert.NotEqual(first, screen.Ansi); // the selection moves on and stays there
        Assert.Equal(first, screen.Keys("k").Ansi);
        screen.Keys("4", "g");
        var byteAt = screen.Ansi;
        Assert.NotEqual(byteAt, screen.Keys("l").Ansi);
        Assert.Equal(byteAt, screen.Keys("h").Ansi);
    }

    private static void Redraws(Screen screen, Action press)
    {
        var before = screen.Text;
        press();
        Assert.Equal(before, screen.Text);
        Assert.False(screen.IsLeft);
    }

    private static void ChangesTheAxis(Screen screen, Action press, params string[] keys)
    {
        var before = AxisOf(screen.Keys(keys));
        press();
        Assert.NotEqual(before, AxisOf(screen));
    }

    /// <summary>The line under the heading of the view Time.</summary>
    private static string AxisOf(Screen screen)
    {
        var lines = screen.Text.Split('\n');
        return lines[Array.FindIndex(lines, line => line.Contains("Time, ", StringComparison.Ordinal)) + 1];
    }

    private static Effect Focuses(string pane) => (screen, press) =>
    {
        press();
        AssertFocus(screen, pane);
    };

    private static Effect Selects(Func<int, int> rowOf) => (screen, press) =>
    {
        press();
        Assert.Equal(rowOf(screen.Model.Count), screen.Model.SelectedRow);
    };

    /// <summary>Without colour the pane that has the keys is marked.</summary>
    private static void AssertFocus(Screen screen, string pane) => Assert.Contains($"┤▸{pane}", screen.Text);

    private static string Copied(Screen screen)
    {
        const string begin = "\e]52;c;";
        var from = screen.Sent.LastIndexOf(begin, StringComparison.Ordinal);
        Assert.True(from >= 0, "nothing was copied");
        from += begin.Length;
        return Encoding.UTF8.GetString(Convert.FromBase64String(screen.Sent[from..screen.Sent.IndexOf('\a', from)]));
    }
}
