using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Sequence numbers become 64-bit stream offsets here, and nowhere else is their wrap known (RFC 9293, 3.4).</summary>
public static class StreamOffset
{
    /// <summary>The offset nearest to <paramref name="near"/> that <paramref name="sequence"/> can stand for.</summary>
    /// <param name="sequence">The sequence number on the wire.</param>
    /// <param name="origin">The sequence number of offset 0.</param>
    /// <param name="near">An offset within 2^31 bytes of the answer.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Of(uint sequence, uint origin, long near) =>
        near + (int)unchecked(sequence - origin - (uint)near);
}
