using PcapAnalyzer.Pipeline.Packets;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>A pcap-filter(7) expression. libpcap compiles it once for each link type. Frames that pass keep their numbers.</summary>
public sealed class PacketFilter : IDisposable
{
    private readonly string _expression;
    private readonly Dictionary<LinkLayer, BpfProgram> _programs = [];

    /// <exception cref="FilterException">libpcap does not accept the expression.</exception>
    public PacketFilter(string expression)
    {
        _expression = expression;
        ProgramFor(LinkLayer.En10Mb); // reports an invalid expression now
    }

    /// <summary>Passes matching frames to <paramref name="handler"/>, and all of an unknown link type, which are only counted.</summary>
    public FrameHandler Before(FrameHandler handler) => (in frame) =>
    {
        if (!LinkLayers.IsKnown(frame.Link) || Matches(ProgramFor(frame.Link), frame)) handler(frame);
    };

    public void Dispose()
    {
        foreach (var program in _programs.Values) program.Dispose();
    }

    /// <summary>The link type as libpcap numbers it. Of the supported types only raw IP has another number in files.</summary>
    private static LinkLayer Dlt(LinkLayer link) => link == LinkLayer.Raw ? LinkLayer.Raw12 : link;

    /// <summary>Calls libpcap itself: SharpPcap passes the captured length for the one on the wire, which <c>greater</c> tests.</summary>
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
