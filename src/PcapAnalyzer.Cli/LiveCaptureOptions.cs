using System.CommandLine;
using PcapAnalyzer.Capture;
using PcapAnalyzer.Reports;

namespace PcapAnalyzer.Cli;

/// <summary>The options of a live capture, named as in tcpdump and dumpcap.</summary>
internal sealed class LiveCaptureOptions
{
    private readonly Option<string[]> _interfaces = new("--interface", "-i")
    {
        HelpName = "NAME",
        Description = "Capture on this interface instead of reading a file; any is all of them. May be repeated. See: pcap-analyzer "
            + "interfaces.",
    };

    private readonly Option<int> _snapLength = new("--snaplen")
    {
        HelpName = "BYTES",
        Description = "Bytes of a packet to capture.",
        DefaultValueFactory = _ => new LiveOptions().SnapLength,
    };

    private readonly Option<bool> _notPromiscuous = new("--no-promiscuous")
    {
        Description = "Leave the interface out of promiscuous mode.",
    };

    private readonly Option<int> _bufferSize = new("--buffer-size", "-B")
    {
        HelpName = "KIB",
        Description = "The kernel's buffer of each interface, in KiB.",
        DefaultValueFactory = _ => new LiveOptions().BufferSize / 1024,
    };

    private readonly Option<string?> _write = new("--write", "-w")
    {
        HelpName = "FILE",
        Description = "Keep what was captured, as pcapng.",
    };

    private readonly Option<int> _rotateSize = new("--rotate-size")
    {
        HelpName = "MB",
        Description = "Begin another file of --write after so many megabytes; they are numbered as dumpcap's are.",
    };

    private readonly Option<int> _keep = new("--keep") { HelpName = "N", Description = "Keep the newest N files of --rotate-size." };

    private readonly Option<double> _duration = new("--duration") { HelpName = "SECONDS", Description = "Stop after so long." };

    private readonly Option<long> _count = new("--count", "-c") { HelpName = "N", Description = "Stop after so many packets." };

    internal LiveCaptureOptions()
    {
        foreach (var option in (Option[])[_snapLength, _bufferSize, _rotateSize, _keep, _duration, _count]) option.TakesPositive();
    }

    internal IEnumerable<Option> All =>
        [_interfaces, _snapLength, _notPromiscuous, _bufferSize, _write, _rotateSize, _keep, _duration, _count];

    internal IReadOnlyList<string> Interfaces(ParseResult parsed) => parsed.GetValue(_interfaces) ?? [];

    /// <exception cref="UsageException">An option lacks the live capture or the other option that it needs, or <c>--write</c>
    /// names standard output.</exception>
    internal void Check(ParseResult parsed)
    {
        if (Interfaces(parsed).Count == 0 && All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } lonely)
            throw new UsageException($"{lonely.Name} is for live captures: name an interface with -i");
        if (parsed.GetValue(_rotateSize) > 0 && parsed.GetValue(_write) is null or "-")
            throw new UsageException("--rotate-size needs files to rotate: name one with --write");
        if (parsed.GetValue(_keep) > 0 && parsed.GetValue(_rotateSize) == 0) throw new UsageException("--keep needs --rotate-size");
        if (parsed.GetValue(_write) == "-") throw new UsageException("--write - would mix the capture with the report: name a file");
    }

    /// <summary>The file of <c>--write</c>, or null.</summary>
    internal string? Kept(ParseResult parsed) => parsed.GetValue(_write);

    internal void AddTo(FilesInUse inUse, ParseResult parsed) => inUse.Write(_write.Name, Kept(parsed));

    /// <param name="filter">A pcap-filter(7) expression, or null for all packets.</param>
    /// <param name="messages">Receives the problems of a report; null for the screen.</param>
    internal LiveInput Open(ParseResult parsed, string? filter, Messages? messages)
    {
        var options = new LiveOptions
        {
            Filter = filter,
            SnapLength = parsed.GetValue(_snapLength),
            IsPromiscuous = !parsed.GetValue(_notPromiscuous),
            BufferSize = (int)Math.Min(parsed.GetValue(_bufferSize) * 1024L, int.MaxValue),
        };
        TimeSpan? duration = parsed.GetValue(_duration) is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;
        return new LiveInput(Interfaces(parsed), options, parsed.GetValue(_count), duration, () => Kept(parsed) is not { } path ? null
            : new CaptureWriter(path, $"pcap-analyzer {JsonReport.Version}", TimeProvider.System,
                parsed.GetValue(_rotateSize) * 1_000_000L, parsed.GetValue(_keep)), messages);
    }
}
