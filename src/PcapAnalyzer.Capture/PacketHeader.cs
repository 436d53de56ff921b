using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>libpcap's <c>struct pcap_pkthdr</c> on 64-bit Unix.</summary>
/// <remarks>The fraction has 64 bits on Linux. On macOS it has 32 bits, followed by padding.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal readonly struct PacketHeader
{
    [FieldOffset(0)] private readonly long _seconds;
    [FieldOffset(8)] private readonly long _fraction;
    [FieldOffset(16)] private readonly uint _captured;
    [FieldOffset(20)] private readonly uint _original;

    /// <summary>For libpcap's filters, which do not read the time.</summary>
    internal PacketHeader(int captured, int original) => (_captured, _original) = ((uint)captured, (uint)original);

    internal int Captured => (int)_captured;

    /// <summary>Length on the wire.</summary>
    internal int Original => (int)Math.Min(_original, int.MaxValue);

    /// <summary>Nanoseconds since 1970.</summary>
    /// <param name="unit">Nanoseconds in one unit of the fraction.</param>
    internal long Time(int unit) => _seconds * 1_000_000_000 + (OperatingSystem.IsMacOS() ? (int)_fraction : _fraction) * unit;
}
