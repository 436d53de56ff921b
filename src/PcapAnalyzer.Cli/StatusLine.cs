using PcapAnalyzer.Capture;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>How a live capture goes, on a terminal's standard error: packets, rate, drops, conversations, handshakes by outcome.</summary>
internal sealed class StatusLine(TextWriter? output, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private long _last = time.GetTimestamp();
    private long _packets;
    private bool _isShown;

    /// <summary>One that shows itself where standard error is a terminal, and nothing elsewhere.</summary>
    internal static StatusLine OnTerminal() => new(Console.IsErrorRedirected ? null : Console.Error, TimeProvider.System);

    internal void Show(IReadOnlyList<LiveInterface> interfaces, int conversations, LiveReport? handshakes)
    {
        var elapsed = time.GetElapsedTime(_last);
        if (output == null || elapsed < Interval) return;
        var packets = interfaces.Sum(one => one.Packets);
        var rate = (packets - _packets) / elapsed.TotalSeconds;
        (_packets, _last) = (packets, time.GetTimestamp());
        var outcomes = string.Join("", (handshakes?.Outcomes ?? []).Select(pair => $", {pair.Count} {pair.Outcome.Kebab()}"));
        output.Write($"\r{string.Join(", ", interfaces.Select(one => one.Name))}: {packets} packets, {rate:0}/s, {interfaces.Sum(one => one.DroppedByKernel)} dropped by the kernel, "
            + $"{interfaces.Sum(one => one.DroppedByInterface)} by the interface, {conversations} open{outcomes}\e[K");
        _isShown = true;
    }

    /// <summary>Makes way for a line that stays.</summary>
    internal void Clear()
    {
        if (_isShown) output!.Write("\r\e[K");
        _isShown = false;
    }
}
