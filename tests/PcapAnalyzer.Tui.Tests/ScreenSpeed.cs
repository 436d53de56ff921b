using System.Diagnostics;
using PcapAnalyzer.Testing;
using Xunit;

namespace PcapAnalyzer.Tui.Tests;

/// <summary>From a key to the drawn screen, with a hundred thousand handshakes. No test, a measurement: <c>make bench-screen</c>.</summary>
public sealed class ScreenSpeed(ITestOutputHelper output)
{
    private const int Handshakes = 100_000;

    [Fact(Explicit = true)]
    public void Keys()
    {
        var path = Path.GetTempFileName();
        try
        {
            CaptureGenerator.Write(new CaptureShape { Handshakes = Handshakes, WrongCookieShare = 0.1 }, File.Create(path));
            using var screen = new Screen(new FileOnDisk(path), Story.Ring(("bench", CaptureShape.Cookie)), 160, 45);
            screen.Await(() =>
            {
                screen.Tick(); // takes what has come
                return screen.Session.IsOver;
            }, TimeSpan.FromMinutes(5));
            Assert.Equal(Handshakes, screen.Model.Count);
            Measure(screen, "j", () => screen.Keys("j"), 200);
            Measure(screen, "page down", () => screen.Keys("pagedown"), 100);
            Measure(screen, "G, g", () => screen.Keys(screen.Model.SelectedRow == 0 ? "G" : "g"), 50);
            Measure(screen, "n, next problem", () => screen.Keys("n"), 50);
            Measure(screen, "o, next order", () => screen.Keys("o"), 50);
            Measure(screen, "O, the other way round", () => screen.Keys("O"), 20);
            Measure(screen, "z z, fold and unfold", () => screen.Keys("z", "z"), 10);
            screen.Keys("/");
            var at = 0;
            Measure(screen, "a letter typed into the filter", () =>
            {
                const string word = "node42@host42";
                if (at == word.Length)
                {
                    screen.Keys("esc", "esc", "/");
                    at = 0;
                }
                else screen.Type($"{word[at++]}");
            }, 56);
            screen.Keys("esc", "esc");
            Measure(screen, "the list follows it", () => screen.Keys("/").Type("node42@host42").Tick(2).Keys("esc", "esc"), 10);
            Measure(screen, "f, ctrl-x: a filter and none", () => screen.Keys("f", "ctrl-x"), 10);
            screen.Keys("5");
            Measure(screen, "j in nodes", () => screen.Keys("j"), 30);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private void Measure(Screen screen, string what, Action act, int times)
    {
        act(); // the first use is the compiler's
        var took = new List<double>();
        var cpu = Environment.CpuUsage.UserTime;
        for (var time = 0; time < times; time++)
        {
            var start = Stopwatch.GetTimestamp();
            act();
            took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        cpu = Environment.CpuUsage.UserTime - cpu;
        took.Sort();
        Assert.NotEmpty(screen.Text);
        // On a busy machine the processor's time says more than the clock's.
        output.WriteLine($"{what,-34} median {took[took.Count / 2],7:0.0} ms   99th percentile {took[(int)(took.Count * 0.99)],7:0.0} "
            + $"ms   processor, mean {cpu.TotalMilliseconds / times,7:0.0} ms");
    }
}
