using System.Runtime.InteropServices;

namespace PcapAnalyzer.Capture;

/// <summary>Adds what SharpPcap lacks: a wait for several interfaces, libpcap's counters, and a faster <c>pcap_next_ex</c>.</summary>
/// <remarks>
/// SharpPcap 6.3.1 reads the three 32-bit counters of <c>struct pcap_stat</c> as 64-bit ones. Its DroppedPackets therefore hold
/// the interface's drops, and the kernel's drops are not available.
/// </remarks>
internal static unsafe partial class Libpcap
{
    private const short Readable = 1;

    private static readonly delegate* unmanaged[Cdecl]<nint, Counters*,
        int> Stats = (delegate* unmanaged[Cdecl]<nint, Counters*, int>)NativeLibrary.GetExport(Load(), "pcap_stats");

    private static readonly delegate* unmanaged[Cdecl]<nint, nint*, nint*,
        int> NextEx = (delegate* unmanaged[Cdecl]<nint, nint*, nint*, int>)NativeLibrary.GetExport(Load(), "pcap_next_ex");

    /// <summary>
    /// <c>struct pcap_stat</c>: packets that passed the filter, packets of these that were dropped because the kernel's buffer
    /// was full, and packets dropped by the interface. The counters wrap.
    /// </summary>
    internal readonly record struct Counters(uint Received, uint DroppedByKernel, uint DroppedByInterface);

    /// <summary>The counters since the device was opened; null when libpcap cannot read them.</summary>
    internal static Counters? CountersOf(SafeHandle device)
    {
        var counters = default(Counters);
        return Stats(device.DangerousGetHandle(), &counters) == 0 ? counters : null;
    }

    /// <summary>Like SharpPcap's GetNextPacketPointers, but without adding a reference to the handle for each packet.</summary>
    internal static int Next(SafeHandle device, out nint header, out nint data)
    {
        nint headerAt = 0, dataAt = 0;
        var status = NextEx(device.DangerousGetHandle(), &headerAt, &dataAt);
        (header, data) = (headerAt, dataAt);
        return status;
    }

    /// <summary>Waits until a descriptor has packets or an error, or the timeout expires.</summary>
    internal static void Wait(ReadOnlySpan<int> descriptors, int milliseconds)
    {
        var polled = stackalloc PollDescriptor[descriptors.Length];
        for (var i = 0; i < descriptors.Length; i++) polled[i] = new PollDescriptor(descriptors[i], Readable, 0);
        _ = Poll(polled, (nuint)descriptors.Length, milliseconds); // the result does not matter: the caller checks every device next
    }

    /// <summary>True for the exceptions that SharpPcap throws when the dynamic loader does not find libpcap.</summary>
    internal static bool IsMissing(Exception problem) =>
        problem is DllNotFoundException or PlatformNotSupportedException or TypeInitializationException;

    /// <param name="who">The feature that needs libpcap.</param>
    internal static CaptureException Missing(string who) =>
        new($"{who} needs libpcap, which is missing; install it: apt-get install libpcap0.8");

    /// <summary>Loads the library that SharpPcap loaded: tries the same names in the same order.</summary>
    private static nint Load()
    {
        foreach (var name in (string[])["libpcap.so", "libpcap.so.0", "libpcap.so.0.8", "libpcap.so.1", "libpcap.dylib"])
            if (NativeLibrary.TryLoad(name, out var library)) return library;
        throw new DllNotFoundException("libpcap");
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    private readonly record struct PollDescriptor(int Descriptor, short Events, short Happened);
}
