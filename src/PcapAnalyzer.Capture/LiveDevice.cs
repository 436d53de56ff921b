using PcapAnalyzer.Pipeline.Packets;
using SharpPcap;
using SharpPcap.LibPcap;

namespace PcapAnalyzer.Capture;

/// <summary>An open interface and its next packet.</summary>
internal sealed class LiveDevice : LibPcapLiveDevice
{
    /// <summary>
    /// The kernel delivers packets in blocks, each when it is full or this many milliseconds old. A user does not notice the
    /// delay. libpcap's immediate mode is no alternative: it reserves a slot of the maximum length for each packet, so a buffer
    /// of 32 MiB is full after 500 packets.
    /// </summary>
    internal const int BlockTimeout = 20;

    private const int Packet = 1;

    private readonly LiveOptions _options;
    private Libpcap.Counters _last;
    private nint _header;
    private nint _data;
    private int _unit;
    private SourceProblem? _outage;

    private LiveDevice(int index, PcapInterface which, LiveOptions options) : base(which)
    {
        Index = index;
        _options = options;
        State = new LiveInterface(which.Name, default, options.SnapLength, 0, 0, 0);
    }

    /// <summary>Its place among those of its source.</summary>
    internal int Index { get; }

    internal LiveInterface State { get; private set; }

    internal long Packets { get; set; }

    /// <summary>File descriptor for poll(2).</summary>
    internal int Descriptor => FileDescriptor;

    /// <summary>A packet is available. Its bytes stay valid until the next call of <see cref="Advance"/>.</summary>
    internal bool HasPacket { get; private set; }

    /// <summary>Why no more packets will come; null while the device works.</summary>
    internal string? Failure { get; private set; }

    internal long Time { get; private set; }

    internal unsafe ReadOnlySpan<byte> Bytes => new((void*)_data, Header->Captured);

    internal unsafe int OriginalLength => Header->Original;

    private unsafe PacketHeader* Header => (PacketHeader*)_header;

    /// <param name="index">Its place among those of its source.</param>
    /// <exception cref="CaptureException">The interface cannot be captured.</exception>
    /// <exception cref="FilterException">libpcap does not accept the filter.</exception>
    internal static LiveDevice Open(int index, PcapInterface which, LiveOptions options)
    {
        var device = new LiveDevice(index, which, options);
        try
        {
            device.Open();
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Moves to the next packet without waiting. Sets <see cref="HasPacket"/>, or <see cref="Failure"/> on an error.</summary>
    internal unsafe void Advance()
    {
        var status = Libpcap.Next(Handle, out _header, out _data);
        HasPacket = status == Packet;
        if (HasPacket) Time = Header->Time(_unit);
        else if (status < 0) Failure = LastError;
    }

    /// <summary>Reads the counters. Returns a problem once, when the interface is down, gone or renamed.</summary>
    internal SourceProblem? Watch()
    {
        var now = Libpcap.CountersOf(Handle) ?? _last;
        State = State with
        {
            Packets = Packets,
            // The counters wrap. The interface's counter restarts at 0 when the interface loses its name.
            DroppedByKernel = State.DroppedByKernel + (now.DroppedByKernel - _last.DroppedByKernel),
            DroppedByInterface = State.DroppedByInterface + Math.Max(0, (int)(now.DroppedByInterface - _last.DroppedByInterface)),
        };
        _last = now;
        var before = _outage;
        if (Failure == null) _outage = NetworkInterfaces.Outage(Name);
        return _outage == before ? null : _outage;
    }

    private void Open()
    {
        var configuration = new DeviceConfiguration
        {
            Mode = _options.IsPromiscuous ? DeviceModes.Promiscuous : DeviceModes.None,
            Snaplen = _options.SnapLength,
            BufferSize = _options.BufferSize,
            ReadTimeout = BlockTimeout,
            TimestampResolution = TimestampResolution.Nanosecond,
        };
        configuration.ConfigurationFailed += (_, _) => { }; // ignores settings that the device does not support
        try
        {
            Open(configuration);
        }
        catch (PcapException problem)
        {
            throw Explained(problem);
        }
        var link = (LinkLayer)(int)LinkType;
        if (!LinkLayers.IsKnown(link))
            throw new CaptureException($"{Name}: link type {(int)link} is not supported; capture an interface of Ethernet or raw IP, or "
                + "any");
        State = State with { Link = link };
        _unit = TimestampResolution == TimestampResolution.Nanosecond ? 1 : 1000;
        _outage = NetworkInterfaces.Outage(Name);
        NonBlockingMode = true; // Libpcap.Wait has a timeout; libpcap's own wait lasts until a packet arrives
        if (_options.Filter != null) SetFilter();
    }

    private void SetFilter()
    {
        try
        {
            Filter = _options.Filter;
        }
        catch (PcapException problem)
        {
            throw new FilterException(problem.Message);
        }
    }

    private CaptureException Explained(PcapException problem) => problem.Error switch
    {
        PcapError.PermissionDenied or PcapError.PromiscuousPermissionDenied => new CaptureException(
            $"{Name}: you may not capture it: CAP_NET_RAW is needed; give it with sudo setcap cap_net_raw=eip {Environment.ProcessPath}, "
            + $"or let tcpdump capture: sudo tcpdump -U -s 0 -w - -i {Name} | pcap-analyzer report -")
        { MissingRight = "CAP_NET_RAW" },
        PcapError.InterfaceNotUp => new CaptureException($"{Name}: is down; bring it up: sudo ip link set {Name} up"),
        _ => new CaptureException($"{Name}: cannot be captured: {(LastError is { Length: > 0 } said ? said : problem.Message)}"),
    };
}
