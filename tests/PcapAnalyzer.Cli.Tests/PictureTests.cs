using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The pictures of the documentation are of the program as it is. <c>make pictures</c> takes them anew.</summary>
public sealed class PictureTests
{
    [Theory]
    [InlineData("view", 120, 36, "operators/*.pcap --cookies captures/operators/sample-cookies.json", "1,162 packets",
        "✗ 19   31 handshakes", "nnn", "─┤#27 ")]
    [InlineData("view-80x24", 80, 24, "erlang/tls_to_plain.pcap", " 38 packets", "1 handshake", "", "─┤#1 ")]
    public async Task Every_picture_is_current(string name, int width, int height, string what, string read, string listed, string keys,
        string selected)
    {
        using var terminal = new Tmux(width, height, Repository.Root);
        terminal.Run($"$P view captures/{what}");
        await terminal.WaitAsync(
            screen => screen.TrimEnd().EndsWith(read, StringComparison.Ordinal) && screen.Contains(listed, StringComparison.Ordinal)
                && !screen.Contains('▐'),
            "the end of reading, with every handshake listed");
        terminal.Press("Home"); // which problem was the first one to be read is nobody's choice
        terminal.Type(keys);
        var last = "";
        await terminal.WaitAsync(screen =>
        {
            // A screen can be caught while it is drawn: one that is the same twice is done.
            var isDone = screen == last && screen.Contains(selected, StringComparison.Ordinal);
            last = screen;
            return isDone;
        }, "a screen at rest");
        Golden.Matches(Path.Combine(Repository.Root, "docs", "pictures", $"{name}.svg"),
            ScreenPicture.Svg(terminal.Screen(withColours: true), width, $"pcap-analyzer view {what.Split(' ', '/')[1]}"));
    }
}
