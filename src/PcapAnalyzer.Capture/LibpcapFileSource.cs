using PcapAnalyzer.Pipeline.Packets;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>Reads a pcap or pcapng file through SharpPcap and libpcap, for comparison with our own reader.</summary>
public sealed class LibpcapFileSource : IFrameSource
{
    private const int EndOfFile = -2;
    private const int Packet = 1;

    private readonly SourceTally _tally;
    private readonly CaptureFileReaderDevice _device;
    private readonly LinkLayer _link;

    /// <exception cref="CaptureException">libpcap is missing or cannot read the file. It reads plain files only.</exception>
    public LibpcapFileSource(string path)
    {
        _tally = new SourceTally("file", path);
        using (var input = CaptureInput.Open(path)) // checked first, because libpcap's messages name no remedy
            if (!input.IsPlainFile)
                throw new CaptureException($"{input.Name}: --reader libpcap reads plain files only; leave the option away");
        try
        {
            _device = new CaptureFileReaderDevice(path);
            _device.Open(new DeviceConfiguration { TimestampResolution = TimestampResolution.Nanosecond });
        }
        catch (PcapException problem)
        {
            throw new CaptureException($"{path}: libpcap cannot read it: "
                + $"{problem.Message.Replace("Unable to open offline adapter: ", "")}");
        }
        catch (Exception problem) when (Libpcap.IsMissing(problem))
        {
            throw Libpcap.Missing("--reader libpcap");
        }
        _link = (LinkLayer)(int)_device.LinkType;
        _tally.AddLink(_link);
    }

    public CaptureSource Read(FrameHandler handler, CancellationToken stop)
    {
        nint header = 0, data = 0;
        while (true)
        {
            if (stop.IsCancellationRequested)
            {
                _tally.Interrupted();
                break;
            }
            var status = _device.GetNextPacketPointers(ref header, ref data);
            if (status == EndOfFile) break;
            if (status != Packet)
            {
                var said = _device.LastError;
                _tally.Ended(said.Contains("truncated", StringComparison.OrdinalIgnoreCase) ? "truncated-file" : "damaged-file", said);
                break;
            }
            unsafe
            {
                var packet = (PacketHeader*)header;
                var time = packet->Time(unit: 1);
                if (_tally.Packets == 0) _tally.WarnOf(_link);
                handler(new Frame(_tally.Count(time, packet->Captured), time, _link, new ReadOnlySpan<byte>((void*)data, packet->Captured),
                    Math.Max(packet->Captured, packet->Original)));
            }
        }
        return _tally.Report();
    }

    public void Dispose() => _device.Dispose();
}
