using PcapAnalyzer.Pipeline.Connections;
using PcapAnalyzer.Pipeline.Packets;
using PcapAnalyzer.Pipeline.Readers;

namespace PcapAnalyzer.Pipeline;

/// <content>Connections that began before the capture.</content>
public sealed partial class Analyzer
{
    /// <summary>Keeps a segment of a connection that began before the capture, and settles the connection once there are enough.</summary>
    /// <returns>False when it must be followed, and what was set aside before it.</returns>
    private bool SetAside(ref Connection flow, in Frame frame, in TcpSegment segment)
    {
        var (bytes, segments) = _aside.SizeOf(flow.Aside);
        if (!flow.IsMidstream(segment) || segments > _options.Connections.HoleSegments) return false;
        var isFirst = segment.Length > 0 && flow.Direction(segment.FromLow).SeenTo == 0;
        if (isFirst && (!Prober.IsHopeless(flow, segment.Payload, segment.FromLow, _options) || _readers.IsSession(segment.Payload))) return false;
        flow.Follow(frame, segment, null);
        // Both directions begin with what is no handshake's, as far as segments before the first may have come late; or one is long.
        if (bytes + segment.Length > _options.Readers.MaxMidstreamBytes
            || (flow is { Low.SeenTo: > 0, High.SeenTo: > 0 } && segments >= _options.Connections.StartSegments))
        {
            flow.Settle();
            _aside.Drop(ref flow.Aside);
        }
        else if (!_aside.TryAdd(ref flow.Aside, frame, segment))
        {
            flow.Settle();
            _leftAlone++;
        }
        return true;
    }

    /// <summary>Follows what was set aside of a connection as if it came only now.</summary>
    private void FollowAgain(int place)
    {
        ref var flow = ref _connections[place];
        var segments = _aside.Take(ref flow.Aside);
        var (first, twin) = (flow.FirstTime, flow.Twin);
        flow = new Connection { Key = flow.Key, IsOpen = true, FirstTime = first, LastTime = first, Icmp = flow.Icmp, Twin = twin };
        Begin(_connections.Watch(place));
        while (SegmentsAside.TryNext(ref segments, flow.Key, out var frame, out var segment)) Follow(place, frame, segment);
    }
}
