using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

public sealed class KeyMapTests
{
    public static TheoryData<Pane> Panes => [.. Enum.GetValues<Pane>()];

    [Theory]
    [MemberData(nameof(Panes))]
    [HardCase("keys that the library would take for itself")]
    public void A_key_means_one_thing_in_a_pane(Pane pane)
    {
        var keys = KeyMap.Commands.Where(command => command.IsFor(pane)).SelectMany(command => command.Keys).ToList();
        Assert.Equal(keys.Distinct(), keys);
        foreach (var key in keys) Assert.DoesNotContain(keys, other => other.StartsWith($"{key} ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Panes))]
    public void Every_key_finds_its_command_where_it_is_one(Pane pane)
    {
        foreach (var command in KeyMap.Commands)
            foreach (var key in command.Keys)
                Assert.Equal(KeyMap.Commands.SingleOrDefault(one => one.IsFor(pane) && one.Keys.Contains(key)),
                    KeyMap.Find(key, pane).Command);
    }

    [Fact]
    public void The_beginning_of_a_chord_waits_for_its_end()
    {
        Assert.Equal((null, true), KeyMap.Find("y", Pane.List));
        Assert.Equal((null, false), KeyMap.Find("y x", Pane.List));
        Assert.Equal(["y", "w", "t", "v"], KeyMap.After("y", Pane.List).Select(next => next.Key));
    }

    [Fact]
    public void Names_are_unique_and_every_menu_is_one_of_the_bar()
    {
        Assert.Equal(KeyMap.Commands.Count, KeyMap.Commands.Select(command => command.Name).Distinct().Count());
        Assert.Equal(KeyMap.Menus.Order(), KeyMap.Commands.Select(command => command.Menu).Distinct().Order());
    }
}
