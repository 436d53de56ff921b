using System.Runtime.CompilerServices;
using PcapAnalyzer.Pipeline.Packets;

namespace PcapAnalyzer.Capture;

/// <summary>Counts what a source delivered, and collects its problems.</summary>
internal sealed class SourceTally(string kind, string name)
{
    /// <summary>Most problems, most comments and most interfaces kept. A hostile file could have one for each packet.</summary>
    private const int MostKept = 100;

    private readonly SortedSet<string> _linkTypes = [];
    private readonly List<SourceProblem> _problems = [];
    private readonly List<SourceComment> _comments = [];
    private readonly List<SourceInterface> _interfaces = [];
    private long _bytes;

    internal string Name => name;

    internal string? Format { get; set; }

    internal long Packets { get; private set; }

    /// <summary>Time of the first packet.</summary>
    internal long First { get; private set; }

    /// <summary>Time of the last packet. A packet without a time takes this one.</summary>
    internal long Last { get; private set; }

    internal long Dropped { get; private set; }

    /// <summary>Numbers the next packet and counts it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long Count(long time, int captured)
    {
        if (Packets == 0) First = time;
        Last = time;
        _bytes += captured;
        return ++Packets;
    }

    internal void AddLink(LinkLayer link) => _linkTypes.Add(LinkLayers.NameOf(link));

    /// <summary>Records that the packets of a link type are only counted, if it is not known.</summary>
    /// <param name="whose">Whose packets these are, where the source has several interfaces.</param>
    internal void WarnOf(LinkLayer link, string whose = "its packets")
    {
        if (!LinkLayers.IsKnown(link))
            Add(new SourceProblem("unknown-link-type", $"{name}: {whose} have link type {(int)link}, which is not supported: they are only "
                + "counted", null));
    }

    /// <summary>Records that reading stopped early, and the source's reason.</summary>
    internal void Ended(string code, string why) =>
        _problems.Add(new SourceProblem(code, $"{name}: reading ended after packet {Packets}: {why}", Packets + 1));

    internal void Interrupted() =>
        _problems.Add(new SourceProblem("interrupted", $"{name}: stopped after packet {Packets}; the rest was not read", Packets + 1));

    internal void Add(SourceProblem problem)
    {
        if (_problems.Count < MostKept) _problems.Add(problem);
    }

    internal void Add(SourceComment comment)
    {
        if (_comments.Count < MostKept) _comments.Add(comment);
    }

    internal void Add(SourceInterface one)
    {
        Dropped += one.Dropped;
        if (_interfaces.Count < MostKept) _interfaces.Add(one);
    }

    internal CaptureSource Report() => new()
    {
        Kind = kind,
        Name = name,
        Format = Format,
        LinkTypes = [.. _linkTypes],
        Packets = Packets,
        Bytes = _bytes,
        FirstPacket = Packets == 0 ? null : First,
        LastPacket = Packets == 0 ? null : Last,
        Dropped = Dropped,
        Interfaces = _interfaces.Count == 0 ? null : _interfaces,
        Comments = _comments.Count == 0 ? null : _comments,
        Problems = _problems,
    };
}
