using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Packets;

/// <summary>The parser that every frame goes to first, and the one that takes what the first does not know.</summary>
/// <param name="first">The fast one.</param>
/// <param name="general">Null when there is no other.</param>
internal readonly struct FrameParsers(IFrameParser first, IFrameParser? general)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal FrameKind Parse(in Frame frame, out TcpSegment segment, out IcmpCode icmp)
    {
        var kind = first.Parse(frame, out segment, out icmp);
        return kind == FrameKind.Unsupported && !segment.Unopened.IsSet && general != null ? general.Parse(frame, out segment, out icmp)
            : kind;
    }
}
