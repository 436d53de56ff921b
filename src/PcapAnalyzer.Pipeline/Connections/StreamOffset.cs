using System.Runtime.CompilerServices;

namespace PcapAnalyzer.Pipeline.Connections;

/// <summary>Turns 32-bit sequence numbers into 64-bit stream offsets. No other code knows that they wrap (RFC 9293, 3.4).</summary>
public static class StreamOffset
{
    /// <summary>The offset nearest to <paramref name="near"/> that <paramref name="sequence"/> can mean.</summary>
    /// <param name="sequence">The sequence number on the wire.</param>
    /// <param name="origin">The sequence number of offset 0.</param>
    /// <param name="near">An offset within 2^31 bytes of the answer.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Of(uint sequence, uint origin, long near) =>
        near + (int)unchecked(sequence - origin - (uint)near);
}
