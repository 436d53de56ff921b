using PcapAnalyzer.Core.Packets;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>A pcap-filter(7) expression, compiled by libpcap once for each link type that comes by. Frames keep their numbers.</summary>
public sealed class PacketFilter : IDisposable
{
    private readonly string _expression;
    private readonly Dictionary<LinkLayer, BpfProgram> _programs = [];

    /// <param name="expression">The expression.</param>
    /// <exception cref="FilterException">libpcap does not accept it.</exception>
    public PacketFilter(string expression)
    {
        _expression = expression;
        ProgramFor(LinkLayer.En10Mb); // says at once what is wrong with it
    }

    /// <summary>Lets through to <paramref name="handler"/> what matches.</summary>
    public FrameHandler Before(FrameHandler handler) => (in frame) =>
    {
        if (ProgramFor(frame.Link).Matches(frame.Bytes)) handler(frame);
    };

    public void Dispose()
    {
        foreach (var program in _programs.Values) program.Dispose();
    }

    /// <summary>Raw IP has one number in files and another in libpcap; the others that we know have one.</summary>
    private static LinkLayer Dlt(LinkLayer link) => link == LinkLayer.Raw ? LinkLayer.Raw12 : link;

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
