using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Cli.Tests;

/// <summary>The pictures of the documentation are of the program as it is. <c>make pictures</c> takes them anew.</summary>
public sealed class PictureTests
{
    [Theory]
    [InlineData("view", 120, 36, "operators/*.pcap --cookies captures/operators/sample-cookies.json", "n")]
    [InlineData("view-80x24", 80, 24, "erlang/tls_to_plain.pcap", "")]
    public async Task Every_picture_is_current(string name, int width, int height, string what, string key)
    {
        using var terminal = new Tmux(width, height, Repository.Root);
        terminal.Run($"$P view captures/{what}");
        await terminal.WaitAsync(screen => screen.TrimEnd().EndsWith("packets", StringComparison.Ordinal), "the end of reading");
        if (key.Length > 0) terminal.Press(key);
        await terminal.WaitAsync(_ => true, "nothing");
        Golden.Matches(Path.Combine(Repository.Root, "docs", "pictures", $"{name}.svg"), ScreenPicture.Svg(terminal.Screen(withColours: true), width, $"pcap-analyzer view {what.Split(' ')[0].Split('/')[1]}"));
    }
}
