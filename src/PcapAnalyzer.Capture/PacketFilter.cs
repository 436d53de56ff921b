using PcapAnalyzer.Pipeline.Packets;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>A pcap-filter(7) expression, compiled by libpcap once for each link type that comes by. Frames keep their numbers.</summary>
public sealed class PacketFilter : IDisposable
{
    private readonly string _expression;
    private readonly Dictionary<LinkLayer, BpfProgram> _programs = [];

    /// <exception cref="FilterException">libpcap does not accept it.</exception>
    public PacketFilter(string expression)
    {
        _expression = expression;
        ProgramFor(LinkLayer.En10Mb); // says at once what is wrong with it
    }

    /// <summary>
    /// Lets through to <paramref name="handler"/> what matches, and what has a link type that nobody knows: it is counted, no
    /// more.
    /// </summary>
    public FrameHandler Before(FrameHandler handler) => (in frame) =>
    {
        if (!LinkLayers.IsKnown(frame.Link) || Matches(ProgramFor(frame.Link), frame)) handler(frame);
    };

    public void Dispose()
    {
        foreach (var program in _programs.Values) program.Dispose();
    }

    /// <summary>Raw IP has one number in files and another in libpcap; the others that we know have one.</summary>
    private static LinkLayer Dlt(LinkLayer link) => link == LinkLayer.Raw ? LinkLayer.Raw12 : link;

    /// <summary>
    /// By pointers: SharpPcap's own way takes what was captured for the length on the wire, which <c>greater</c> and <c>less</c>
    /// ask for.
    /// </summary>
    private static unsafe bool Matches(BpfProgram program, in Frame frame)
    {
        var header = new PacketHeader(frame.Bytes.Length, frame.OriginalLength);
        fixed (byte* bytes = frame.Bytes) return program.Matches((nint)(&header), (nint)bytes);
    }

    private BpfProgram ProgramFor(LinkLayer link)
    {
        if (_programs.TryGetValue(link, out var program)) return program;
        try
        {
            return _programs[link] = BpfProgram.Create((PacketDotNet.LinkLayers)Dlt(link), _expression);
        }
        catch (PcapException problem)
        {
            throw new FilterException(problem.Message);
        }
        catch (Exception problem) when (Libpcap.IsMissing(problem))
        {
            throw Libpcap.Missing("--filter");
        }
    }
}
