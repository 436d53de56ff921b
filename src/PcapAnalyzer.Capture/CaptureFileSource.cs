using PcapAnalyzer.Core.Packets;
using PcapAnalyzer.Core.Reports;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>Reads a pcap or pcapng file through SharpPcap and libpcap, by pointers: no copy and no allocation a packet.</summary>
public sealed class CaptureFileSource : IFrameSource
{
    private const int EndOfFile = -2;
    private const int Packet = 1;

    private readonly string _path;
    private readonly string _format;
    private readonly CaptureFileReaderDevice _device;
    private readonly LinkLayer _link;

    /// <param name="path">The file.</param>
    /// <param name="filter">A pcap-filter(7) expression, or null for all packets.</param>
    /// <exception cref="CaptureException">The file cannot be read as a capture.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    public CaptureFileSource(string path, string? filter)
    {
        _path = path;
        _format = CaptureFileFormat.Of(path);
        try
        {
            _device = new CaptureFileReaderDevice(path);
            _device.Open(new DeviceConfiguration { TimestampResolution = TimestampResolution.Nanosecond });
        }
        catch (PcapException problem)
        {
            throw new CaptureException($"{path}: libpcap cannot read it: {problem.Message.Replace("Unable to open offline adapter: ", "")}");
        }
        // SharpPcap says "platform not supported" where the dynamic loader finds no libpcap.
        catch (Exception problem) when (problem is DllNotFoundException or PlatformNotSupportedException or TypeInitializationException)
        {
            throw new CaptureException("libpcap is missing; install it: apt-get install libpcap0.8");
        }
        _link = (LinkLayer)(int)_device.LinkType;
        if (!LinkLayers.IsKnown(_link))
        {
            _device.Dispose();
            throw new CaptureException($"{path}: link type {(int)_link} is not supported; convert the file to Ethernet or raw IP");
        }
        if (filter != null) Apply(filter);
    }

    public SourceReport Read(FrameHandler handler, CancellationToken stop)
    {
        long number = 0, bytes = 0, first = 0, last = 0;
        var problems = new List<ProblemReport>();
        nint header = 0, data = 0;
        while (true)
        {
            if (stop.IsCancellationRequested)
            {
                problems.Add(new ProblemReport("interrupted", $"{_path}: stopped after packet {number}; the rest was not read", number + 1));
                break;
            }
            var status = _device.GetNextPacketPointers(ref header, ref data);
            if (status == EndOfFile) break;
            if (status != Packet)
            {
                var said = _device.LastError;
                var code = said.Contains("truncated", StringComparison.OrdinalIgnoreCase) ? "truncated-file" : "damaged-file";
                problems.Add(new ProblemReport(code, $"{_path}: reading ended after packet {number}: {said}", number + 1));
                break;
            }
            unsafe
            {
                var packet = (PacketHeader*)header;
                last = packet->Seconds * 1_000_000_000 + packet->Nanoseconds;
                if (number++ == 0) first = last;
                bytes += packet->Captured;
                handler(new Frame(number, last, _link, new ReadOnlySpan<byte>((void*)data, (int)packet->Captured), (int)Math.Min(packet->Original, int.MaxValue)));
            }
        }
        return new SourceReport
        {
            Kind = "file",
            Name = _path,
            Format = _format,
            LinkTypes = [LinkLayers.NameOf(_link)],
            Packets = number,
            Bytes = bytes,
            FirstPacket = number == 0 ? null : ReportText.Time(first),
            LastPacket = number == 0 ? null : ReportText.Time(last),
            Problems = problems,
        };
    }

    public void Dispose() => _device.Dispose();

    private void Apply(string filter)
    {
        try
        {
            _device.Filter = filter;
        }
        catch (PcapException problem)
        {
            _device.Dispose();
            throw new FilterException(problem.Message);
        }
    }

    /// <summary>libpcap's <c>struct pcap_pkthdr</c> on 64-bit Unix; the fraction is in nanoseconds, as asked for.</summary>
    private struct PacketHeader
    {
#pragma warning disable CS0649 // written by libpcap
        internal long Seconds;
        internal long Nanoseconds;
        internal uint Captured;
        internal uint Original;
#pragma warning restore CS0649
    }
}
